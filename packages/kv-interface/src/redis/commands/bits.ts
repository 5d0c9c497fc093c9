import type { Call } from '../call.ts'
import { type Command, reads, writes } from '../command.ts'
import { Meta, STRING } from '../meta.ts'
import { integerArgument } from '../number-text.ts'
import { redisError, syntaxError } from '../redis-error.ts'
import type { Reply } from '../reply.ts'
import { wordOf } from './argument.ts'
import { assertLength, slotRange } from './string-ranges.ts'

type Args = readonly Uint8Array[]

const EMPTY = new Uint8Array(0)
const BIT_MAX = 2 ** 32 - 1

function bitPlace(bytes: Uint8Array | undefined): number {
  const bad = () => redisError('ERR bit offset is not an integer or out of range')
  const place = integerArgument(bytes, bad)
  if (place < 0 || place > BIT_MAX) throw bad()
  return place
}

function bitArgument(bytes: Uint8Array | undefined, text: string): 0 | 1 {
  const bad = () => redisError(text)
  const bit = integerArgument(bytes, bad)
  if (bit !== 0 && bit !== 1) throw bad()
  return bit
}

function bitAt(value: Uint8Array, place: number): 0 | 1 {
  return (((value[place >>> 3] ?? 0) >> (7 - (place & 7))) & 1) as 0 | 1
}

function setbit(call: Call, [key, at, bit]: Args): Reply {
  const place = bitPlace(at)
  const next = bitArgument(bit, 'ERR bit is not an integer or out of range')
  const meta = call.findOf(key as Uint8Array, STRING)
  const before = meta?.value ?? EMPTY
  const index = Math.floor(place / 8)
  assertLength(index + 1)
  const value = new Uint8Array(Math.max(before.length, index + 1))
  value.set(before)
  const mask = 0x80 >> (place & 7)
  value[index] = next === 1 ? (value[index] as number) | mask : (value[index] as number) & ~mask
  call.put(key as Uint8Array, Meta.string(value, meta?.expireAt))
  call.changed('setbit', key as Uint8Array)
  return bitAt(before, place)
}

function getbit(call: Call, [key, at]: Args): Reply {
  const place = bitPlace(at)
  return bitAt(call.string(key as Uint8Array) ?? EMPTY, place)
}

/** Bits from one to before another: of a range in bytes or (BIT) in bits. */
function bitRange(args: Args, length: number): readonly [number, number] {
  if (args.length === 0) return [0, length * 8]
  const unit = wordOf(args[2])
  if (args.length > 3 || (args.length === 3 && unit !== 'BIT' && unit !== 'BYTE')) {
    throw syntaxError()
  }
  const start = integerArgument(args[0])
  const end = args.length > 1 ? integerArgument(args[1]) : -1
  if (unit === 'BIT') return slotRange(start, end, length * 8)
  const [from, to] = slotRange(start, end, length)
  return [from * 8, to * 8]
}

const BITS = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1
  return count
})

function bitcount(call: Call, [key, ...range]: Args): Reply {
  if (range.length === 1) throw syntaxError()
  bitRange(range, 0)
  const value = call.string(key as Uint8Array) ?? EMPTY
  const [from, to] = bitRange(range, value.length)
  let count = 0
  let place = from
  for (; place < to && (place & 7) !== 0; place++) count += bitAt(value, place)
  for (; place + 8 <= to; place += 8) count += BITS[value[place >>> 3] as number] as number
  for (; place < to; place++) count += bitAt(value, place)
  return count
}

function bitpos(call: Call, [key, wanted, ...range]: Args): Reply {
  const bit = bitArgument(wanted, 'ERR The bit argument must be 1 or 0.')
  bitRange(range, 0)
  const value = call.string(key as Uint8Array)
  if (value === undefined) return bit === 1 ? -1 : 0
  const [from, to] = bitRange(range, value.length)
  const empty = bit === 1 ? 0 : 0xff
  for (let place = from; place < to; ) {
    if ((place & 7) === 0 && place + 8 <= to && value[place >>> 3] === empty) place += 8
    else if (bitAt(value, place) === bit) return place
    else place++
  }
  // Without an end the string goes on with zeros.
  const goesOn = bit === 0 && range.length < 2 && to > from
  return goesOn ? value.length * 8 : -1
}

const operations: Readonly<Record<string, (a: number, b: number) => number>> = {
  AND: (a, b) => a & b,
  OR: (a, b) => a | b,
  XOR: (a, b) => a ^ b,
}

function bitop(call: Call, [operation, target, ...keys]: Args): Reply {
  const word = wordOf(operation)
  const combine = operations[word]
  if (combine === undefined && word !== 'NOT') throw syntaxError()
  if (word === 'NOT' && keys.length !== 1) {
    throw redisError('ERR BITOP NOT must be called with a single source key.')
  }
  const values = keys.map((key) => call.string(key) ?? EMPTY)
  const result = new Uint8Array(Math.max(...values.map(({ length }) => length)))
  const [first = EMPTY, ...others] = values
  result.set(first)
  for (let i = 0; i < result.length; i++) {
    if (combine === undefined) result[i] = ~(result[i] as number)
    else for (const other of others) result[i] = combine(result[i] as number, other[i] ?? 0)
  }
  const before = call.find(target as Uint8Array)
  if (result.length > 0) {
    call.replace(target as Uint8Array, Meta.string(result))
    call.changed('set', target as Uint8Array)
  } else if (before !== undefined) {
    call.remove(target as Uint8Array)
    call.changed('del', target as Uint8Array)
  }
  return result.length
}

export const bitCommands: readonly Command[] = [
  writes('setbit', 4, setbit),
  reads('getbit', 3, getbit, { flags: ['fast'] }),
  reads('bitcount', -2, bitcount),
  reads('bitpos', -3, bitpos),
  writes('bitop', -4, bitop, { keys: [2, -1, 1] }),
]
