import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type FaultyLink, type FaultyLinkOptions, faultyLink } from './faulty-link.ts'
import { Random } from './random.ts'

export interface FaultyProxyOptions extends FaultyLinkOptions {
  /** After so many cuts the remaining connections are left alone. Default: every one is cut. */
  readonly cutsMax?: number
}

/** A server on the loopback that passes connections on to another, with faults. */
export interface FaultyProxy extends AsyncDisposable {
  readonly host: '127.0.0.1'
  readonly port: number
  /** Connections so far. */
  readonly connections: number
  /** Of which were cut. */
  readonly cuts: number
  /** Bytes that crossed all of them, both ways. */
  readonly bytes: number
  /** Cuts the connections that are open now. */
  cutAll(): void
}

/**
 * Puts a {@link faultyLink} between real TCP sockets: connect to the proxy instead of the target.
 * Each connection draws its own random cut.
 */
export async function faultyProxy(
  target: { readonly host?: string; readonly port: number },
  options: FaultyProxyOptions = {},
): Promise<FaultyProxy> {
  const server = createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return new LoopbackProxy(server, target, options)
}

class LoopbackProxy implements FaultyProxy {
  readonly host = '127.0.0.1'
  readonly port: number
  connections = 0
  readonly #server: Server
  readonly #target: { readonly host?: string; readonly port: number }
  readonly #options: FaultyProxyOptions
  readonly #random: Random
  readonly #links: FaultyLink[] = []
  readonly #sockets = new Set<Socket>()

  constructor(
    server: Server,
    target: { host?: string; port: number },
    options: FaultyProxyOptions,
  ) {
    this.#server = server
    this.#target = target
    this.#options = options
    this.#random = new Random(options.seed ?? 1)
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => this.#onConnection(socket))
  }

  get cuts(): number {
    return this.#links.filter(({ isCut }) => isCut).length
  }

  get bytes(): number {
    return this.#links.reduce((sum, { traffic }) => sum + traffic.bytes, 0)
  }

  cutAll(): void {
    for (const link of this.#links) {
      if (!link.a.destroyed && !link.b.destroyed) link.cut()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    if (this.#server.listening) await once(this.#server, 'close')
  }

  #onConnection(socket: Socket): void {
    this.connections++
    const {
      cutsMax = Number.POSITIVE_INFINITY,
      cutAtRandom,
      cutAfterBytes,
      ...rest
    } = this.#options
    const cut = {
      ...(cutAtRandom === undefined ? {} : { cutAtRandom }),
      ...(cutAfterBytes === undefined ? {} : { cutAfterBytes }),
    }
    const seed = this.#random.next32()
    const link = faultyLink({ ...rest, seed, ...(this.cuts < cutsMax ? cut : {}) })
    this.#links.push(link)
    const upstream = connect({
      host: this.#target.host ?? '127.0.0.1',
      port: this.#target.port,
      allowHalfOpen: true,
    })
    this.#join(socket, link.a)
    this.#join(upstream, link.b)
  }

  #join(socket: Socket, end: Duplex): void {
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.pipe(end)
    end.pipe(socket)
    // What went wrong on one side closes the other; the errors are the faults this is here for.
    let reset = false
    end.on('error', () => {
      reset = true
    })
    end.on('close', () => (reset ? socket.resetAndDestroy() : socket.destroySoon()))
    socket.on('error', (error) => end.destroy(error))
    socket.on('close', () => {
      this.#sockets.delete(socket)
      end.destroy()
    })
  }
}
