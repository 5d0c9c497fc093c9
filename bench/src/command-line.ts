import { parseArgs } from 'node:util'
import type { DescriptorsCommand } from './descriptors-benchmark.ts'
import type { ObjectsCommand } from './objects-benchmark.ts'
import type { BenchmarkName } from './row-benchmark.ts'
import type { RedisCommand } from './redis/redis-benchmark.ts'
import type { SharingCommand } from './sharing/sharing-benchmark.ts'

/** How the benchmark is called. */
export const USAGE = `pnpm bench kv [--rows a,b] [--only a,b] [--rounds n] [--quick] [--json] [--save] [--profile folder]
pnpm bench files …     the same, of files: beside hyperdrive and node:fs
pnpm bench descriptors [--rounds n] [--quick] [--json]     beside JSON
pnpm bench sharing [--quick] [--json]     round trips and bytes of connections, cuts, hostile peers
pnpm bench objects [--rounds n] [--quick] [--json]         beside git
pnpm bench redis [--rounds n] [--quick] [--json] [--profile folder]     beside redis-server
pnpm bench chart [file.json]     draws its charts anew, beside it; default the report that was kept

  --rows a,b        only these rows
  --only a,b        only these contenders: ours, hyperbee, hyperbee2, classic-level, lmdb;
                    of files: ours, hyperdrive, node:fs
  --rounds n        how often each is measured; default 3, with --quick 1
  --quick           small sizes, to see whether everything works
  --json            the result on stdout as JSON; the table goes to stderr
  --save            keep the result, with its charts, in docs/bench/, and its table in docs/BENCHMARKS.md;
                    with --rows these rows replace their like, of the same machine and versions
  --profile folder  leave a CPU profile of each measurement there
`

/** What is asked for. */
export type Command =
  | RunCommand
  | DescriptorsCommand
  | ObjectsCommand
  | RedisCommand
  | SharingCommand
  | { readonly name: 'chart'; readonly file: string | undefined }

export interface RunCommand {
  readonly name: BenchmarkName
  readonly rows: readonly string[]
  /** Names of contenders; all when none is named. */
  readonly only: readonly string[]
  readonly rounds: number
  readonly quick: boolean
  readonly json: boolean
  readonly save: boolean
  readonly profileFolder: string | undefined
}

const options = {
  rows: { type: 'string', default: '' },
  only: { type: 'string', default: '' },
  rounds: { type: 'string' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  save: { type: 'boolean', default: false },
  profile: { type: 'string' },
} as const

/** Reads the arguments. Throws a TypeError that says what is wrong with them. */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const [name, file, ...more] = positionals
  if (name === 'chart' && more.length === 0) return { name, file }
  if (name === 'sharing' && file === undefined) return readSharing(values)
  const isTimed =
    name === 'kv' ||
    name === 'files' ||
    name === 'descriptors' ||
    name === 'objects' ||
    name === 'redis'
  if (!isTimed || file !== undefined) {
    throw new TypeError('the benchmarks are: kv, files, descriptors, objects, sharing, redis')
  }
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
  if (!Number.isSafeInteger(rounds) || rounds < 1)
    throw new TypeError('--rounds is a number from 1')
  if (name === 'descriptors' || name === 'objects') {
    const { save, rows, only, profile, json, quick } = values
    if (!save && rows === '' && only === '' && profile === undefined) {
      return { name, rounds, json, quick }
    }
    throw new TypeError(`bench ${name} goes with --rounds, --quick and --json alone`)
  }
  if (name === 'redis') {
    const { save, rows, only, profile, json, quick } = values
    if (!save && rows === '' && only === '')
      return { name, rounds, json, quick, profileFolder: profile }
    throw new TypeError('bench redis goes with --rounds, --quick, --json and --profile alone')
  }
  if (values.save && (values.quick || values.only !== '')) {
    throw new TypeError('what is kept are whole rows: --save goes without --quick and --only')
  }
  return {
    name,
    rows: listOf(values.rows),
    only: listOf(values.only),
    rounds,
    quick: values.quick,
    json: values.json,
    save: values.save,
    profileFolder: values.profile,
  }
}

function readSharing(values: {
  readonly quick: boolean
  readonly json: boolean
  readonly [name: string]: unknown
}): SharingCommand {
  const { quick, json, save, rows, only, rounds, profile } = values
  const isPlain =
    !save && rows === '' && only === '' && rounds === undefined && profile === undefined
  if (isPlain) return { name: 'sharing', quick, json }
  throw new TypeError('bench sharing goes with --quick and --json alone: it counts')
}

function listOf(names: string): string[] {
  return names.split(',').filter((name) => name !== '')
}
