import type { Codec, State } from '@datagram/log-core'
import c from 'compact-encoding'
import { copyOf } from './byte-copies.ts'
import { sharedPrefix } from './key-order.ts'
import { KEY_BYTES_MAX } from './limits.ts'

/*
 * Keys inside fences and heads. Both decoders throw a plain `Error` that says why; the codec that calls
 * them gives it a code.
 */

/** Codec of a key of which only what differs from the key before is written. */
export const prefixedKey = {
  preencode(state: State, key: Uint8Array, before: Uint8Array): void {
    const shared = sharedPrefix(key, 0, key.length, before, 0, before.length)
    c.uint.preencode(state, shared)
    c.uint.preencode(state, key.length - shared)
    state.end += key.length - shared
  },
  encode(state: State, key: Uint8Array, before: Uint8Array): void {
    const shared = sharedPrefix(key, 0, key.length, before, 0, before.length)
    c.uint.encode(state, shared)
    c.uint.encode(state, key.length - shared)
    state.buffer.set(key.subarray(shared), state.start)
    state.start += key.length - shared
  },
  decode(state: State, before: Uint8Array): Uint8Array {
    const shared = c.uint.decode(state)
    const suffix = c.uint.decode(state)
    if (shared > before.length) throw new Error('a key shares more than there is')
    if (suffix > state.end - state.start) throw new Error('a key is cut short')
    if (shared + suffix > KEY_BYTES_MAX) throw new Error('a key is longer than its limit')
    const key = new Uint8Array(shared + suffix)
    key.set(before.subarray(0, shared))
    key.set(state.buffer.subarray(state.start, state.start + suffix), shared)
    state.start += suffix
    return key
  },
}

/** Codec of a key written whole, its length before it. */
export const wholeKey: Codec<Uint8Array> = {
  preencode(state: State, key: Uint8Array): void {
    c.uint.preencode(state, key.length)
    state.end += key.length
  },
  encode(state: State, key: Uint8Array): void {
    c.uint.encode(state, key.length)
    state.buffer.set(key, state.start)
    state.start += key.length
  },
  decode(state: State): Uint8Array {
    const length = c.uint.decode(state)
    if (length > state.end - state.start) throw new Error('a key is cut short')
    if (length > KEY_BYTES_MAX) throw new Error('a key is longer than its limit')
    state.start += length
    return copyOf(state.buffer.subarray(state.start - length, state.start))
  },
}
