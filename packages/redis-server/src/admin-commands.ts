import {
  type Command,
  OK,
  plain,
  redisError,
  type Reply,
  Status,
} from '@datagram/kv-interface/redis'
import type { ServerState } from './server-state.ts'

type Args = readonly Uint8Array[]

const ADMIN = { flags: ['admin', 'noscript', 'loading', 'stale'] } as const
const ALONE = { flags: [...ADMIN.flags, 'unqueued'] } as const
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('latin1')

function configGet(state: ServerState, patterns: Args): Reply {
  return new Map<string, Reply>(patterns.flatMap((pattern) => state.settings.matching(pattern)))
}

function configSet(state: ServerState, args: Args): Reply {
  if (args.length % 2 !== 0)
    throw redisError("ERR wrong number of arguments for 'config|set' command")
  for (let i = 0; i < args.length; i += 2) state.settings.set(text(args[i]), text(args[i + 1]))
  return OK
}

function configCommand(state: ServerState): Command {
  const subcommand = (name: string, arity: number, run: (args: Args) => Reply) =>
    [name, plain(`config|${name}`, arity, (_call, args) => run(args), ADMIN)] as const
  const subcommands = new Map([
    subcommand('get', -3, (args) => configGet(state, args)),
    subcommand('set', -4, (args) => configSet(state, args)),
    subcommand('resetstat', 2, () => {
      const { stats } = state.dispatcher.engine
      Object.assign(stats, { commands: 0, hits: 0, misses: 0, expired: 0 })
      return OK
    }),
    subcommand('rewrite', 2, () => {
      throw redisError('ERR The server is running without a config file')
    }),
  ])
  return plain('config', -2, () => null, { subcommands })
}

// Nothing is kept beside the data, so there is nothing to empty; clients call these between tests.
function flushOnly(name: string, lists: readonly string[]): Command {
  const subcommands = new Map([
    ['flush', plain(`${name}|flush`, -2, () => OK, ADMIN)] as const,
    ...lists.map((list) => [list, plain(`${name}|${list}`, -2, () => [], ADMIN)] as const),
  ])
  return plain(name, -2, () => null, { subcommands })
}

/** CONFIG, and what a Redis server offers its administrator. */
export function adminCommands(state: ServerState): readonly Command[] {
  const saved = () => Math.floor(Date.now() / 1000)
  return [
    configCommand(state),
    flushOnly('function', ['list']),
    flushOnly('script', []),
    plain('save', 1, () => OK, ALONE),
    plain('bgsave', -1, () => new Status('Background saving started'), ADMIN),
    plain(
      'bgrewriteaof',
      1,
      () => new Status('Background append only file rewriting started'),
      ADMIN,
    ),
    plain('lastsave', 1, saved, { flags: ['fast', 'loading', 'stale'] }),
    plain('wait', 3, () => 0, { flags: ['noscript'] }),
    plain(
      'shutdown',
      -1,
      () => {
        throw redisError(
          'ERR Errors trying to SHUTDOWN. The program that serves this data ends it.',
        )
      },
      ALONE,
    ),
    plain(
      'replicaof',
      3,
      () => {
        throw redisError('ERR REPLICAOF is not supported: a replica is cloned from a link')
      },
      ADMIN,
    ),
    plain(
      'cluster',
      -2,
      () => {
        throw redisError('ERR This instance has cluster support disabled')
      },
      ADMIN,
    ),
  ]
}
