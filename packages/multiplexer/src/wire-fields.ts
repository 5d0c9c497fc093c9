import type { State } from '@datagram/log-core'
import c from 'compact-encoding'
import { multiplexerError } from './multiplexer-errors.ts'

/** Bytes of a discovery key, a public key and a proof. */
export const HASH_BYTES = 32

/** The error of a message that cannot be read; `why` completes "the peer's … message …". */
export function messageBroken(message: string, why: string, cause?: unknown): Error {
  return multiplexerError(
    'PEER_PROTOCOL_BROKEN',
    `the peer's ${message} message cannot be read: ${why}; the connection is closed, update one of the two programs`,
    cause === undefined ? {} : { cause },
  )
}

/** The next `size` bytes, copied, since what a message holds may be kept for long. */
export function readBytes(
  state: State,
  message: string,
  what: string,
  size = HASH_BYTES,
): Uint8Array {
  if (state.end - state.start < size) throw messageBroken(message, `its ${what} is cut short`)
  // Not `slice`: a Buffer's gives a view.
  const bytes = new Uint8Array(state.buffer.subarray(state.start, state.start + size))
  state.start += size
  return bytes
}

/** The next byte. */
export function readByte(state: State, message: string, what: string): number {
  if (state.start >= state.end) throw messageBroken(message, `its ${what} is missing`)
  return state.buffer[state.start++] as number
}

/** An unsigned integer up to `max`, in compact-encoding's form. */
export function readUint(
  state: State,
  message: string,
  what: string,
  max = Number.MAX_SAFE_INTEGER,
): number {
  let value: number
  try {
    value = c.uint.decode(state)
  } catch (cause) {
    throw messageBroken(message, `its ${what} is cut short or too large`, cause)
  }
  if (value > max) throw messageBroken(message, `its ${what} is ${value}, over ${max}`)
  return value
}

/** A text: one byte with its length, at most `bytesMax`, then UTF-8. */
export function readText(state: State, message: string, what: string, bytesMax: number): string {
  const size = readByte(state, message, `${what}'s length`)
  if (size > bytesMax)
    throw messageBroken(message, `its ${what} has ${size} bytes, over ${bytesMax}`)
  const bytes = readBytes(state, message, what, size)
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw messageBroken(message, `its ${what} is no UTF-8`, cause)
  }
}

/** Writes bytes as they are. */
export function writeBytes(state: State, bytes: Uint8Array): void {
  state.buffer.set(bytes, state.start)
  state.start += bytes.byteLength
}

/** Writes a text of at most 255 bytes, its length first. */
export function writeText(state: State, bytes: Uint8Array): void {
  state.buffer[state.start++] = bytes.byteLength
  writeBytes(state, bytes)
}

// `ignoreBOM` keeps a leading U+FEFF, so that what is read is what was written.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
