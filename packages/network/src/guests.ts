import type { Duplex } from 'node:stream'
import type { ListenOptions, OnConnection } from './transport.ts'

const CONNECTIONS_MAX = 256

/** Checks what a listener is given. Throws a TypeError. */
export function checkedListening(
  onConnection: OnConnection,
  { connectionsMax = CONNECTIONS_MAX }: ListenOptions = {},
): { readonly connectionsMax: number } {
  if (typeof onConnection !== 'function') throw new TypeError('onConnection is a function')
  if (!Number.isInteger(connectionsMax) || connectionsMax < 1) {
    throw new TypeError('connectionsMax is a whole number from 1 up')
  }
  return { connectionsMax }
}

/** The connections that came by themselves, at a listener or from a swarm, and are open. */
export class Guests<C extends Duplex = Duplex> {
  readonly #onConnection: (connection: C) => void | Promise<void>
  readonly #open = new Set<C>()

  constructor(onConnection: (connection: C) => void | Promise<void>) {
    this.#onConnection = onConnection
  }

  get count(): number {
    return this.#open.size
  }

  /** Hands a connection on; if whoever takes it throws or rejects, it is destroyed with the error. */
  take(connection: C): void {
    this.#open.add(connection)
    // An error without a listener ends the process. Whoever has the connection hears of it too.
    connection.on('error', () => undefined)
    connection.on('close', () => this.#open.delete(connection))
    const refuse = (error: unknown) => {
      connection.destroy(error instanceof Error ? error : new Error(String(error)))
    }
    try {
      Promise.resolve(this.#onConnection(connection)).catch(refuse)
    } catch (error) {
      refuse(error)
    }
  }

  destroyAll(): void {
    for (const connection of this.#open) connection.destroy()
  }
}
