import type { Call } from '../call.ts'
import { type Command, reads, writes } from '../command.ts'
import { nameOf } from '../key-part.ts'
import { Meta, STRING } from '../meta.ts'
import { int64Argument, integerArgument } from '../number-text.ts'
import { redisError, syntaxError } from '../redis-error.ts'
import type { Reply } from '../reply.ts'
import { wordOf } from './argument.ts'
import { assertLength } from './string-ranges.ts'

type Args = readonly Uint8Array[]
type Overflow = 'WRAP' | 'SAT' | 'FAIL'

/** A number of so many bits somewhere in a string. */
interface Field {
  readonly signed: boolean
  readonly bits: number
  /** Its first bit. */
  readonly at: number
}

/** One of the steps that a BITFIELD asks for. */
interface Step {
  readonly field: Field
  readonly action: 'GET' | 'SET' | 'INCRBY'
  readonly amount: bigint
  readonly overflow: Overflow
}

const EMPTY = new Uint8Array(0)
const BIT_MAX = 2 ** 32 - 1
const OVERFLOWS: readonly string[] = ['WRAP', 'SAT', 'FAIL'] satisfies Overflow[]

function fieldOf(type: Uint8Array | undefined, offset: Uint8Array | undefined): Field {
  const found = /^([iu])(\d{1,2})$/.exec(nameOf(type ?? EMPTY))
  const signed = found?.[1] === 'i'
  const bits = Number(found?.[2] ?? 0)
  if (bits < 1 || bits > (signed ? 64 : 63)) {
    throw redisError(
      'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
    )
  }
  const bad = () => redisError('ERR bit offset is not an integer or out of range')
  const isCounted = offset?.[0] === 35 // '#': in fields, not in bits
  const place = integerArgument(isCounted ? offset.subarray(1) : offset, bad)
  const at = isCounted ? place * bits : place
  if (at < 0 || at + bits - 1 > BIT_MAX) throw bad()
  return { signed, bits, at }
}

function stepsOf(args: Args): Step[] {
  const steps: Step[] = []
  let overflow: Overflow = 'WRAP'
  for (let i = 0; i < args.length; ) {
    const word = wordOf(args[i])
    if (word === 'OVERFLOW' && i + 1 < args.length) {
      const kind = wordOf(args[i + 1])
      if (!OVERFLOWS.includes(kind)) throw redisError('ERR Invalid OVERFLOW type specified')
      overflow = kind as Overflow
      i += 2
    } else if (word === 'GET' && i + 2 < args.length) {
      steps.push({ field: fieldOf(args[i + 1], args[i + 2]), action: word, amount: 0n, overflow })
      i += 3
    } else if ((word === 'SET' || word === 'INCRBY') && i + 3 < args.length) {
      const field = fieldOf(args[i + 1], args[i + 2])
      steps.push({ field, action: word, amount: int64Argument(args[i + 3]), overflow })
      i += 4
    } else throw syntaxError()
  }
  return steps
}

function readField(value: Uint8Array, { signed, bits, at }: Field): bigint {
  let found = 0n
  for (let bit = at; bit < at + bits; bit++) {
    const byte = value[Math.floor(bit / 8)] ?? 0
    found = (found << 1n) | BigInt((byte >> (7 - (bit % 8))) & 1)
  }
  return signed ? BigInt.asIntN(bits, found) : found
}

function writeField(value: Uint8Array, { bits, at }: Field, number: bigint): void {
  let rest = BigInt.asUintN(bits, number)
  for (let bit = at + bits - 1; bit >= at; bit--) {
    const index = Math.floor(bit / 8)
    const mask = 0x80 >> (bit % 8)
    const byte = value[index] as number
    value[index] = (rest & 1n) === 1n ? byte | mask : byte & ~mask
    rest >>= 1n
  }
}

/** The number as the field can hold it; undefined where it cannot and must not be made to. */
function fitted({ signed, bits }: Field, number: bigint, overflow: Overflow): bigint | undefined {
  const size = 1n << BigInt(signed ? bits - 1 : bits)
  const least = signed ? -size : 0n
  if (number >= least && number < size) return number
  if (overflow === 'FAIL') return undefined
  if (overflow === 'SAT') return number < least ? least : size - 1n
  return signed ? BigInt.asIntN(bits, number) : BigInt.asUintN(bits, number)
}

function replyOf(number: bigint): Reply {
  const small = Number(number)
  return Number.isSafeInteger(small) ? small : number
}

function bitfield(call: Call, [key, ...args]: Args): Reply {
  const steps = stepsOf(args)
  const meta = call.findOf(key as Uint8Array, STRING)
  const before = meta?.value ?? EMPTY
  const writing = steps.filter(({ action }) => action !== 'GET')
  const ends = writing.map(({ field }) => Math.floor((field.at + field.bits - 1) / 8) + 1)
  const length = Math.max(before.length, ...ends)
  assertLength(length)
  const value = new Uint8Array(length)
  value.set(before)
  let isChanged = false
  const replies = steps.map(({ field, action, amount, overflow }) => {
    const old = readField(value, field)
    if (action === 'GET') return replyOf(old)
    // What is set in an unsigned field is taken as 64 bits without a sign.
    const given = field.signed ? amount : BigInt.asUintN(64, amount)
    const next = fitted(field, action === 'SET' ? given : old + amount, overflow)
    if (next === undefined) return null
    isChanged = true
    writeField(value, field, next)
    return replyOf(action === 'SET' ? old : next)
  })
  if (isChanged || value.length > before.length) {
    call.put(key as Uint8Array, Meta.string(value, meta?.expireAt))
    call.changed('setbit', key as Uint8Array)
  }
  return replies
}

function bitfieldReadOnly(call: Call, [key, ...args]: Args): Reply {
  const steps = stepsOf(args)
  if (steps.some(({ action }) => action !== 'GET')) {
    throw redisError('ERR BITFIELD_RO only supports the GET subcommand')
  }
  const value = call.string(key as Uint8Array) ?? EMPTY
  return steps.map(({ field }) => replyOf(readField(value, field)))
}

export const bitFieldCommands: readonly Command[] = [
  writes('bitfield', -2, bitfield),
  reads('bitfield_ro', -2, bitfieldReadOnly, { flags: ['fast'] }),
]
