import { createHash, timingSafeEqual } from 'node:crypto'
import {
  type Command,
  type Dispatcher,
  redisError,
  type RedisStore,
  type Session,
} from '@datagram/kv-interface/redis'
import type { Client, ClientHost } from './client.ts'
import { Pause } from './pause.ts'
import type { RequestLimits } from './request-parser.ts'
import { countSetting, Settings } from './setting.ts'
import { SlowLog } from './slow-log.ts'

const GIB = 1024 ** 3
// Commands that a client may give before its password.
const OPEN = new Set(['auth', 'hello', 'quit', 'reset'])

/** What the server's own commands see and change. */
export class ServerState {
  readonly startedAt = Date.now()
  readonly clients = new Set<Client>()
  /** Clients that are sent every command of every client. */
  readonly monitors = new Set<Client>()
  readonly settings = new Settings()
  readonly slowLog = new SlowLog()
  readonly limits: RequestLimits = {
    bulkBytesMax: GIB / 2,
    requestBytesMax: GIB,
    argumentsMax: 1024 * 1024,
  }
  readonly pause = new Pause(() => this.dispatcher.release())
  readonly redis: RedisStore
  port = 0
  /** Connections so far. */
  connections = 0
  #dispatcher: Dispatcher | undefined
  #password: Buffer | undefined

  constructor(redis: RedisStore, password: string | undefined) {
    this.redis = redis
    const { settings } = this
    settings.on('requirepass', (value) => {
      this.#password = value === '' ? undefined : digest(value)
      return value
    })
    settings.set('requirepass', password ?? '')
    settings.on('notify-keyspace-events', (value) => {
      this.dispatcher.engine.notifications.setting = value
      return this.dispatcher.engine.notifications.setting
    })
    settings.on('proto-max-bulk-len', (value) => {
      this.limits.bulkBytesMax = countSetting(value)
      return String(this.limits.bulkBytesMax)
    })
    for (const name of ['maxclients', 'maxmemory', 'timeout']) {
      settings.on(name, (value) => String(countSetting(value)))
    }
    settings.on('slowlog-log-slower-than', (value) => this.slowLog.setThreshold(value))
    settings.on('slowlog-max-len', (value) => this.slowLog.setLength(value))
  }

  use(dispatcher: Dispatcher): void {
    this.#dispatcher = dispatcher
    dispatcher.holds = (session, command) => this.pause.holds(session, command)
    dispatcher.onCommand = (session, command, args) => this.#before(session, command, args)
  }

  get dispatcher(): Dispatcher {
    if (this.#dispatcher === undefined) throw new TypeError('the server has no dispatcher yet')
    return this.#dispatcher
  }

  get clientHost(): ClientHost {
    return {
      dispatcher: this.dispatcher,
      limits: this.limits,
      needsPassword: () => this.needsPassword,
      gone: (client) => {
        this.clients.delete(client)
        this.monitors.delete(client)
      },
    }
  }

  get needsPassword(): boolean {
    return this.#password !== undefined
  }

  /** Whether it is the password. The time that it takes tells nothing about it. */
  isPassword(value: Uint8Array): boolean {
    return this.#password !== undefined && timingSafeEqual(digest(value), this.#password)
  }

  refusal(client: Client, name: string, _args: readonly Uint8Array[]): Error | undefined {
    client.lastCommand = name
    if (client.isAuthenticated || OPEN.has(name)) return undefined
    return redisError('NOAUTH Authentication required.')
  }

  /** The client that a session belongs to. */
  clientOf(session: Session): Client {
    return session.owner as Client
  }

  close(): void {
    this.pause.end()
    this.clients.clear()
    this.monitors.clear()
  }

  #before(
    session: Session,
    command: Command,
    args: readonly Uint8Array[],
  ): (() => void) | undefined {
    if (this.monitors.size > 0 && !command.flags.includes('admin')) {
      for (const client of this.monitors) this.#monitor(client, session, command, args)
    }
    return this.slowLog.measure(this.clientOf(session), command, args)
  }

  #monitor(to: Client, session: Session, command: Command, args: readonly Uint8Array[]): void {
    const now = Date.now()
    const words = [...command.name.split('|'), ...(command.name === 'auth' ? [] : args)]
    const shown = words.map((word) => JSON.stringify(Buffer.from(word).toString('latin1')))
    const { socket } = this.clientOf(session)
    const time = `${Math.floor(now / 1000)}.${String(now % 1000).padStart(3, '0')}000`
    to.line(
      `${time} [${session.db} ${socket.remoteAddress}:${socket.remotePort}] ${shown.join(' ')}`,
    )
  }
}

function digest(value: string | Uint8Array): Buffer {
  return createHash('sha256').update(value).digest()
}
