import type { Call } from '../call.ts'
import { decodeField, entriesOf, memberOf, randomEntry, sample } from '../collection.ts'
import { type Command, reads } from '../command.ts'
import { HASH, type Meta, SET, ZSET } from '../meta.ts'
import { integerArgument } from '../number-text.ts'
import { redisError, syntaxError } from '../redis-error.ts'
import { Double, type Reply } from '../reply.ts'
import type { SubEntry } from '../bucket.ts'
import { memberOfZset, MEMBERS } from '../sorted-set.ts'
import { wordOf } from './argument.ts'
import { nameOf } from '../key-part.ts'

type Args = readonly Uint8Array[]

const COUNT_MAX = 2 ** 62

/** How a kind of collection tells of a random element. */
interface Kind {
  readonly type: Meta['type']
  readonly prefix: number | undefined
  /** The word that asks for values too. */
  readonly withWord: string | undefined
  readonly tell: (entry: SubEntry) => Uint8Array
  readonly value: (entry: SubEntry) => Reply
}

const members: Kind = {
  type: SET,
  prefix: undefined,
  withWord: undefined,
  tell: memberOf,
  value: () => null,
}

const fields: Kind = {
  type: HASH,
  prefix: undefined,
  withWord: 'WITHVALUES',
  tell: (entry) => decodeField(entry).field,
  value: (entry) => decodeField(entry).value,
}

const scored: Kind = {
  type: ZSET,
  prefix: MEMBERS,
  withWord: 'WITHSCORES',
  tell: (entry) => memberOfZset(entry).member,
  value: (entry) => new Double(memberOfZset(entry).score),
}

function entries(call: Call, meta: Meta, { prefix }: Kind): readonly SubEntry[] {
  if (prefix === undefined) return entriesOf(call, meta)
  const bounds = { gte: new Uint8Array([prefix]), lt: new Uint8Array([prefix + 1]) }
  return call.space.range(call.elements(meta), bounds)
}

function randomElements(kind: Kind): Command['run'] {
  return (call: Call, args: Args): Reply => {
    const meta = () => call.findOf(args[0] as Uint8Array, kind.type)
    if (args.length === 1) {
      const found = meta()
      return found === undefined ? null : kind.tell(randomEntry(call, found, kind.prefix))
    }
    const count = integerArgument(args[1])
    const hasValues = kind.withWord !== undefined && wordOf(args[2]) === kind.withWord
    if (args.length > (hasValues ? 3 : 2)) throw syntaxError()
    if (Math.abs(count) > COUNT_MAX / (hasValues ? 2 : 1)) {
      throw redisError('ERR value is out of range')
    }
    const found = meta()
    if (found === undefined || count === 0) return []
    const all = entries(call, found, kind)
    const chosen =
      count > 0
        ? sample(all, count)
        : Array.from(
            { length: -count },
            () => all[Math.floor(Math.random() * all.length)] as SubEntry,
          )
    if (!hasValues) return chosen.map(kind.tell)
    const pairs: Reply[][] = chosen.map((entry) => [kind.tell(entry), kind.value(entry)])
    return call.session.protocol === 3 ? pairs : pairs.flat()
  }
}

/** Which member a SPOP without a count takes. */
export function randomMember(call: Call, meta: Meta): Uint8Array {
  return memberOf(randomEntry(call, meta))
}

/** Different elements by their bytes. */
export function distinct(items: Args): Uint8Array[] {
  return [...new Map(items.map((item) => [nameOf(item), item])).values()]
}

export const randomCommands: readonly Command[] = [
  reads('srandmember', -2, randomElements(members)),
  reads('hrandfield', -2, randomElements(fields)),
  reads('zrandmember', -2, randomElements(scored)),
]
