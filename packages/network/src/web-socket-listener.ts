import type { AddressInfo } from 'node:net'
import type { WebSocket, WebSocketServer } from 'ws'
import type { WebSocketAddress } from './address.ts'
import { dialableHost } from './dialable-host.ts'
import { checkedListening, Guests } from './guests.ts'
import { networkError } from './network-errors.ts'
import { listenError } from './system-errors.ts'
import type { Listener, ListenOptions, OnConnection } from './transport.ts'
import { webSocketDuplex, webSocketOptions } from './web-socket-duplex.ts'

// "Try again later", in the numbers of RFC 6455.
const CLOSE_TRY_LATER = 1013

/** Listens for WebSockets, at a URL of this machine. */
export class WebSocketListener implements Listener<WebSocketAddress> {
  readonly #server: WebSocketServer
  readonly #guests: Guests
  readonly #url: string
  #refusedCount = 0
  #closing: Promise<void> | undefined

  private constructor(server: WebSocketServer, url: string, guests: Guests) {
    this.#server = server
    this.#url = url
    this.#guests = guests
  }

  /** Resolves when others can dial the address. Rejects with the codes of the README's table. */
  static async listen(
    address: WebSocketAddress,
    onConnection: OnConnection,
    options?: ListenOptions,
  ): Promise<WebSocketListener> {
    const { connectionsMax } = checkedListening(onConnection, options)
    const { WebSocketServer } = await import('ws')
    const url = new URL(address.url)
    const host = url.hostname.replace(/^\[|\]$/g, '')
    // Where the URL names no port it means that of the web.
    const port = Number(url.port || 80)
    const path = url.pathname === '/' ? {} : { path: url.pathname }
    const server = new WebSocketServer({ ...webSocketOptions, host, port, ...path })
    await new Promise<void>((resolve, reject) => {
      server.once('listening', resolve)
      server.once('error', (cause) => reject(listenError(address, cause)))
    })
    const bound = server.address() as AddressInfo
    const name = dialableHost(host)
    url.host = `${name.includes(':') ? `[${name}]` : name}:${bound.port}`
    const listener = new WebSocketListener(server, url.href, new Guests(onConnection))
    server.on('connection', (socket) => listener.#take(socket, connectionsMax))
    // Failures to take one connection: it is lost to whoever dialled, and the listener goes on.
    server.on('error', () => listener.#refusedCount++)
    return listener
  }

  get connectionCount(): number {
    return this.#guests.count
  }

  get refusedCount(): number {
    return this.#refusedCount
  }

  address(): WebSocketAddress {
    if (this.#closing === undefined) return { url: this.#url }
    throw networkError('LISTENER_CLOSED', `the listener at ${this.#url} is closed; listen again`)
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

  #take(socket: WebSocket, connectionsMax: number): void {
    if (this.#guests.count < connectionsMax) return this.#guests.take(webSocketDuplex(socket))
    this.#refusedCount++
    socket.on('error', () => undefined)
    socket.close(CLOSE_TRY_LATER)
  }
}
