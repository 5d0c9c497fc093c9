import { createHash, type Hash } from 'node:crypto'
import b4a from 'b4a'
import { objectStoreError } from './object-store-errors.ts'

/** The name of a hash algorithm, a dash, and the hash in lower-case hexadecimal: `SHA256-be04fe07…`. */
export type NamedHash = string

/** A named hash, taken apart. */
export interface ParsedNamedHash {
  /** Name of the algorithm: `SHA256`. */
  readonly algorithm: string
  /** The hash in lower-case hexadecimal digits. */
  readonly hex: string
}

/** A hash algorithm that names content. Another one is another line in {@link algorithms}. */
interface Algorithm {
  /** As named hashes begin. */
  readonly name: string
  /** What stands for it where it is stored; never given to another. */
  readonly number: number
  /** Bytes of a hash. */
  readonly bytes: number
  /** How node:crypto calls it. */
  readonly digest: string
}

const sha256: Algorithm = { name: 'SHA256', number: 1, bytes: 32, digest: 'sha256' }
const algorithms: readonly Algorithm[] = [sha256]
const pattern = /^([A-Z][A-Z0-9_]*)-([0-9a-f]+)$/

/**
 * A named hash as it is stored: the algorithm's number, then the hash. All ids of one algorithm have one
 * length, and sort as the hashes do.
 */
export type BlobId = Uint8Array

/** Bytes of an id of the one algorithm that there is. */
export const ID_BYTES = 1 + sha256.bytes

/**
 * Takes a named hash apart. Throws a TypeError for what is no string, `NAMED_HASH_MALFORMED`, and
 * `HASH_ALGORITHM_UNKNOWN` for an algorithm that this version cannot compute.
 */
export function parseNamedHash(text: string): ParsedNamedHash {
  if (typeof text !== 'string') throw new TypeError('a named hash is a string')
  const [, name, hex] = pattern.exec(text) ?? []
  if (name === undefined || hex === undefined) throw malformed(text)
  const algorithm = algorithms.find((one) => one.name === name)
  if (algorithm === undefined) {
    throw objectStoreError(
      'HASH_ALGORITHM_UNKNOWN',
      `the hash algorithm ${name} is not known here; a newer version may know it`,
      { details: { algorithm: name } },
    )
  }
  if (hex.length !== algorithm.bytes * 2) throw malformed(text)
  return { algorithm: name, hex }
}

/** Whether `value` is a named hash of an algorithm that is known here. */
export function isNamedHash(value: unknown): value is NamedHash {
  const [, name, hex] = (typeof value === 'string' && pattern.exec(value)) || []
  const algorithm = algorithms.find((one) => one.name === name)
  return algorithm !== undefined && hex?.length === algorithm.bytes * 2
}

/** A named hash as it is stored. Throws as {@link parseNamedHash}. */
export function idOf(namedHash: NamedHash): BlobId {
  const { algorithm, hex } = parseNamedHash(namedHash)
  const known = algorithms.find(({ name }) => name === algorithm) as Algorithm
  return b4a.concat([b4a.from([known.number]), b4a.from(hex, 'hex')])
}

/** The named hash that is stored as `id`. Throws `HASH_ALGORITHM_UNKNOWN`. */
export function namedHashOf(id: BlobId): NamedHash {
  const algorithm = algorithms.find(({ number }) => number === id[0])
  if (algorithm === undefined) {
    throw objectStoreError(
      'HASH_ALGORITHM_UNKNOWN',
      `hash algorithm ${id[0]} is not known here; install the version that wrote it`,
      { details: { algorithm: id[0] } },
    )
  }
  return `${algorithm.name}-${b4a.toString(id.subarray(1), 'hex')}`
}

/** The id of content that comes in pieces. */
export class ContentHash {
  readonly #hash: Hash = createHash(sha256.digest)

  update(piece: Uint8Array): this {
    this.#hash.update(piece)
    return this
  }

  id(): BlobId {
    return b4a.concat([b4a.from([sha256.number]), this.#hash.digest()])
  }
}

/** The id of content that is here whole. */
export function idOfContent(content: Uint8Array): BlobId {
  return new ContentHash().update(content).id()
}

function malformed(text: string): Error {
  return objectStoreError(
    'NAMED_HASH_MALFORMED',
    `${JSON.stringify(text.slice(0, 200))} is no named hash; it is the algorithm, a dash and lower-case hexadecimal digits: SHA256-be04fe07…`,
  )
}
