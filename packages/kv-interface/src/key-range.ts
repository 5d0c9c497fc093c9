import b4a from 'b4a'
import type { Encoder } from './encoding.ts'
import type { EntriesOptions } from './kv.ts'

/** Bounds in bytes, as the stream's index takes them. */
export interface ByteBounds {
  readonly gt?: Uint8Array | undefined
  readonly gte?: Uint8Array | undefined
  readonly lt?: Uint8Array | undefined
  readonly lte?: Uint8Array | undefined
}

/** The bounds of a call, its prefix among them. Throws a TypeError for what does not fit. */
export function byteBounds(
  { gt, gte, lt, lte, prefix }: EntriesOptions<unknown>,
  encoder: Encoder<unknown>,
): ByteBounds {
  const encoded = (bound: unknown) => (bound === undefined ? undefined : encoder.encode(bound))
  const bounds = { gt: encoded(gt), gte: encoded(gte), lt: encoded(lt), lte: encoded(lte) }
  if (prefix === undefined) return bounds
  const first = prefixBytes(prefix, encoder)
  const beyond = keyBeyond(first)
  return {
    ...bounds,
    gte: bounds.gte === undefined ? first : later(bounds.gte, first),
    lt:
      beyond === undefined || bounds.lt === undefined
        ? (bounds.lt ?? beyond)
        : earlier(bounds.lt, beyond),
  }
}

/** The bytes of a prefix. Throws a TypeError where the encoding has none, or it does not fit. */
export function prefixBytes(prefix: unknown, encoder: Encoder<unknown>): Uint8Array {
  if (!encoder.hasPrefixes) {
    throw new TypeError("prefix goes with the key encodings 'utf8' and 'binary'; use gte and lt")
  }
  return encoder.encode(prefix)
}

// The first key after all that begin with `prefix`; undefined when there is none.
function keyBeyond(prefix: Uint8Array): Uint8Array | undefined {
  let length = prefix.byteLength
  while (length > 0 && prefix[length - 1] === 0xff) length--
  if (length === 0) return undefined
  const beyond = new Uint8Array(prefix.subarray(0, length))
  beyond[length - 1] = (beyond[length - 1] as number) + 1
  return beyond
}

function later(a: Uint8Array, b: Uint8Array): Uint8Array {
  return b4a.compare(a, b) > 0 ? a : b
}

function earlier(a: Uint8Array, b: Uint8Array): Uint8Array {
  return b4a.compare(a, b) < 0 ? a : b
}
