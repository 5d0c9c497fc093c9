import type { Call } from '../call.ts'
import { entriesOf, memberOf } from '../collection.ts'
import { type Command, countedKeys, reads, writes } from '../command.ts'
import type { EventName } from '../event-name.ts'
import { nameOf } from '../key-part.ts'
import { SET, ZSET } from '../meta.ts'
import { floatArgument, integerArgument } from '../number-text.ts'
import { redisError, syntaxError, wrongType } from '../redis-error.ts'
import type { Reply } from '../reply.ts'
import { type Scored, SortedSet } from '../sorted-set.ts'
import { wordOf } from './argument.ts'
import { scoredReply, storeScored } from './sorted-set-ranges.ts'

type Args = readonly Uint8Array[]
type Kind = 'union' | 'inter' | 'diff'
type Scores = ReadonlyMap<string, Scored>

interface Request {
  readonly sets: readonly Scores[]
  readonly weights: readonly number[]
  readonly aggregate: 'SUM' | 'MIN' | 'MAX'
  readonly withScores: boolean
}

function scoresOf(call: Call, key: Uint8Array): Scores {
  const meta = call.find(key)
  if (meta === undefined) return new Map()
  if (meta.type === ZSET) {
    const all = new SortedSet(call, key, meta).range()
    return new Map(all.map((one) => [nameOf(one.member), one]))
  }
  if (meta.type !== SET) throw wrongType()
  return new Map(
    entriesOf(call, meta).map((entry) => {
      const member = memberOf(entry)
      return [nameOf(member), { member, score: 1 }]
    }),
  )
}

function keyCount(args: Args, name: string): number {
  const count = integerArgument(args[0])
  if (count < 1) throw redisError(`ERR at least 1 input key is needed for '${name}' command`)
  if (count > args.length - 1) throw syntaxError()
  return count
}

function requestOf(
  call: Call,
  args: Args,
  options: { name: string; kind: Kind; stores: boolean },
): Request {
  const count = keyCount(args, options.name)
  const keys = args.slice(1, 1 + count)
  const sets = keys.map((key) => scoresOf(call, key))
  let weights = keys.map(() => 1)
  let aggregate: Request['aggregate'] = 'SUM'
  let withScores = false
  for (let i = 1 + count; i < args.length; i++) {
    const word = wordOf(args[i])
    if (word === 'WEIGHTS' && options.kind !== 'diff' && i + count < args.length) {
      const given = args.slice(i + 1, i + 1 + count)
      weights = given.map((one) =>
        floatArgument(one, () => redisError('ERR weight value is not a float')),
      )
      i += count
    } else if (word === 'AGGREGATE' && options.kind !== 'diff' && i + 1 < args.length) {
      aggregate = aggregateArgument(args[++i])
    } else if (word === 'WITHSCORES' && !options.stores) withScores = true
    else throw syntaxError()
  }
  return { sets, weights, aggregate, withScores }
}

function aggregateArgument(bytes: Uint8Array | undefined): Request['aggregate'] {
  const word = wordOf(bytes)
  if (word !== 'SUM' && word !== 'MIN' && word !== 'MAX') throw syntaxError()
  return word
}

// Infinities of both signs make 0, as in Redis.
const number = (value: number) => (Number.isNaN(value) ? 0 : value)

function joined({ aggregate }: Request, a: number, b: number): number {
  if (aggregate === 'SUM') return number(a + b)
  return aggregate === 'MIN' ? Math.min(a, b) : Math.max(a, b)
}

function combine(kind: Kind, request: Request): Scored[] {
  const { sets, weights } = request
  const all = new Map<string, Scored & { readonly seen: number }>()
  sets.forEach((set, i) => {
    for (const [name, { member, score }] of set) {
      const weighted = number(score * (weights[i] as number))
      const before = all.get(name)
      if (before === undefined) {
        if (kind === 'union' || i === 0) all.set(name, { member, score: weighted, seen: 1 })
      } else {
        const next = kind === 'diff' ? before.score : joined(request, before.score, weighted)
        all.set(name, { member, score: next, seen: before.seen + 1 })
      }
    }
  })
  const wanted = {
    union: () => true,
    inter: (n: number) => n === sets.length,
    diff: (n: number) => n === 1,
  }
  return [...all.values()].filter(({ seen }) => wanted[kind](seen)).sort(byScore)
}

function byScore(a: Scored, b: Scored): number {
  return a.score - b.score || Buffer.compare(a.member, b.member)
}

function tells(kind: Kind): Command['run'] {
  return (call, args) => {
    const request = requestOf(call, args, { name: `z${kind}`, kind, stores: false })
    return scoredReply(call, combine(kind, request), request.withScores)
  }
}

function stores(kind: Kind, event: EventName): Command['run'] {
  return (call, [target, ...args]) => {
    const request = requestOf(call, args, { name: `z${kind}store`, kind, stores: true })
    return storeScored(call, target as Uint8Array, combine(kind, request), event)
  }
}

function zintercard(call: Call, args: Args): Reply {
  const negative = () => redisError("ERR LIMIT can't be negative")
  const count = keyCount(args, 'zintercard')
  let limit = 0
  for (let i = 1 + count; i < args.length; i += 2) {
    if (wordOf(args[i]) !== 'LIMIT' || i + 1 >= args.length) throw syntaxError()
    limit = integerArgument(args[i + 1], negative)
    if (limit < 0) throw negative()
  }
  const keys = args.slice(0, 1 + count)
  const request = requestOf(call, keys, { name: 'zintercard', kind: 'inter', stores: false })
  const { length } = combine('inter', request)
  return limit === 0 ? length : Math.min(limit, length)
}

const READS = { keys: [0, 0, 0], keysOf: countedKeys(0), flags: ['movablekeys'] } as const
const STORES = { keys: [1, 1, 1], keysOf: countedKeys(1, [0]), flags: ['movablekeys'] } as const

export const sortedSetAlgebraCommands: readonly Command[] = [
  reads('zunion', -3, tells('union'), READS),
  reads('zinter', -3, tells('inter'), READS),
  reads('zdiff', -3, tells('diff'), READS),
  reads('zintercard', -3, zintercard, READS),
  writes('zunionstore', -4, stores('union', 'zunionstore'), STORES),
  writes('zinterstore', -4, stores('inter', 'zinterstore'), STORES),
  writes('zdiffstore', -4, stores('diff', 'zdiffstore'), STORES),
]
