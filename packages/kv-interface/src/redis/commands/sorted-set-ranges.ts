import type { Call } from '../call.ts'
import { type Command, reads, writes } from '../command.ts'
import type { EventName } from '../event-name.ts'
import { nameOf } from '../key-part.ts'
import { floatOf, integerArgument } from '../number-text.ts'
import { redisError, syntaxError } from '../redis-error.ts'
import { Double, type Reply } from '../reply.ts'
import { memberPlace, type ScoreBounds, type Scored, scorePlace, SortedSet } from '../sorted-set.ts'
import { wordOf } from './argument.ts'
import { slotRange } from './string-ranges.ts'

type Args = readonly Uint8Array[]
type By = 'rank' | 'score' | 'lex'

const PLUS = 43
const MINUS = 45
const OPEN = 40
const CLOSED = 91

const notScore = () => redisError('ERR min or max is not a float')
const notLex = () => redisError('ERR min or max not valid string range item')

function scoreArgument(bytes: Uint8Array | undefined): { score: number; open: boolean } {
  const text = nameOf(bytes ?? new Uint8Array(0))
  const open = text.startsWith('(')
  const score = floatOf(open ? text.slice(1) : text)
  if (score === undefined) throw notScore()
  return { score, open }
}

/** The bounds of a range by score. Throws Redis' error. */
export function scoreBounds(min: Uint8Array | undefined, max: Uint8Array | undefined): ScoreBounds {
  const from = scoreArgument(min)
  const to = scoreArgument(max)
  return { gte: scorePlace(from.score, from.open), lt: scorePlace(to.score, !to.open) }
}

/** Where a bound by name lies: the ends, or a member, included or not. */
interface LexBound {
  readonly end: 'first' | 'last' | undefined
  readonly member: Uint8Array
  readonly open: boolean
}

function lexArgument(bytes: Uint8Array | undefined): LexBound {
  const [sign] = bytes ?? []
  const member = (bytes ?? new Uint8Array(0)).subarray(1)
  if ((sign === PLUS || sign === MINUS) && member.length === 0) {
    return { end: sign === PLUS ? 'last' : 'first', member, open: false }
  }
  if (sign !== OPEN && sign !== CLOSED) throw notLex()
  return { end: undefined, member, open: sign === OPEN }
}

interface LexRange {
  readonly from: LexBound
  readonly to: LexBound
  readonly reverse: boolean
}

// A range by name is meant for members of one score; with several, each member is looked at.
function lexMembers(set: SortedSet, { from, to, reverse }: LexRange): Scored[] {
  if (from.end === 'last' || to.end === 'first') return []
  const [first] = set.range({}, { limit: 1 })
  const [last] = set.range({}, { limit: 1, reverse: true })
  if (first === undefined || last === undefined) return []
  if (first.score === last.score) {
    const { score } = first
    return set.range(
      {
        gte: from.end === 'first' ? undefined : memberPlace(score, from.member, from.open),
        lt: to.end === 'last' ? undefined : memberPlace(score, to.member, !to.open),
      },
      { reverse },
    )
  }
  return set.range({}, { reverse }).filter(({ member }) => {
    const low = from.end === 'first' ? 1 : Buffer.compare(member, from.member)
    const high = to.end === 'last' ? -1 : Buffer.compare(member, to.member)
    return (from.open ? low > 0 : low >= 0) && (to.open ? high < 0 : high <= 0)
  })
}

/** What a range asks for. */
interface RangeRequest {
  readonly by: By
  readonly reverse: boolean
  readonly offset: number
  /** How many; negative: all. */
  readonly count: number
  readonly withScores: boolean
}

/** The members of a range. Its bounds are checked before the key is looked at. */
function members(
  call: Call,
  [key, start, end]: Args,
  { by, reverse, offset, count }: Omit<RangeRequest, 'withScores'>,
): Scored[] {
  const [min, max] = reverse && by !== 'rank' ? [end, start] : [start, end]
  if (by === 'rank') {
    const from = integerArgument(min)
    const to = integerArgument(max)
    const set = SortedSet.find(call, key as Uint8Array)
    return set === undefined ? [] : set.slice(...slotRange(from, to, set.size), reverse)
  }
  const byScore = by === 'score' ? scoreBounds(min, max) : undefined
  const lex = by === 'lex' ? ([lexArgument(min), lexArgument(max)] as const) : undefined
  const set = SortedSet.find(call, key as Uint8Array)
  if (set === undefined || offset < 0) return []
  const limit = count < 0 ? Number.POSITIVE_INFINITY : offset + count
  if (lex === undefined) return set.range(byScore, { reverse, limit }).slice(offset)
  return lexMembers(set, { from: lex[0], to: lex[1], reverse }).slice(offset, limit)
}

/** Members as an answer: names, and scores where they are asked for. */
export function scoredReply(call: Call, scored: readonly Scored[], withScores: boolean): Reply {
  if (!withScores) return scored.map(({ member }) => member)
  const pairs = scored.map(({ member, score }) => [member, new Double(score)])
  return call.session.protocol === 3 ? pairs : pairs.flat()
}

const fixed = (by: By, reverse: boolean): RangeRequest => ({
  by,
  reverse,
  offset: 0,
  count: -1,
  withScores: false,
})

/** The options behind the bounds. `free`: BYSCORE, BYLEX and REV may be given. */
function rangeOptions(args: Args, start: RangeRequest, free: boolean): RangeRequest {
  let request = start
  let hasLimit = false
  for (let i = 3; i < args.length; i++) {
    const word = wordOf(args[i])
    if (word === 'WITHSCORES') request = { ...request, withScores: true }
    else if (word === 'LIMIT' && i + 2 < args.length) {
      hasLimit = true
      const [offset, count] = [integerArgument(args[i + 1]), integerArgument(args[i + 2])]
      request = { ...request, offset, count }
      i += 2
    } else if (free && word === 'BYSCORE') request = { ...request, by: 'score' }
    else if (free && word === 'BYLEX') request = { ...request, by: 'lex' }
    else if (free && word === 'REV') request = { ...request, reverse: true }
    else throw syntaxError()
  }
  if (hasLimit && request.by === 'rank') {
    throw redisError(
      'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
    )
  }
  if (request.withScores && request.by === 'lex') {
    throw redisError('ERR syntax error, WITHSCORES not supported in combination with BYLEX')
  }
  return request
}

function ranges(by: By, reverse: boolean, free = false): Command['run'] {
  return (call, args) => {
    const request = rangeOptions(args, fixed(by, reverse), free)
    return scoredReply(call, members(call, args, request), request.withScores)
  }
}

/** Puts a sorted set of these members in the place of what a key held. */
export function storeScored(
  call: Call,
  key: Uint8Array,
  scored: readonly Scored[],
  event: EventName,
): Reply {
  const before = call.find(key)
  if (scored.length === 0) {
    if (before !== undefined) {
      call.remove(key)
      call.changed('del', key)
    }
    return 0
  }
  const set = SortedSet.fresh(call, key)
  for (const { member, score } of scored) set.set(member, score, undefined)
  call.replace(key, set.meta)
  call.changed(event, key)
  return scored.length
}

function zrangestore(call: Call, [target, ...args]: Args): Reply {
  const request = rangeOptions(args, fixed('rank', false), true)
  if (request.withScores) throw syntaxError()
  return storeScored(call, target as Uint8Array, members(call, args, request), 'zrangestore')
}

function removes(by: By, event: EventName): Command['run'] {
  return (call, args) => {
    const taken = members(call, args, fixed(by, false))
    const set = SortedSet.find(call, args[0] as Uint8Array)
    if (taken.length === 0 || set === undefined) return 0
    for (const one of taken) set.remove(one)
    set.save()
    call.resized(event, args[0] as Uint8Array)
    return taken.length
  }
}

const counts =
  (by: By): Command['run'] =>
  (call, args) =>
    members(call, args, fixed(by, false)).length

export const sortedSetRangeCommands: readonly Command[] = [
  reads('zrange', -4, ranges('rank', false, true)),
  reads('zrevrange', -4, ranges('rank', true)),
  reads('zrangebyscore', -4, ranges('score', false)),
  reads('zrevrangebyscore', -4, ranges('score', true)),
  reads('zrangebylex', -4, ranges('lex', false)),
  reads('zrevrangebylex', -4, ranges('lex', true)),
  reads('zcount', 4, counts('score'), { flags: ['fast'] }),
  reads('zlexcount', 4, counts('lex'), { flags: ['fast'] }),
  writes('zrangestore', -5, zrangestore, { keys: [1, 2, 1] }),
  writes('zremrangebyrank', 4, removes('rank', 'zremrangebyrank')),
  writes('zremrangebyscore', 4, removes('score', 'zremrangebyscore')),
  writes('zremrangebylex', 4, removes('lex', 'zremrangebylex')),
]
