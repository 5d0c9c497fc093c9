import net from 'node:net'
import { formatAddress, type PathAddress, type TcpAddress } from './address.ts'
import { checkedListening, Guests } from './guests.ts'
import { networkError } from './network-errors.ts'
import { dialableHost } from './dialable-host.ts'
import { tuneSocket } from './socket-tuning.ts'
import { listenError } from './system-errors.ts'
import type { ListenOptions, Listener, OnConnection } from './transport.ts'

/** Listens with node:net, at a TCP address or a path. */
export class SocketListener<A extends TcpAddress | PathAddress> implements Listener<A> {
  readonly #server: net.Server
  readonly #guests: Guests
  readonly #requested: A
  #dialable: A
  #refusedCount = 0
  #closing: Promise<void> | undefined

  private constructor(requested: A, onConnection: OnConnection, connectionsMax: number) {
    this.#requested = requested
    this.#dialable = requested
    this.#guests = new Guests(onConnection)
    this.#server = net.createServer((socket) => {
      tuneSocket(socket)
      this.#guests.take(socket)
    })
    this.#server.maxConnections = connectionsMax
    this.#server.on('drop', () => {
      this.#refusedCount++
    })
  }

  /** Resolves when others can dial `address`. Rejects with the codes of the README's table. */
  static async listen<A extends TcpAddress | PathAddress>(
    address: A,
    onConnection: OnConnection,
    options?: ListenOptions,
  ): Promise<SocketListener<A>> {
    const { connectionsMax } = checkedListening(onConnection, options)
    const listener = new SocketListener(address, onConnection, connectionsMax)
    await listener.#start()
    return listener
  }

  get connectionCount(): number {
    return this.#guests.count
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
      this.#guests.destroyAll()
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
}

function dialableAddress<A extends TcpAddress | PathAddress>(
  requested: A,
  bound: net.AddressInfo | string | null,
): A {
  if (bound === null || typeof bound === 'string') return requested
  const { address, port } = bound
  return { host: dialableHost(address), port } as TcpAddress as A
}
