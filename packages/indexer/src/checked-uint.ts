import type { State } from '@datagram/log-core'
import c from 'compact-encoding'

/**
 * Decodes how many items follow, each of `bytesMin` bytes at least. The check bounds what a hostile
 * count can make us do. Throws a plain `Error`; the codec that calls it gives it a code.
 */
export function decodeCount(state: State, bytesMin: number): number {
  const value = c.uint.decode(state)
  if (value * bytesMin > state.end - state.start)
    throw new Error('a count is larger than what follows')
  return value
}

/** Passes a whole number on, and throws a plain `Error` for one that JavaScript cannot hold. */
export function safeUint(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error('a number is out of range')
  return value
}
