import type { Call } from '../call.ts'
import { type Command, reads, writes } from '../command.ts'
import { nameOf } from '../key-part.ts'
import { List, type Side } from '../list.ts'
import { integerArgument } from '../number-text.ts'
import { noSuchKey, outOfRange, redisError, syntaxError, wrongArity } from '../redis-error.ts'
import { NIL_ARRAY, OK, type Reply } from '../reply.ts'
import { wordOf } from './argument.ts'
import { slotRange } from './string-ranges.ts'

type Args = readonly Uint8Array[]

function pushes(side: Side, onlyExisting: boolean): Command['run'] {
  return (call, [key, ...values]) => {
    const found = List.find(call, key as Uint8Array)
    if (found === undefined && onlyExisting) return 0
    const list = found ?? List.fresh(call, key as Uint8Array)
    for (const value of values) list.push(side, value)
    list.save()
    call.changed(side === 'left' ? 'lpush' : 'rpush', key as Uint8Array)
    return list.length
  }
}

/** Takes elements from a side of a list, the nearest first. */
export function popElements(call: Call, list: List, options: PopOptions): Uint8Array[] {
  const { key, side, count } = options
  const taken: Uint8Array[] = []
  while (taken.length < count && list.length > 0) taken.push(list.pop(side) as Uint8Array)
  list.save()
  call.resized(side === 'left' ? 'lpop' : 'rpop', key)
  return taken
}

/** What {@link popElements} takes. */
export interface PopOptions {
  readonly key: Uint8Array
  readonly side: Side
  readonly count: number
}

function pops(side: Side): Command['run'] {
  return (call, args) => {
    const key = args[0] as Uint8Array
    if (args.length > 2) throw wrongArity(side === 'left' ? 'lpop' : 'rpop')
    const positive = () => redisError('ERR value is out of range, must be positive')
    const count = args.length === 1 ? undefined : integerArgument(args[1], positive)
    if (count !== undefined && count < 0) throw positive()
    const list = List.find(call, key)
    if (list === undefined) return count === undefined ? null : NIL_ARRAY
    if (count === 0) return []
    const taken = popElements(call, list, { key, side, count: count ?? 1 })
    return count === undefined ? (taken[0] as Uint8Array) : taken
  }
}

function llen(call: Call, [key]: Args): Reply {
  return List.find(call, key as Uint8Array)?.length ?? 0
}

function lrange(call: Call, [key, start, end]: Args): Reply {
  const from = integerArgument(start)
  const to = integerArgument(end)
  const list = List.find(call, key as Uint8Array)
  return list === undefined ? [] : list.slice(...slotRange(from, to, list.length))
}

function lindex(call: Call, [key, at]: Args): Reply {
  const list = List.find(call, key as Uint8Array)
  if (list === undefined) return null
  const index = integerArgument(at)
  return list.at(index < 0 ? list.length + index : index) ?? null
}

function lset(call: Call, [key, at, value]: Args): Reply {
  const list = List.find(call, key as Uint8Array)
  if (list === undefined) throw noSuchKey()
  const given = integerArgument(at)
  const index = given < 0 ? list.length + given : given
  if (index < 0 || index >= list.length) throw outOfRange()
  list.set(index, value as Uint8Array)
  call.changed('lset', key as Uint8Array)
  return OK
}

function ltrim(call: Call, [key, start, end]: Args): Reply {
  const from = integerArgument(start)
  const to = integerArgument(end)
  const list = List.find(call, key as Uint8Array)
  if (list === undefined) return OK
  const [first, behind] = slotRange(from, to, list.length)
  if (first === behind) list.drop('left', list.length)
  else {
    list.drop('right', list.length - behind)
    list.drop('left', first)
  }
  list.save()
  call.resized('ltrim', key as Uint8Array)
  return OK
}

function linsert(call: Call, args: Args): Reply {
  const [key, , pivot, value] = args as readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const where = wordOf(args[1])
  if (where !== 'BEFORE' && where !== 'AFTER') throw syntaxError()
  const list = List.find(call, key)
  if (list === undefined) return 0
  const name = nameOf(pivot)
  const index = list.slice().findIndex((element) => nameOf(element) === name)
  if (index === -1) return -1
  list.insert(where === 'BEFORE' ? index : index + 1, value)
  list.save()
  call.changed('linsert', key)
  return list.length
}

function lrem(call: Call, [key, times, value]: Args): Reply {
  const count = integerArgument(times)
  const list = List.find(call, key as Uint8Array)
  if (list === undefined) return 0
  const name = nameOf(value as Uint8Array)
  const elements = list.slice()
  const ordered = count < 0 ? [...elements].reverse() : elements
  let left = count === 0 ? Number.POSITIVE_INFINITY : Math.abs(count)
  const kept = ordered.filter((element) => left <= 0 || nameOf(element) !== name || left-- <= 0)
  if (count < 0) kept.reverse()
  const removed = elements.length - kept.length
  if (removed === 0) return 0
  list.replaceFrom(0, kept, elements)
  list.save()
  call.resized('lrem', key as Uint8Array)
  return removed
}

interface LposOptions {
  rank: number
  count: number | undefined
  comparisons: number
}

function lposOptions(args: Args): LposOptions {
  const options: LposOptions = { rank: 1, count: undefined, comparisons: 0 }
  for (let i = 2; i < args.length; i += 2) {
    const word = wordOf(args[i])
    if (i + 1 >= args.length) throw syntaxError()
    if (word === 'RANK') {
      options.rank = integerArgument(args[i + 1])
      if (options.rank === 0) {
        throw redisError(
          "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
        )
      }
      if (options.rank <= -(2 ** 63)) throw redisError('ERR value is out of range')
    } else if (word === 'COUNT' || word === 'MAXLEN') {
      const negative = () => redisError(`ERR ${word} can't be negative`)
      const value = integerArgument(args[i + 1], negative)
      if (value < 0) throw negative()
      if (word === 'COUNT') options.count = value
      else options.comparisons = value
    } else throw syntaxError()
  }
  return options
}

function lpos(call: Call, args: Args): Reply {
  const { rank, count, comparisons } = lposOptions(args)
  const list = List.find(call, args[0] as Uint8Array)
  if (list === undefined) return count === undefined ? null : []
  const elements = list.slice()
  const name = nameOf(args[1] as Uint8Array)
  const wanted = count === undefined ? 1 : count === 0 ? Number.POSITIVE_INFINITY : count
  const looks = comparisons === 0 ? elements.length : Math.min(comparisons, elements.length)
  const found: number[] = []
  let skips = Math.abs(rank) - 1
  for (let i = 0; i < looks && found.length < wanted; i++) {
    const index = rank < 0 ? elements.length - 1 - i : i
    if (nameOf(elements[index] as Uint8Array) !== name) continue
    if (skips-- <= 0) found.push(index)
  }
  return count === undefined ? (found[0] ?? null) : found
}

const FAST = { flags: ['fast'] } as const

export const listCommands: readonly Command[] = [
  writes('lpush', -3, pushes('left', false), FAST),
  writes('rpush', -3, pushes('right', false), FAST),
  writes('lpushx', -3, pushes('left', true), FAST),
  writes('rpushx', -3, pushes('right', true), FAST),
  writes('lpop', -2, pops('left'), FAST),
  writes('rpop', -2, pops('right'), FAST),
  writes('lset', 4, lset),
  writes('ltrim', 4, ltrim),
  writes('linsert', 5, linsert),
  writes('lrem', 4, lrem),
  reads('llen', 2, llen, FAST),
  reads('lrange', 4, lrange),
  reads('lindex', 3, lindex),
  reads('lpos', -3, lpos),
]
