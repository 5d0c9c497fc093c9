import { type Command, OK, plain, redisError, type Reply } from '@datagram/kv-interface/redis'
import type { ServerState } from './server-state.ts'

const ADMIN = { flags: ['admin', 'noscript', 'loading', 'stale'] } as const
const GET_DEFAULT = 10

function countOf(bytes: Uint8Array | undefined): number {
  if (bytes === undefined) return GET_DEFAULT
  const count = Number(Buffer.from(bytes).toString())
  if (!Number.isInteger(count) || count < -1) {
    throw redisError('ERR count should be greater than or equal to -1')
  }
  return count
}

/** MONITOR and SLOWLOG. */
export function monitoringCommands(state: ServerState): readonly Command[] {
  const monitor: Command['run'] = ({ session }) => {
    state.monitors.add(state.clientOf(session))
    return OK
  }
  const subcommand = (name: string, arity: number, run: (args: readonly Uint8Array[]) => Reply) =>
    [name, plain(`slowlog|${name}`, arity, (_call, args) => run(args), ADMIN)] as const
  const subcommands = new Map([
    subcommand('get', -2, ([count]) => state.slowLog.entries(countOf(count))),
    subcommand('len', 2, () => state.slowLog.length),
    subcommand('reset', 2, () => {
      state.slowLog.clear()
      return OK
    }),
  ])
  return [
    plain('monitor', 1, monitor, { flags: ['admin', 'noscript', 'loading', 'stale'] }),
    plain('slowlog', -2, () => null, { subcommands }),
  ]
}
