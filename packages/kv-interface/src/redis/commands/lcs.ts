import b4a from 'b4a'
import type { Call } from '../call.ts'
import { type Command, reads } from '../command.ts'
import { STRING } from '../meta.ts'
import { integerArgument } from '../number-text.ts'
import { redisError, syntaxError } from '../redis-error.ts'
import type { Reply } from '../reply.ts'
import { wordOf } from './argument.ts'

type Args = readonly Uint8Array[]

const EMPTY = new Uint8Array(0)
// Cells of the table: 4 bytes each.
const CELLS_MAX = 64 * 1024 * 1024

interface LcsOptions {
  length: boolean
  ranges: boolean
  matchMin: number
  withLengths: boolean
}

/** A stretch that both strings have: its last places, and how long it is. */
interface Match {
  readonly aEnd: number
  readonly bEnd: number
  readonly length: number
}

function lcsOptions(args: Args): LcsOptions {
  const options = { length: false, ranges: false, matchMin: 0, withLengths: false }
  for (let i = 2; i < args.length; i++) {
    const word = wordOf(args[i])
    if (word === 'LEN') options.length = true
    else if (word === 'IDX') options.ranges = true
    else if (word === 'WITHMATCHLEN') options.withLengths = true
    else if (word === 'MINMATCHLEN' && i + 1 < args.length) {
      options.matchMin = Math.max(0, integerArgument(args[++i]))
    } else throw syntaxError()
  }
  if (options.length && options.ranges) {
    throw redisError('ERR If you want both the length and indexes, please just use IDX.')
  }
  return options
}

// The usual table: cell (i, j) is the length for the first i and j bytes.
function tableOf(a: Uint8Array, b: Uint8Array): Uint32Array {
  const width = b.length + 1
  if ((a.length + 1) * width > CELLS_MAX) {
    throw redisError('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len')
  }
  const table = new Uint32Array((a.length + 1) * width)
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const at = i * width + j
      table[at] =
        a[i - 1] === b[j - 1]
          ? (table[at - width - 1] as number) + 1
          : Math.max(table[at - 1] as number, table[at - width] as number)
    }
  }
  return table
}

/** The common bytes, and the stretches they lie in, the last first. */
function trace(a: Uint8Array, b: Uint8Array): { bytes: number[]; matches: Match[] } {
  const table = tableOf(a, b)
  const width = b.length + 1
  const bytes: number[] = []
  const matches: Match[] = []
  let length = 0
  let i = a.length
  let j = b.length
  const close = () => {
    if (length > 0) matches.push({ aEnd: i + length - 1, bEnd: j + length - 1, length })
    length = 0
  }
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      bytes.push(a[i - 1] as number)
      length++
      i--
      j--
      continue
    }
    close()
    if ((table[(i - 1) * width + j] as number) > (table[i * width + j - 1] as number)) i--
    else j--
  }
  close()
  return { bytes: bytes.reverse(), matches }
}

function lcs(call: Call, args: Args): Reply {
  const options = lcsOptions(args)
  const [a, b] = args.slice(0, 2).map((key) => {
    const meta = call.find(key)
    if (meta !== undefined && meta.type !== STRING) {
      throw redisError('ERR The specified keys must contain string values')
    }
    return meta?.value ?? EMPTY
  }) as [Uint8Array, Uint8Array]
  const { bytes, matches } = trace(a, b)
  if (options.length) return bytes.length
  if (!options.ranges) return b4a.from(bytes)
  const told = matches
    .filter(({ length }) => length >= options.matchMin)
    .map(({ aEnd, bEnd, length }): Reply[] => [
      [aEnd - length + 1, aEnd],
      [bEnd - length + 1, bEnd],
      ...(options.withLengths ? [length] : []),
    ])
  return new Map<string, Reply>([
    ['matches', told],
    ['len', bytes.length],
  ])
}

export const lcsCommands: readonly Command[] = [reads('lcs', -3, lcs, { keys: [1, 2, 1] })]
