import type { Call } from '../call.ts'
import { type Command, reads, writes } from '../command.ts'
import { floatArgument } from '../number-text.ts'
import { redisError, syntaxError } from '../redis-error.ts'
import { Double, type Reply } from '../reply.ts'
import { SortedSet } from '../sorted-set.ts'
import { wordOf } from './argument.ts'

type Args = readonly Uint8Array[]

interface AddOptions {
  readonly words: ReadonlySet<string>
  readonly pairs: readonly (readonly [score: number, member: Uint8Array])[]
}

const WORDS = new Set(['NX', 'XX', 'GT', 'LT', 'CH', 'INCR'])

function addOptions(args: Args, incremental: boolean): AddOptions {
  const words = new Set<string>(incremental ? ['INCR'] : [])
  let i = 1
  if (!incremental) for (; WORDS.has(wordOf(args[i])); i++) words.add(wordOf(args[i]))
  const rest = args.slice(i)
  if (rest.length === 0 || rest.length % 2 !== 0) throw syntaxError()
  if (words.has('NX') && words.has('XX')) {
    throw redisError('ERR XX and NX options at the same time are not compatible')
  }
  if (
    (words.has('GT') && words.has('LT')) ||
    (words.has('NX') && (words.has('GT') || words.has('LT')))
  ) {
    throw redisError('ERR GT, LT, and/or NX options at the same time are not compatible')
  }
  if (words.has('INCR') && rest.length > 2) {
    throw redisError('ERR INCR option supports a single increment-element pair')
  }
  const pairs: [number, Uint8Array][] = []
  for (let at = 0; at < rest.length; at += 2) {
    pairs.push([floatArgument(rest[at]), rest[at + 1] as Uint8Array])
  }
  return { words, pairs }
}

/** The score that a member gets, or undefined where the options keep it from changing. */
function nextScore(words: ReadonlySet<string>, given: number, before: number | undefined) {
  if (before === undefined) return words.has('XX') ? undefined : given
  if (words.has('NX')) return undefined
  const score = words.has('INCR') ? before + given : given
  if (Number.isNaN(score)) throw redisError('ERR resulting score is not a number (NaN)')
  if (words.has('GT') && score <= before) return undefined
  if (words.has('LT') && score >= before) return undefined
  return score
}

function add(call: Call, args: Args, incremental: boolean): Reply {
  const key = args[0] as Uint8Array
  const { words, pairs } = addOptions(args, incremental)
  const found = SortedSet.find(call, key)
  if (found === undefined && words.has('XX')) return words.has('INCR') ? null : 0
  const set = found ?? SortedSet.fresh(call, key)
  let added = 0
  let changed = 0
  let result: number | undefined
  for (const [given, member] of pairs) {
    const before = set.score(member)
    const score = nextScore(words, given, before)
    result = score
    if (score === undefined) continue
    if (before === undefined) added++
    else if (score !== before) changed++
    if (score !== before) set.set(member, score, before)
  }
  if (added > 0) set.save()
  if (added + changed > 0) call.changed(words.has('INCR') ? 'zincr' : 'zadd', key)
  if (words.has('INCR')) return result === undefined ? null : new Double(result)
  return words.has('CH') ? added + changed : added
}

const zadd = (call: Call, args: Args): Reply => add(call, args, false)
const zincrby = (call: Call, args: Args): Reply => add(call, args, true)

function zrem(call: Call, [key, ...members]: Args): Reply {
  const set = SortedSet.find(call, key as Uint8Array)
  if (set === undefined) return 0
  let removed = 0
  for (const member of members) {
    const score = set.score(member)
    if (score === undefined) continue
    set.remove({ member, score })
    removed++
  }
  if (removed === 0) return 0
  set.save()
  call.resized('zrem', key as Uint8Array)
  return removed
}

function zcard(call: Call, [key]: Args): Reply {
  return SortedSet.find(call, key as Uint8Array)?.size ?? 0
}

function scoreReply(set: SortedSet | undefined, member: Uint8Array | undefined): Reply {
  const score = set?.score(member as Uint8Array)
  return score === undefined ? null : new Double(score)
}

function zscore(call: Call, [key, member]: Args): Reply {
  return scoreReply(SortedSet.find(call, key as Uint8Array), member)
}

function zmscore(call: Call, [key, ...members]: Args): Reply {
  const set = SortedSet.find(call, key as Uint8Array)
  return members.map((member) => scoreReply(set, member))
}

function ranks(reverse: boolean): Command['run'] {
  return (call, [key, member]) => {
    const set = SortedSet.find(call, key as Uint8Array)
    const score = set?.score(member as Uint8Array)
    if (set === undefined || score === undefined) return null
    const rank = set.rank({ member: member as Uint8Array, score })
    return reverse ? set.size - 1 - rank : rank
  }
}

const FAST = { flags: ['fast'] } as const

export const sortedSetCommands: readonly Command[] = [
  writes('zadd', -4, zadd, FAST),
  writes('zincrby', 4, zincrby, FAST),
  writes('zrem', -3, zrem, FAST),
  reads('zcard', 2, zcard, FAST),
  reads('zscore', 3, zscore, FAST),
  reads('zmscore', -3, zmscore, FAST),
  reads('zrank', 3, ranks(false), FAST),
  reads('zrevrank', 3, ranks(true), FAST),
]
