import net from 'node:net'
import { type Address, formatAddress } from './address.ts'
import { networkError } from './network-errors.ts'
import { tuneSocket } from './socket-tuning.ts'
import { listenError } from './system-errors.ts'
import type { ListenOptions, Listener, OnConnection } from './transport.ts'

const CONNECTIONS_MAX = 256

/** Listens with node:net, at a TCP address or a path. */
export class SocketListener<A extends Address> implements Listener<A> {
  readonly #server: net.Server
  readonly #sockets = new Set<net.Socket>()
  readonly #requested: A
  #dialable: A
  #refusedCount = 0
  #closing: Promise<void> | undefined

  private constructor(requested: A, onConnection: OnConnection, connectionsMax: number) {
    this.#requested = requested
    this.#dialable = requested
    this.#server = net.createServer((socket) => {
      this.#take(socket, onConnection)
    })
    this.#server.maxConnections = connectionsMax
    this.#server.on('drop', () => {
      this.#refusedCount++
    })
  }

  /** Resolves when others can dial `address`. Rejects with the codes of the README's table. */
  static async listen<A extends Address>(
    address: A,
    onConnection: OnConnection,
    { connectionsMax = CONNECTIONS_MAX }: ListenOptions = {},
  ): Promise<SocketListener<A>> {
    if (typeof onConnection !== 'function') throw new TypeError('onConnection is a function')
    if (!Number.isInteger(connectionsMax) || connectionsMax < 1) {
      throw new TypeError('connectionsMax is a whole number from 1 up')
    }
    const listener = new SocketListener(address, onConnection, connectionsMax)
    await listener.#start()
    return listener
  }

  get connectionCount(): number {
    return this.#sockets.size
  }

  get refusedCount(): number {
    return this.#refusedCount
  }

  address(): A {
    if (this.#closing === undefined) return this.#dialable
    throw networkError(
      'LISTENER_CLOSED',
      `the listener at ${formatAddress(this.#dialable)} is closed; listen again`,
    )
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      // The only error of a close is that it was not open, and that is what is wanted.
      this.#server.close(() => resolve())
      for (const socket of this.#sockets) socket.destroy()
    })
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause) => reject(listenError(this.#requested, cause)))
      this.#server.listen({ ...this.#requested }, () => {
        this.#server.removeAllListeners('error')
        // Later ones are failures to take one connection (no descriptor left, mostly): it is lost to
        // whoever dialled, and the listener goes on.
        this.#server.on('error', () => {
          this.#refusedCount++
        })
        this.#dialable = dialableAddress(this.#requested, this.#server.address())
        resolve()
      })
    })
  }

  #take(socket: net.Socket, onConnection: OnConnection): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    tuneSocket(socket)
    const refuse = (error: unknown) => {
      socket.destroy(error instanceof Error ? error : new Error(String(error)))
    }
    try {
      Promise.resolve(onConnection(socket)).catch(refuse)
    } catch (error) {
      refuse(error)
    }
  }
}

// "All addresses" is nothing that can be dialled; this machine's loopback is one of them.
const loopbacks: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

function dialableAddress<A extends Address>(
  requested: A,
  bound: net.AddressInfo | string | null,
): A {
  if (bound === null || typeof bound === 'string') return requested
  const { address, port } = bound
  return { host: loopbacks[address] ?? address, port } as Address as A
}
