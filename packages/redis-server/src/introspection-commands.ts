import {
  type Call,
  type Command,
  keysOfCommand,
  plain,
  redisError,
  type Reply,
  Status,
} from '@datagram/kv-interface/redis'
import type { ServerState } from './server-state.ts'
import { serverInfo } from './server-info.ts'

type Args = readonly Uint8Array[]

const STALE = { flags: ['loading', 'stale'] } as const
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString()
// Flags that are the engine's own, not Redis'.
const OWN_FLAGS = new Set(['transaction', 'subscribed', 'unqueued'])

/** A command as COMMAND INFO tells of it. */
function describe(command: Command): Reply {
  const { name, arity, flags, keys, subcommands } = command
  const shown = flags.filter((flag) => !OWN_FLAGS.has(flag)).map((flag) => new Status(flag))
  const subs = [...(subcommands?.values() ?? [])].map(describe)
  return [name, arity, shown, ...keys, [], [], [], subs]
}

function infoOf(state: ServerState, names: Args): Reply {
  const { table } = state.dispatcher
  if (names.length === 0) return [...table].map(describe)
  return names.map((name) => {
    const command = table.get(text(name))
    return command === undefined ? null : describe(command)
  })
}

function getKeys(state: ServerState, args: Args): Reply {
  const command = state.dispatcher.table.get(text(args[0]))
  if (command === undefined) throw redisError('ERR Invalid command specified')
  const { arity } = command
  if (arity > 0 ? args.length !== arity : args.length < -arity) {
    throw redisError('ERR Invalid number of arguments specified for command')
  }
  const keys = keysOfCommand(command, args.slice(1))
  if (keys.length === 0) throw redisError('ERR The command has no key arguments')
  return keys
}

function commandCommand(state: ServerState): Command {
  const subcommand = (name: string, arity: number, run: (args: Args) => Reply) =>
    [name, plain(`command|${name}`, arity, (_call, args) => run(args), STALE)] as const
  const subcommands = new Map([
    subcommand('count', 2, () => state.dispatcher.table.size),
    subcommand('info', -2, (names) => infoOf(state, names)),
    subcommand('list', -2, () => [...state.dispatcher.table].map(({ name }) => name)),
    subcommand('getkeys', -3, (args) => getKeys(state, args)),
    subcommand('docs', -2, () => new Map()),
  ])
  return plain('command', -1, () => infoOf(state, []), { ...STALE, subcommands })
}

function role(call: Call): Reply {
  return call.engine.isWritable ? ['master', 0, []] : ['slave', '', 0, 'connected', 0]
}

const info =
  (state: ServerState): Command['run'] =>
  (call, sections) =>
    serverInfo(state, call, sections.map(text))

/** COMMAND, INFO and what else tells of the server. */
export function introspectionCommands(state: ServerState): readonly Command[] {
  const doctor = new Map([
    ['usage', plain('memory|usage', -3, (call, [key]) => memoryUsage(call, key), STALE)] as const,
    ['doctor', plain('memory|doctor', 2, () => 'Sam, I have no memory problems', STALE)] as const,
  ])
  const latency = new Map([
    ['reset', plain('latency|reset', -2, () => 0, STALE)] as const,
    ['latest', plain('latency|latest', 2, () => [], STALE)] as const,
    ['history', plain('latency|history', 3, () => [], STALE)] as const,
  ])
  const acl = new Map([['whoami', plain('acl|whoami', 2, () => 'default', STALE)] as const])
  return [
    commandCommand(state),
    plain('info', -1, info(state), STALE),
    plain('role', 1, role, { flags: ['noscript', 'loading', 'stale', 'fast'] }),
    plain('memory', -2, () => null, { subcommands: doctor }),
    plain('latency', -2, () => null, { subcommands: latency }),
    plain('acl', -2, () => null, { subcommands: acl }),
  ]
}

// What the key and its own value take: elements are not looked at.
function memoryUsage(call: Call, key: Uint8Array | undefined): Reply {
  const meta = key === undefined ? undefined : call.find(key)
  if (meta === undefined || key === undefined) return null
  return key.length + meta.value.length + 64 + meta.count * 64
}
