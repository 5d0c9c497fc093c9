import { timeoutArgument } from '../blocking.ts'
import type { Call } from '../call.ts'
import { type Command, countedKeys, writes } from '../command.ts'
import { ZSET } from '../meta.ts'
import { integerArgument } from '../number-text.ts'
import { redisError, syntaxError } from '../redis-error.ts'
import { Double, NIL_ARRAY, type Reply } from '../reply.ts'
import { type Scored, SortedSet } from '../sorted-set.ts'
import { multiPop } from './list-moves.ts'

type Args = readonly Uint8Array[]

/** Takes members from an end: the smallest scores, or the largest. */
function pop(
  call: Call,
  key: Uint8Array,
  { max, count }: { max: boolean; count: number },
): Scored[] {
  const set = SortedSet.find(call, key)
  if (set === undefined || count === 0) return []
  const taken = set.range({}, { reverse: max, limit: count })
  for (const one of taken) set.remove(one)
  set.save()
  call.resized(max ? 'zpopmax' : 'zpopmin', key)
  return taken
}

const pairOf = ({ member, score }: Scored): Reply[] => [member, new Double(score)]

function pops(max: boolean): Command['run'] {
  return (call, args) => {
    if (args.length > 2) throw syntaxError()
    const notPositive = () => redisError('ERR value is out of range, must be positive')
    const count = args.length === 1 ? 1 : integerArgument(args[1], notPositive)
    if (count < 0) throw notPositive()
    const taken = pop(call, args[0] as Uint8Array, { max, count }).map(pairOf)
    return call.session.protocol === 3 && args.length === 2 ? taken : taken.flat()
  }
}

function popsOrWaits(max: boolean): Command['run'] {
  return (call, args) => {
    const keys = args.slice(0, -1)
    const timeoutMs = timeoutArgument(call.now, args.at(-1))
    for (const key of keys) {
      const [taken] = pop(call, key, { max, count: 1 })
      if (taken !== undefined) return [key, ...pairOf(taken)]
    }
    if (call.isQueued) return NIL_ARRAY
    return call.block({ keys, type: ZSET, timeoutMs, onTimeout: NIL_ARRAY })
  }
}

function popMany(call: Call, args: Args): { reply: Reply | undefined; keys: Args } {
  const { keys, word, count } = multiPop(args)
  if (word !== 'MIN' && word !== 'MAX') throw syntaxError()
  for (const key of keys) {
    const taken = pop(call, key, { max: word === 'MAX', count })
    if (taken.length > 0) return { reply: [key, taken.map(pairOf)], keys }
  }
  return { reply: undefined, keys }
}

function zmpop(call: Call, args: Args): Reply {
  return popMany(call, args).reply ?? NIL_ARRAY
}

function bzmpop(call: Call, [timeout, ...args]: Args): Reply {
  const timeoutMs = timeoutArgument(call.now, timeout)
  const { reply, keys } = popMany(call, args)
  if (reply !== undefined) return reply
  if (call.isQueued) return NIL_ARRAY
  return call.block({ keys, type: ZSET, timeoutMs, onTimeout: NIL_ARRAY })
}

const WAITS = { flags: ['blocking', 'noscript', 'fast'], keys: [1, -2, 1] } as const

export const sortedSetPopCommands: readonly Command[] = [
  writes('zpopmin', -2, pops(false), { flags: ['fast'] }),
  writes('zpopmax', -2, pops(true), { flags: ['fast'] }),
  writes('bzpopmin', -3, popsOrWaits(false), WAITS),
  writes('bzpopmax', -3, popsOrWaits(true), WAITS),
  writes('zmpop', -4, zmpop, { keys: [0, 0, 0], keysOf: countedKeys(0), flags: ['movablekeys'] }),
  writes('bzmpop', -5, bzmpop, {
    keys: [0, 0, 0],
    keysOf: countedKeys(1),
    flags: ['blocking', 'movablekeys'],
  }),
]
