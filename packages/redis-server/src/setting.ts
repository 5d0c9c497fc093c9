import { globMatches, redisError } from '@datagram/kv-interface/redis'

const INT_MAX = 2 ** 31 - 1

/** What clients ask CONFIG GET for, with what this server has there. Others are kept as they are set. */
const DEFAULTS: Readonly<Record<string, string>> = {
  appendonly: 'yes',
  appendfsync: 'everysec',
  save: '',
  maxmemory: '0',
  'maxmemory-policy': 'noeviction',
  maxclients: '10000',
  timeout: '0',
  databases: '16',
  'proto-max-bulk-len': String(512 * 1024 * 1024),
  'client-query-buffer-limit': String(1024 * 1024 * 1024),
  'slowlog-log-slower-than': '10000',
  'slowlog-max-len': '128',
  'notify-keyspace-events': '',
  requirepass: '',
  'hash-max-listpack-entries': '512',
  'hash-max-listpack-value': '64',
  'hash-max-ziplist-entries': '512',
  'hash-max-ziplist-value': '64',
  'list-max-listpack-size': '-2',
  'list-max-ziplist-size': '-2',
  'list-compress-depth': '0',
  'set-max-intset-entries': '512',
  'zset-max-listpack-entries': '128',
  'zset-max-listpack-value': '64',
  'zset-max-ziplist-entries': '128',
  'zset-max-ziplist-value': '64',
  'lazyfree-lazy-user-del': 'no',
  'lua-time-limit': '5000',
  'latency-tracking': 'yes',
  port: '0',
  bind: '',
}

/** What happens when a setting is set: a throw refuses the value, a string is kept in its place. */
type SettingAction = (value: string) => string | undefined

/** Settings as CONFIG GET and SET see them. Those that mean something here are acted on when they are set. */
export class Settings {
  readonly #values = new Map(Object.entries(DEFAULTS))
  readonly #actions = new Map<string, SettingAction>()

  on(name: string, action: SettingAction): void {
    this.#actions.set(name, action)
  }

  get(name: string): string {
    return this.#values.get(name) ?? ''
  }

  set(name: string, value: string): void {
    const key = name.toLowerCase()
    let kept = value
    try {
      kept = this.#actions.get(key)?.(value) ?? value
    } catch (error) {
      const reason = (error as Error).message.replace(/^ERR /, '')
      throw redisError(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`)
    }
    this.#values.set(key, kept)
  }

  matching(pattern: Uint8Array): [string, string][] {
    const lower = Buffer.from(Buffer.from(pattern).toString('latin1').toLowerCase())
    return [...this.#values].filter(([name]) => globMatches(lower, Buffer.from(name)))
  }
}

/** A setting that is a number of bytes or a count. Throws for what is none. */
export function countSetting(value: string): number {
  const found = /^(\d+)(k|kb|m|mb|g|gb)?$/i.exec(value)
  if (found === null) throw new Error('argument must be a memory value')
  const unit = { k: 1000, kb: 1024, m: 1e6, mb: 2 ** 20, g: 1e9, gb: 2 ** 30 }
  const factor = unit[(found[2] ?? '').toLowerCase() as keyof typeof unit] ?? 1
  return Math.min(Number(found[1]) * factor, INT_MAX)
}
