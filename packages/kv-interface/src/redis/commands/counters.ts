import b4a from 'b4a'
import type { Call } from '../call.ts'
import { type Command, writes } from '../command.ts'
import { addDecimals } from '../decimal.ts'
import { Meta, STRING } from '../meta.ts'
import { INT64_MAX, INT64_MIN, int64Argument, int64Of, integerOf } from '../number-text.ts'
import { notInteger, redisError } from '../redis-error.ts'
import type { Reply } from '../reply.ts'

const ZERO = b4a.from('0')

/** `value` + `by` in 64 bits. Throws Redis' errors. */
export function addInt64(value: Uint8Array | undefined, by: bigint, error = notInteger): bigint {
  const before = value === undefined ? 0n : int64Of(value)
  if (before === undefined) throw error()
  const sum = before + by
  if (sum > INT64_MAX || sum < INT64_MIN) {
    throw redisError('ERR increment or decrement would overflow')
  }
  return sum
}

function increase(call: Call, key: Uint8Array, by: bigint): Reply {
  const meta = call.findOf(key, STRING)
  const sum = addInt64(meta?.value, by)
  call.put(key, Meta.string(b4a.from(sum.toString()), meta?.expireAt))
  call.changed('incrby', key)
  return sum
}

function increaseByOne(by: 1 | -1): Command['run'] {
  return (call, [key]) => {
    const meta = call.findOf(key as Uint8Array, STRING)
    const small = meta === undefined ? 0 : integerOf(meta.value)
    if (small === undefined) return increase(call, key as Uint8Array, BigInt(by))
    call.put(key as Uint8Array, Meta.string(b4a.from(String(small + by)), meta?.expireAt))
    call.changed('incrby', key as Uint8Array)
    return small + by
  }
}

function increaseBy(sign: 1n | -1n): Command['run'] {
  return (call, [key, by]) => {
    const amount = int64Argument(by)
    if (sign === -1n && amount === INT64_MIN) throw redisError('ERR decrement would overflow')
    return increase(call, key as Uint8Array, sign * amount)
  }
}

function incrbyfloat(call: Call, [key, by]: readonly Uint8Array[]): Reply {
  const meta = call.findOf(key as Uint8Array, STRING)
  const sum = b4a.from(addDecimals(meta?.value ?? ZERO, by as Uint8Array))
  call.put(key as Uint8Array, Meta.string(sum, meta?.expireAt))
  call.changed('incrbyfloat', key as Uint8Array)
  return sum
}

const FAST = { flags: ['fast'] } as const

export const counterCommands: readonly Command[] = [
  writes('incr', 2, increaseByOne(1), FAST),
  writes('decr', 2, increaseByOne(-1), FAST),
  writes('incrby', 3, increaseBy(1n), FAST),
  writes('decrby', 3, increaseBy(-1n), FAST),
  writes('incrbyfloat', 3, incrbyfloat, FAST),
]
