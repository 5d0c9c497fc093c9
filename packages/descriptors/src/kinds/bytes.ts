import b4a from 'b4a'
import { type Kind, misfit, scalarKind } from '../kind.ts'

/** `bytes`: a varint with the length, then the bytes. In JSON: base64 (RFC 4648 §4, padded). */
export const bytesKind: Kind = scalarKind<Uint8Array>({
  label: 'bytes',
  expected: 'a Uint8Array',
  expectedJson: 'bytes as a text in base64',
  fits: (value): value is Uint8Array => value instanceof Uint8Array,
  settle: (value) => new Uint8Array(value),
  write(out, value) {
    if (!(value instanceof Uint8Array)) throw misfit
    out.uint(value.length)
    out.raw(value)
  },
  read: (from) => from.raw(from.count()),
  toJson: (value) => b4a.toString(value, 'base64'),
  fromJson(json) {
    if (typeof json !== 'string') return undefined
    const bytes = b4a.from(json, 'base64')
    // The decoder skips what it does not know; only base64 in its one form comes back the same.
    return b4a.toString(bytes, 'base64') === json ? bytes : undefined
  },
})
