import { nameOf } from './key-part.ts'

/** Entries whose keys begin alike: those of a database, of a collection, …. */
export class Bucket {
  readonly prefix: Uint8Array
  readonly name: string

  constructor(prefix: Uint8Array) {
    this.prefix = prefix
    this.name = nameOf(prefix)
  }
}

/** Which entries of a bucket: keys behind its prefix. */
export interface SubRange {
  readonly gte?: Uint8Array | undefined
  readonly lt?: Uint8Array | undefined
  readonly reverse?: boolean | undefined
  readonly limit?: number | undefined
}

/** A key behind its bucket's prefix, and its value. */
export type SubEntry = readonly [sub: Uint8Array, value: Uint8Array]

/** The index key of an entry. */
export function keyOf({ prefix }: Bucket, sub: Uint8Array): Uint8Array {
  const key = new Uint8Array(prefix.length + sub.length)
  key.set(prefix)
  key.set(sub, prefix.length)
  return key
}
