import b4a from 'b4a'
import type { Call } from '../call.ts'
import { entriesOf, memberOf } from '../collection.ts'
import { type Command, reads, writes } from '../command.ts'
import { EXPIRE_AT_MAX } from '../expire-time.ts'
import { HASH, LIST, Meta, SET, STRING, ZSET } from '../meta.ts'
import { integerArgument } from '../number-text.ts'
import { redisError, syntaxError } from '../redis-error.ts'
import { OK, type Reply } from '../reply.ts'
import { List } from '../list.ts'
import { decodePayload, encodePayload, type PayloadValue } from '../rdb-payload.ts'
import { SortedSet } from '../sorted-set.ts'
import { wordOf } from './argument.ts'
import { fieldsOf, setFields } from './hashes.ts'
import { storeSet } from './sets.ts'

type Args = readonly Uint8Array[]

function valueOf(call: Call, key: Uint8Array, meta: Meta): PayloadValue {
  const { type } = meta
  if (type === STRING) return { type, items: [meta.value] }
  if (type === LIST) return { type, items: new List(call, key, meta).slice() }
  if (type === SET) return { type, items: entriesOf(call, meta).map(memberOf) }
  if (type === HASH) {
    return { type, items: fieldsOf(call, meta).flatMap(({ field, value }) => [field, value]) }
  }
  const scored = new SortedSet(call, key, meta).range()
  return {
    type,
    items: scored.map(({ member }) => member),
    scores: scored.map(({ score }) => score),
  }
}

function dump(call: Call, [key]: Args): Reply {
  const meta = call.find(key as Uint8Array)
  return meta === undefined ? null : encodePayload(valueOf(call, key as Uint8Array, meta))
}

interface RestoreOptions {
  replaces: boolean
  isAbsolute: boolean
}

function restoreOptions(args: Args): RestoreOptions {
  const options = { replaces: false, isAbsolute: false }
  for (let i = 3; i < args.length; i++) {
    const word = wordOf(args[i])
    if (word === 'REPLACE') options.replaces = true
    else if (word === 'ABSTTL') options.isAbsolute = true
    else if ((word === 'IDLETIME' || word === 'FREQ') && i + 1 < args.length) {
      integerArgument(args[++i])
    } else throw syntaxError()
  }
  return options
}

function restore(call: Call, args: Args): Reply {
  const [key, ttl, payload] = args as readonly [Uint8Array, Uint8Array, Uint8Array]
  const { replaces, isAbsolute } = restoreOptions(args)
  const time = integerArgument(ttl)
  if (time < 0) throw redisError('ERR Invalid TTL value, must be >= 0')
  if (!replaces && call.find(key) !== undefined) {
    throw redisError('BUSYKEY Target key name already exists.')
  }
  const value = decodePayload(payload)
  const expireAt = time === 0 ? 0 : Math.min(isAbsolute ? time : call.now + time, EXPIRE_AT_MAX)
  const hadKey = call.find(key) !== undefined && call.remove(key)
  if (expireAt !== 0 && expireAt <= call.now) {
    if (hadKey) call.changed('del', key)
    return OK
  }
  put(call, key, value)
  const meta = call.find(key) as Meta
  if (expireAt !== 0) call.put(key, meta.expiring(expireAt))
  call.changed('restore', key)
  return OK
}

function put(call: Call, key: Uint8Array, { type, items, scores }: PayloadValue): void {
  if (type === STRING) call.put(key, Meta.string(items[0] as Uint8Array))
  else if (type === LIST) {
    const list = List.fresh(call, key)
    for (const item of items) list.push('right', item)
    list.save()
  } else if (type === SET) storeSet(call, key, items)
  else if (type === HASH) setFields(call, key, items)
  else if (type === ZSET) {
    const set = SortedSet.fresh(call, key)
    items.forEach((member, i) => set.set(b4a.from(member), scores?.[i] ?? 0, undefined))
    set.save()
  }
}

export const dumpCommands: readonly Command[] = [
  reads('dump', 2, dump),
  writes('restore', -4, restore),
]
