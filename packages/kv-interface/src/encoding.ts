import { isUtf8 } from 'node:buffer'
import b4a from 'b4a'
import c from 'compact-encoding'
import { kvError } from './kv-errors.ts'

/** A codec in compact-encoding's shape. */
export interface KvCodec<In, Out = In> {
  preencode(state: CodecState, value: In): void
  encode(state: CodecState, value: In): void
  decode(state: CodecState): Out
}

/** Where a codec is in its buffer. */
export interface CodecState {
  start: number
  end: number
  buffer: Uint8Array
}

/** Encodings by name. */
export type EncodingName = 'utf8' | 'binary' | 'json'

/**
 * How keys or values of type `T` are written as bytes:
 *
 * - `utf8`: strings. Bytes are taken too, as they are.
 * - `binary`: bytes. Strings are taken too, as UTF-8.
 * - `json`: anything that JSON can hold.
 * - a compact-encoding codec. One for keys decides their order, which is that of the bytes.
 */
export type Encoding<T> =
  | KvCodec<T>
  | 'json'
  | (T extends string ? 'utf8' : never)
  | (T extends Uint8Array ? 'binary' : never)

/** Any encoding, whatever it is for. */
export type AnyEncoding = EncodingName | KvCodec<never, unknown>

/** What a call takes for a key or value of type `T`: strings and bytes stand for one another. */
export type Input<T> = T extends string | Uint8Array ? T | string | Uint8Array : T

/** An encoding made ready: for keys or for values. */
export interface Encoder<T> {
  /** The bytes of `value`; bytes are returned as they are. Throws a TypeError when it does not fit. */
  encode(value: unknown): Uint8Array
  /** The value of `bytes`, which it may keep. Throws `KEY_UNREADABLE` or `VALUE_UNREADABLE`. */
  decode(bytes: Uint8Array): T
  /** Whether the bytes of a string begin those of every longer one, so that a prefix means something. */
  readonly hasPrefixes: boolean
}

/** What is encoded: for messages. */
export type Role = 'key' | 'value'

/** The encoder for an encoding. Throws a TypeError when there is none of that name. */
export function encoderOf(encoding: AnyEncoding, role: Role): Encoder<unknown> {
  switch (encoding) {
    case 'utf8':
      return { encode: (value) => plainBytes(value, role), decode: text(role), hasPrefixes: true }
    case 'binary':
      return {
        encode: (value) => plainBytes(value, role),
        decode: (bytes) => bytes,
        hasPrefixes: true,
      }
    case 'json':
      return { encode: (value) => json(value, role), decode: parsed(role), hasPrefixes: false }
    default:
      return codecEncoder(encoding, role)
  }
}

function plainBytes(value: unknown, role: Role): Uint8Array {
  if (typeof value === 'string') return textBytes(value, role)
  if (value instanceof Uint8Array) return value
  throw new TypeError(`a ${role} is a string or a Uint8Array, not ${kindOf(value)}`)
}

// An unpaired surrogate has no UTF-8: it would be stored as another character, and two keys as one.
function textBytes(value: string, role: Role): Uint8Array {
  if (!isWellFormed(value)) {
    throw new TypeError(`a ${role} has an unpaired surrogate, which UTF-8 cannot hold; use bytes`)
  }
  return b4a.from(value)
}

// Part of Node 20, not of the language version that the types are of.
function isWellFormed(value: string): boolean {
  return (value as string & { isWellFormed(): boolean }).isWellFormed()
}

function text(role: Role): (bytes: Uint8Array) => string {
  return (bytes) => {
    const value = b4a.toString(bytes)
    // Decoding puts U+FFFD where bytes are no UTF-8; the text itself may have one too.
    if (value.includes('\ufffd') && !isUtf8(bytes)) throw unreadable(role, 'utf8')
    return value
  }
}

function json(value: unknown, role: Role): Uint8Array {
  const written: string | undefined = JSON.stringify(value)
  if (written === undefined) throw new TypeError(`a ${role} of ${kindOf(value)} has no JSON`)
  return b4a.from(written)
}

function parsed(role: Role): (bytes: Uint8Array) => unknown {
  return (bytes) => {
    try {
      return JSON.parse(b4a.toString(bytes))
    } catch (cause) {
      throw unreadable(role, 'json', cause)
    }
  }
}

function codecEncoder(codec: KvCodec<never, unknown>, role: Role): Encoder<unknown> {
  if (typeof codec?.preencode !== 'function' || typeof codec.decode !== 'function') {
    throw new TypeError(`${role}Encoding is 'utf8', 'binary', 'json' or a compact-encoding codec`)
  }
  return {
    encode(value) {
      try {
        return c.encode(codec as KvCodec<unknown>, value)
      } catch (cause) {
        throw new TypeError(`a ${role} does not fit its codec: ${kindOf(value)}`, { cause })
      }
    },
    decode(bytes) {
      try {
        return codec.decode({ start: 0, end: bytes.byteLength, buffer: bytes })
      } catch (cause) {
        throw unreadable(role, 'its codec', cause)
      }
    },
    hasPrefixes: false,
  }
}

function unreadable(role: Role, encoding: string, cause?: unknown): Error {
  return kvError(
    role === 'key' ? 'KEY_UNREADABLE' : 'VALUE_UNREADABLE',
    `a ${role} that is stored was not written as ${encoding}; open the stream with the ${role}Encoding that it was written with, or read bytes`,
    cause === undefined ? {} : { cause },
  )
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value
}
