import net from 'node:net'
import type { RedisStore } from '@datagram/kv-interface/redis'
import { adminCommands } from './admin-commands.ts'
import { Client } from './client.ts'
import { clientCommands } from './client-commands.ts'
import { introspectionCommands } from './introspection-commands.ts'
import { monitoringCommands } from './monitoring-commands.ts'
import { redisServerError } from './redis-server-errors.ts'
import { ServerState } from './server-state.ts'
import { countSetting } from './setting.ts'

/** What a store must offer: `@datagram/kv-interface` does. */
export interface RedisSource {
  readonly redis: RedisStore
}

/** Options of {@link serveRedis}. */
export interface RedisServerOptions {
  /** Default `127.0.0.1`: who reaches the port and has the password can do everything. */
  readonly host?: string | undefined
  /** Default 6379; 0: a free one. */
  readonly port?: number | undefined
  /** What AUTH asks for; default none. */
  readonly password?: string | undefined
  /**
   * How safe an answered write must be. `process` (the default) survives the death of the process;
   * `disk`, as Redis' `appendfsync always`, the loss of power: the store must be opened with it, as what a
   * store syncs is settled when it is opened.
   */
  readonly durability?: 'process' | 'disk' | undefined
}

/** A server that listens. */
export interface RedisServer {
  address(): { readonly host: string; readonly port: number }
  /** Ends all connections and stops listening; the store stays open. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Serves a key/value store's Redis data to whoever speaks RESP: redis-cli, ioredis, node-redis, ….
 *
 * Throws `REDIS_LISTEN_FAILED` when the address cannot be had, `REDIS_DURABILITY_WEAKER` when the store was
 * opened with less than `durability` asks for, and a TypeError for options that are none.
 */
export async function serveRedis(
  { redis }: RedisSource,
  { host = '127.0.0.1', port = 6379, password, durability = 'process' }: RedisServerOptions = {},
): Promise<RedisServer> {
  if (password !== undefined && (typeof password !== 'string' || password === '')) {
    throw new TypeError('password is a string of at least one character')
  }
  if (durability !== 'process' && durability !== 'disk') {
    throw new TypeError("durability is 'process' or 'disk'")
  }
  if (durability === 'disk' && redis.durability !== 'disk') {
    throw redisServerError(
      'REDIS_DURABILITY_WEAKER',
      "the store was opened with durability 'process', so the server cannot promise 'disk'; open the store with { durability: 'disk' }",
    )
  }
  const state = new ServerState(redis, password)
  state.use(
    redis.dispatcher([
      ...adminCommands(state),
      ...clientCommands(state),
      ...introspectionCommands(state),
      ...monitoringCommands(state),
    ]),
  )
  redis.follow()
  const server = net.createServer((socket) => accept(socket, state))
  await listening(server, host, port)
  const address = server.address() as net.AddressInfo
  state.settings.set('port', String(address.port))
  state.port = address.port
  return new ListeningServer(server, state, { host: address.address, port: address.port })
}

class ListeningServer implements RedisServer {
  readonly #server: net.Server
  readonly #state: ServerState
  readonly #address: { readonly host: string; readonly port: number }
  #closing: Promise<void> | undefined

  constructor(
    server: net.Server,
    state: ServerState,
    address: { readonly host: string; readonly port: number },
  ) {
    this.#server = server
    this.#state = state
    this.#address = address
  }

  address(): { readonly host: string; readonly port: number } {
    return this.#address
  }

  close(): Promise<void> {
    this.#closing ??= new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      for (const client of this.#state.clients) client.socket.destroy()
      this.#state.close()
    })
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function accept(socket: net.Socket, state: ServerState): void {
  if (state.clients.size >= countSetting(state.settings.get('maxclients'))) {
    socket.on('error', () => undefined)
    socket.end('-ERR max number of clients reached\r\n')
    return
  }
  const client = new Client(socket, state.clientHost)
  client.session.refuses = (name, args) => state.refusal(client, name, args)
  state.clients.add(client)
  state.connections++
}

function listening(server: net.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        redisServerError(
          'REDIS_LISTEN_FAILED',
          `cannot listen on ${host}:${port} (${(cause as NodeJS.ErrnoException).code}); choose another port, or 0 for a free one`,
          { cause, details: { host, port } },
        ),
      )
    })
    server.listen(port, host, () => resolve())
  })
}
