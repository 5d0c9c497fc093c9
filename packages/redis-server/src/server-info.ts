import type { Call } from '@datagram/kv-interface/redis'
import type { ServerState } from './server-state.ts'

const MIB = 2 ** 20
const DATABASES = 16

type Lines = readonly (readonly [name: string, value: string | number])[]
type Section = (state: ServerState, call: Call) => Lines

const uptime = (state: ServerState) => Math.floor((Date.now() - state.startedAt) / 1000)

const sections: Readonly<Record<string, Section>> = {
  Server: (state) => [
    ['redis_version', '7.0.15'],
    ['redis_mode', 'standalone'],
    ['os', `${process.platform} ${process.arch}`],
    ['arch_bits', 64],
    ['process_id', process.pid],
    ['tcp_port', state.port],
    ['uptime_in_seconds', uptime(state)],
    ['uptime_in_days', Math.floor(uptime(state) / 86_400)],
  ],
  Clients: (state, { engine }) => [
    ['connected_clients', state.clients.size],
    ['maxclients', state.settings.get('maxclients')],
    ['blocked_clients', engine.blocked.size + state.dispatcher.held],
  ],
  Memory: () => {
    const { heapUsed, rss } = process.memoryUsage()
    return [
      ['used_memory', heapUsed],
      ['used_memory_human', `${(heapUsed / MIB).toFixed(2)}M`],
      ['used_memory_rss', rss],
      ['maxmemory', 0],
      ['maxmemory_policy', 'noeviction'],
    ]
  },
  Persistence: (_state, { engine }) => [
    ['loading', 0],
    ['rdb_changes_since_last_save', engine.stats.changes],
    ['rdb_bgsave_in_progress', 0],
    ['aof_enabled', 1],
    ['aof_rewrite_in_progress', 0],
  ],
  Stats: (state, { engine }) => [
    ['total_connections_received', state.connections],
    ['total_commands_processed', engine.stats.commands],
    ['expired_keys', engine.stats.expired],
    ['evicted_keys', 0],
    ['keyspace_hits', engine.stats.hits],
    ['keyspace_misses', engine.stats.misses],
    ['pubsub_channels', engine.pubsub.names('channels').length],
    ['pubsub_patterns', engine.pubsub.names('patterns').length],
  ],
  Replication: (_state, { engine }) => [
    ['role', engine.isWritable ? 'master' : 'slave'],
    ['connected_slaves', 0],
  ],
  CPU: () => {
    const { user, system } = process.cpuUsage()
    return [
      ['used_cpu_sys', (system / 1e6).toFixed(6)],
      ['used_cpu_user', (user / 1e6).toFixed(6)],
    ]
  },
  Cluster: () => [['cluster_enabled', 0]],
  Keyspace: (_state, { keyspace }) => {
    const lines: [string, string][] = []
    for (let db = 0; db < DATABASES; db++) {
      const { keys, expires } = keyspace.databases.get(db)
      if (keys > 0) lines.push([`db${db}`, `keys=${keys},expires=${expires},avg_ttl=0`])
    }
    return lines
  },
}

const EVERYTHING = new Set(['all', 'everything', 'default'])

/** What INFO answers, for sections by name; all of them for none. */
export function serverInfo(state: ServerState, call: Call, names: readonly string[]): string {
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  const isAll = wanted.size === 0 || [...wanted].some((name) => EVERYTHING.has(name))
  const shown = Object.entries(sections).filter(([name]) => isAll || wanted.has(name.toLowerCase()))
  return shown
    .map(([name, section]) => {
      const lines = section(state, call).map(([key, value]) => `${key}:${value}\r\n`)
      return `# ${name}\r\n${lines.join('')}`
    })
    .join('\r\n')
}
