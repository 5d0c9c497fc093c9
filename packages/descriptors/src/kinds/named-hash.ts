import b4a from 'b4a'
import type { ByteReader } from '../byte-reader.ts'
import { type Kind, misfit, scalarKind } from '../kind.ts'

const NAMED = 0
const SHA256 = 1
const SHA256_BYTES = 32
const HASH_BYTES_MIN = 16
const HASH_BYTES_MAX = 64

const algorithm = /^[A-Z][A-Z0-9_]{0,31}$/
const form = /^(?<algorithm>[A-Z][A-Z0-9_]{0,31})-(?<hex>(?:[0-9a-f]{2}){16,64})$/

/*
 * A named hash:
 *
 *   size  field
 *   1     algorithm: 0 named below, 1 SHA256
 *   32    the hash, when the algorithm is 1
 *
 *   …     name of the algorithm, text, when it is 0
 *   …     length of the hash, varint, 16–64
 *   …     the hash
 */

/** `namedHash`: an algorithm's number and the hash. In JSON: the text, `SHA256-` and hexadecimal digits. */
export const namedHashKind: Kind = scalarKind<string>({
  label: 'namedHash',
  expected: 'a named hash: an algorithm, a dash and lower-case hexadecimal (SHA256-9f86…)',
  fits: isNamedHash,
  write(out, value) {
    if (!isNamedHash(value)) throw misfit
    const dash = value.indexOf('-')
    const name = value.slice(0, dash)
    const hash = b4a.from(value.slice(dash + 1), 'hex')
    out.byte(name === 'SHA256' ? SHA256 : NAMED)
    if (name !== 'SHA256') {
      out.text(name)
      out.uint(hash.length)
    }
    out.raw(hash)
  },
  read(from) {
    const { at } = from
    const code = from.byte()
    if (code === SHA256) return `SHA256-${hex(from, SHA256_BYTES)}`
    if (code !== NAMED) throw from.damaged('the algorithm of a named hash is not known', at)
    const name = from.text()
    const length = from.uint()
    if (!algorithm.test(name) || name === 'SHA256')
      throw from.damaged('a named hash is misnamed', at)
    if (length < HASH_BYTES_MIN || length > HASH_BYTES_MAX) {
      throw from.damaged('a named hash has a wrong length', at)
    }
    return `${name}-${hex(from, length)}`
  },
})

function isNamedHash(value: unknown): value is string {
  const groups = typeof value === 'string' ? form.exec(value)?.groups : undefined
  if (groups === undefined) return false
  return groups['algorithm'] !== 'SHA256' || groups['hex']?.length === SHA256_BYTES * 2
}

function hex(from: ByteReader, length: number): string {
  return b4a.toString(from.raw(length), 'hex')
}
