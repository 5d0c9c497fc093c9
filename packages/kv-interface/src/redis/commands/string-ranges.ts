import type { Call } from '../call.ts'
import { type Command, reads, writes } from '../command.ts'
import { Meta, STRING } from '../meta.ts'
import { integerArgument } from '../number-text.ts'
import { redisError, tooLong } from '../redis-error.ts'
import type { Reply } from '../reply.ts'

// What a value of the stream may hold, with room for what stands before it.
const STRING_BYTES_MAX = 128 * 1024 * 1024 - 8192
const EMPTY = new Uint8Array(0)

/** Throws when a string would be too long. */
export function assertLength(length: number): void {
  if (length > STRING_BYTES_MAX) throw tooLong()
}

/** Places from `start` to `end`, both included and negative from the end, as a half-open range. */
export function slotRange(start: number, end: number, length: number): readonly [number, number] {
  const from = Math.max(0, start < 0 ? length + start : start)
  const to = Math.min(length, (end < 0 ? length + end : end) + 1)
  return from >= to ? [0, 0] : [from, to]
}

function getrange(call: Call, [key, start, end]: readonly Uint8Array[]): Reply {
  const from = integerArgument(start)
  const to = integerArgument(end)
  const value = call.string(key as Uint8Array)
  if (value === undefined) return EMPTY
  return value.subarray(...slotRange(from, to, value.length))
}

function setrange(call: Call, [key, at, part]: readonly Uint8Array[]): Reply {
  const offset = integerArgument(at)
  if (offset < 0) throw redisError('ERR offset is out of range')
  const meta = call.findOf(key as Uint8Array, STRING)
  const before = meta?.value ?? EMPTY
  const added = part as Uint8Array
  if (added.length === 0) return before.length
  assertLength(offset + added.length)
  const value = new Uint8Array(Math.max(before.length, offset + added.length))
  value.set(before)
  value.set(added, offset)
  call.put(key as Uint8Array, Meta.string(value, meta?.expireAt))
  call.changed('setrange', key as Uint8Array)
  return value.length
}

export const stringRangeCommands: readonly Command[] = [
  reads('getrange', 4, getrange),
  reads('substr', 4, getrange),
  writes('setrange', 4, setrange),
]
