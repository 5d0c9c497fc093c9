import type { Call } from './call.ts'
import type { CommandFlag } from './command-flag.ts'
import type { Reply } from './reply.ts'
import { syntaxError } from './redis-error.ts'

/** Which arguments are keys: from the first to the last (negative: from the end), by steps. 0: none. */
export type KeyPlaces = readonly [first: number, last: number, step: number]

/** One command: the single source for the server, COMMAND, the JavaScript API and the documentation. */
export interface Command {
  /** As Redis names it, in lower case. */
  readonly name: string
  /** Arguments, the name included; negative: at least so many. */
  readonly arity: number
  readonly flags: readonly CommandFlag[]
  /** Places of keys among the arguments, the name at 0. */
  readonly keys: KeyPlaces
  /** Keys of commands that say how many there are. */
  readonly keysOf?: ((args: readonly Uint8Array[]) => readonly Uint8Array[]) | undefined
  /** Carries it out; `args` without the name. Throws Redis' errors. */
  readonly run: (call: Call, args: readonly Uint8Array[]) => Reply
  /** Its subcommands, by name, where it has some; their arity counts both names. */
  readonly subcommands?: ReadonlyMap<string, Command> | undefined
}

const NO_KEYS: KeyPlaces = [0, 0, 0]
const ONE_KEY: KeyPlaces = [1, 1, 1]

type Run = Command['run']
type Extra = Partial<Pick<Command, 'keys' | 'keysOf' | 'subcommands'>> & {
  readonly flags?: readonly CommandFlag[]
}

/** A command that only reads. One key unless `keys` says otherwise. */
export function reads(name: string, arity: number, run: Run, extra: Extra = {}): Command {
  const { flags = [], keys = ONE_KEY, ...rest } = extra
  return { name, arity, flags: ['readonly', ...flags], keys, run, ...rest }
}

/** A command that writes. One key unless `keys` says otherwise. */
export function writes(name: string, arity: number, run: Run, extra: Extra = {}): Command {
  const { flags = [], keys = ONE_KEY, ...rest } = extra
  return { name, arity, flags: ['write', 'denyoom', ...flags], keys, run, ...rest }
}

/** A command that is about no key. */
export function plain(name: string, arity: number, run: Run, extra: Extra = {}): Command {
  const { flags = [], keys = NO_KEYS, ...rest } = extra
  return { name, arity, flags, keys, run, ...rest }
}

/** Keys of a command whose argument at `at` (without the name) says how many follow it. */
export function countedKeys(at: number, before: readonly number[] = []): Command['keysOf'] {
  return (args) => {
    const count = Number(Buffer.from(args[at] ?? []).toString('latin1'))
    if (!Number.isInteger(count) || count < 1 || at + count >= args.length) throw syntaxError()
    return [...before.map((i) => args[i] as Uint8Array), ...args.slice(at + 1, at + 1 + count)]
  }
}

/** The keys among the arguments (without the name) of a command. */
export function keysOfCommand(
  command: Command,
  args: readonly Uint8Array[],
): readonly Uint8Array[] {
  if (command.keysOf !== undefined) return command.keysOf(args)
  const [first, last, step] = command.keys
  if (first === 0) return []
  const end = last < 0 ? args.length + 1 + last : last
  const keys: Uint8Array[] = []
  for (let i = first; i <= end; i += step) {
    const key = args[i - 1]
    if (key !== undefined) keys.push(key)
  }
  return keys
}
