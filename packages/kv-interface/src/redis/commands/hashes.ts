import b4a from 'b4a'
import type { Call } from '../call.ts'
import { decodeField, encodeField, entriesOf, type Field } from '../collection.ts'
import { type Command, reads, writes } from '../command.ts'
import { addDecimals } from '../decimal.ts'
import { hashedPart } from '../key-part.ts'
import { HASH, Meta } from '../meta.ts'
import { floatArgument, int64Argument } from '../number-text.ts'
import { redisError, wrongArity } from '../redis-error.ts'
import { OK, type Reply } from '../reply.ts'
import { addInt64 } from './counters.ts'

type Args = readonly Uint8Array[]

// Above this many fields they are told in whatever order is cheap.
const ORDERED_MAX = 512
const ZERO = b4a.from('0')

/** A field of a hash, or undefined. */
export function fieldOf(call: Call, meta: Meta | undefined, field: Uint8Array): Field | undefined {
  if (meta === undefined) return undefined
  const sub = hashedPart(field)
  const stored = call.space.get(call.elements(meta), sub)
  return stored === undefined ? undefined : decodeField([sub, stored])
}

/** All fields of a hash, those of a small one in the order in which they were new. */
export function fieldsOf(call: Call, meta: Meta | undefined): Field[] {
  const fields = entriesOf(call, meta).map(decodeField)
  return fields.length > ORDERED_MAX ? fields : fields.sort((a, b) => a.number - b.number)
}

/** Sets fields of a hash that may not be there yet; the hash after it, and how many were new. */
export function setFields(call: Call, key: Uint8Array, pairs: Args): number {
  const before = call.findOf(key, HASH)
  let meta = before ?? Meta.collection(HASH, call.newId())
  const bucket = call.elements(meta)
  let added = 0
  for (let i = 0; i < pairs.length; i += 2) {
    const [field, value] = [pairs[i], pairs[i + 1]] as [Uint8Array, Uint8Array]
    const known = before === undefined && added === 0 ? undefined : fieldOf(call, meta, field)
    const number = known?.number ?? meta.extra
    call.space.put(bucket, hashedPart(field), encodeField({ field, value, number }))
    if (known !== undefined) continue
    added++
    meta = meta.sized(meta.count + 1, meta.extra + 1)
  }
  if (added > 0) call.put(key, meta)
  return added
}

function hset(call: Call, args: Args): Reply {
  if (args.length % 2 !== 1) throw wrongArity('hset')
  const added = setFields(call, args[0] as Uint8Array, args.slice(1))
  call.changed('hset', args[0] as Uint8Array)
  return added
}

function hmset(call: Call, args: Args): Reply {
  if (args.length % 2 !== 1) throw wrongArity('hmset')
  hset(call, args)
  return OK
}

function hsetnx(call: Call, args: Args): Reply {
  const [key, field] = args as readonly [Uint8Array, Uint8Array]
  if (fieldOf(call, call.findOf(key, HASH), field) !== undefined) return 0
  return hset(call, args)
}

function hget(call: Call, [key, field]: Args): Reply {
  return fieldOf(call, call.findOf(key as Uint8Array, HASH), field as Uint8Array)?.value ?? null
}

function hmget(call: Call, [key, ...fields]: Args): Reply {
  const meta = call.findOf(key as Uint8Array, HASH)
  return fields.map((field) => fieldOf(call, meta, field)?.value ?? null)
}

function hdel(call: Call, [key, ...fields]: Args): Reply {
  const meta = call.findOf(key as Uint8Array, HASH)
  if (meta === undefined) return 0
  let removed = 0
  for (const field of fields) {
    if (fieldOf(call, meta, field) === undefined) continue
    call.space.del(call.elements(meta), hashedPart(field))
    removed++
  }
  if (removed === 0) return 0
  call.resize(key as Uint8Array, meta.sized(meta.count - removed))
  call.resized('hdel', key as Uint8Array)
  return removed
}

function hincrby(call: Call, [key, field, by]: Args): Reply {
  const amount = int64Argument(by)
  const known = fieldOf(call, call.findOf(key as Uint8Array, HASH), field as Uint8Array)
  const sum = addInt64(known?.value, amount, () => redisError('ERR hash value is not an integer'))
  setFields(call, key as Uint8Array, [field as Uint8Array, b4a.from(sum.toString())])
  call.changed('hincrby', key as Uint8Array)
  return sum
}

function hincrbyfloat(call: Call, [key, field, by]: Args): Reply {
  const known = fieldOf(call, call.findOf(key as Uint8Array, HASH), field as Uint8Array)
  const increment = floatArgument(by)
  if (!Number.isFinite(increment)) throw redisError('ERR value is NaN or Infinity')
  const sum = b4a.from(floatSum(known?.value ?? ZERO, by as Uint8Array))
  setFields(call, key as Uint8Array, [field as Uint8Array, sum])
  call.changed('hincrbyfloat', key as Uint8Array)
  return sum
}

function floatSum(value: Uint8Array, by: Uint8Array): string {
  return addDecimals(value, by, () => redisError('ERR hash value is not a float'))
}

function hgetall(call: Call, [key]: Args): Reply {
  const fields = fieldsOf(call, call.findOf(key as Uint8Array, HASH))
  return new Map<Uint8Array, Reply>(fields.map(({ field, value }) => [field, value]))
}

function hkeys(call: Call, [key]: Args): Reply {
  return fieldsOf(call, call.findOf(key as Uint8Array, HASH)).map(({ field }) => field)
}

function hvals(call: Call, [key]: Args): Reply {
  return fieldsOf(call, call.findOf(key as Uint8Array, HASH)).map(({ value }) => value)
}

function hlen(call: Call, [key]: Args): Reply {
  return call.findOf(key as Uint8Array, HASH)?.count ?? 0
}

function hexists(call: Call, [key, field]: Args): Reply {
  const meta = call.findOf(key as Uint8Array, HASH)
  return fieldOf(call, meta, field as Uint8Array) === undefined ? 0 : 1
}

function hstrlen(call: Call, [key, field]: Args): Reply {
  const meta = call.findOf(key as Uint8Array, HASH)
  return fieldOf(call, meta, field as Uint8Array)?.value.length ?? 0
}

const FAST = { flags: ['fast'] } as const

export const hashCommands: readonly Command[] = [
  writes('hset', -4, hset, FAST),
  writes('hmset', -4, hmset, FAST),
  writes('hsetnx', 4, hsetnx, FAST),
  writes('hdel', -3, hdel, FAST),
  writes('hincrby', 4, hincrby, FAST),
  writes('hincrbyfloat', 4, hincrbyfloat, FAST),
  reads('hget', 3, hget, FAST),
  reads('hmget', -3, hmget, FAST),
  reads('hgetall', 2, hgetall),
  reads('hkeys', 2, hkeys),
  reads('hvals', 2, hvals),
  reads('hlen', 2, hlen, FAST),
  reads('hexists', 3, hexists, FAST),
  reads('hstrlen', 3, hstrlen, FAST),
]
