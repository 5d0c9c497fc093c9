import type { Call } from '../call.ts'
import { timeoutArgument } from '../blocking.ts'
import { type Command, countedKeys, writes } from '../command.ts'
import { List, type Side } from '../list.ts'
import { LIST } from '../meta.ts'
import { integerArgument } from '../number-text.ts'
import { redisError, syntaxError } from '../redis-error.ts'
import { NIL_ARRAY, type Reply } from '../reply.ts'
import { wordOf } from './argument.ts'
import { popElements } from './lists.ts'

type Args = readonly Uint8Array[]

function sideArgument(bytes: Uint8Array | undefined): Side {
  const word = wordOf(bytes)
  if (word !== 'LEFT' && word !== 'RIGHT') throw syntaxError()
  return word === 'LEFT' ? 'left' : 'right'
}

/** Moves an element; undefined when there is none. */
function move(
  call: Call,
  [from, to]: Args,
  [out, into]: readonly [Side, Side],
): Uint8Array | undefined {
  const source = List.find(call, from as Uint8Array)
  if (source === undefined) return undefined
  List.find(call, to as Uint8Array)
  const [value] = popElements(call, source, { key: from as Uint8Array, side: out, count: 1 })
  const target = List.ready(call, to as Uint8Array)
  target.push(into, value as Uint8Array)
  target.save()
  call.changed(into === 'left' ? 'lpush' : 'rpush', to as Uint8Array)
  return value
}

function lmove(call: Call, args: Args): Reply {
  return move(call, args, [sideArgument(args[2]), sideArgument(args[3])]) ?? null
}

function rpoplpush(call: Call, args: Args): Reply {
  return move(call, args, ['right', 'left']) ?? null
}

function blmove(call: Call, args: Args): Reply {
  const sides = [sideArgument(args[2]), sideArgument(args[3])] as const
  return moveOrWait(call, args, sides, args[4])
}

function brpoplpush(call: Call, args: Args): Reply {
  return moveOrWait(call, args, ['right', 'left'], args[2])
}

function moveOrWait(
  call: Call,
  args: Args,
  sides: readonly [Side, Side],
  timeout: Uint8Array | undefined,
): Reply {
  const timeoutMs = timeoutArgument(call.now, timeout)
  const value = move(call, args, sides)
  if (value !== undefined) return value
  if (call.isQueued) return null
  return call.block({ keys: [args[0] as Uint8Array], type: LIST, timeoutMs, onTimeout: null })
}

function popsOrWaits(side: Side): Command['run'] {
  return (call, args) => {
    const keys = args.slice(0, -1)
    const timeoutMs = timeoutArgument(call.now, args.at(-1))
    for (const key of keys) {
      const list = List.find(call, key)
      if (list === undefined) continue
      const [value] = popElements(call, list, { key, side, count: 1 })
      return [key, value as Uint8Array]
    }
    if (call.isQueued) return NIL_ARRAY
    return call.block({ keys, type: LIST, timeoutMs, onTimeout: NIL_ARRAY })
  }
}

/** What LMPOP and ZMPOP say: keys, a word, how many. Throws Redis' errors. */
export interface MultiPop {
  readonly keys: Args
  readonly word: string
  readonly count: number
}

/** The arguments of LMPOP and ZMPOP, from the count of keys on. */
export function multiPop(args: Args): MultiPop {
  const badCount = () => redisError('ERR numkeys should be greater than 0')
  const number = integerArgument(args[0], badCount)
  if (number <= 0) throw badCount()
  if (args.length < number + 2) throw syntaxError()
  const keys = args.slice(1, 1 + number)
  const word = wordOf(args[1 + number])
  const rest = args.slice(2 + number)
  if (rest.length === 0) return { keys, word, count: 1 }
  if (rest.length !== 2 || wordOf(rest[0]) !== 'COUNT') throw syntaxError()
  const notPositive = () => redisError('ERR count should be greater than 0')
  const count = integerArgument(rest[1], notPositive)
  if (count <= 0) throw notPositive()
  return { keys, word, count }
}

function popMany(call: Call, args: Args): { reply: Reply | undefined; keys: Args } {
  const { keys, word, count } = multiPop(args)
  const side = sideArgument(Buffer.from(word))
  for (const key of keys) {
    const list = List.find(call, key)
    if (list === undefined) continue
    return { reply: [key, popElements(call, list, { key, side, count })], keys }
  }
  return { reply: undefined, keys }
}

function lmpop(call: Call, args: Args): Reply {
  return popMany(call, args).reply ?? NIL_ARRAY
}

function blmpop(call: Call, [timeout, ...args]: Args): Reply {
  const timeoutMs = timeoutArgument(call.now, timeout)
  const { reply, keys } = popMany(call, args)
  if (reply !== undefined) return reply
  if (call.isQueued) return NIL_ARRAY
  return call.block({ keys, type: LIST, timeoutMs, onTimeout: NIL_ARRAY })
}

const TWO = { keys: [1, 2, 1] } as const
const WAITS = { flags: ['blocking', 'noscript'] } as const

export const listMoveCommands: readonly Command[] = [
  writes('lmove', 5, lmove, TWO),
  writes('rpoplpush', 3, rpoplpush, TWO),
  writes('blmove', 6, blmove, { ...TWO, ...WAITS }),
  writes('brpoplpush', 4, brpoplpush, { ...TWO, ...WAITS }),
  writes('blpop', -3, popsOrWaits('left'), { ...WAITS, keys: [1, -2, 1] }),
  writes('brpop', -3, popsOrWaits('right'), { ...WAITS, keys: [1, -2, 1] }),
  writes('lmpop', -4, lmpop, { keys: [0, 0, 0], keysOf: countedKeys(0), flags: ['movablekeys'] }),
  writes('blmpop', -5, blmpop, {
    keys: [0, 0, 0],
    keysOf: countedKeys(1),
    flags: ['blocking', 'movablekeys'],
  }),
]
