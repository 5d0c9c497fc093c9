import type { State } from '@datagram/log-core'
import c from 'compact-encoding'

/** Makes the error of bytes that cannot be read: `why` completes "the … cannot be read: …". */
export type Damaged = (why: string, cause?: unknown) => Error

/** An unsigned integer between `min` and `max`; anything else is `damaged`. */
export function decodeUint(
  state: State,
  what: string,
  damaged: Damaged,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: { readonly min?: number; readonly max?: number } = {},
): number {
  let value: number
  try {
    value = c.uint.decode(state)
  } catch (cause) {
    throw damaged(`its ${what} is cut short or out of range`, cause)
  }
  if (value < min || value > max) throw damaged(`its ${what} is ${value}, not ${min} to ${max}`)
  return value
}

/** The next `size` bytes, as a view on the buffer. */
export function decodeBytes(
  state: State,
  size: number,
  what: string,
  damaged: Damaged,
): Uint8Array {
  if (state.end - state.start < size) throw damaged(`its ${what} is cut short`)
  const bytes = state.buffer.subarray(state.start, state.start + size)
  state.start += size
  return bytes
}

/** Size of {@link encodeSized}. */
export function preencodeSized(state: State, bytes: Uint8Array): void {
  c.uint.preencode(state, bytes.byteLength)
  state.end += bytes.byteLength
}

/** Writes the length of `bytes` as a uint, then `bytes`. */
export function encodeSized(state: State, bytes: Uint8Array): void {
  c.uint.encode(state, bytes.byteLength)
  state.buffer.set(bytes, state.start)
  state.start += bytes.byteLength
}
