import { getUint48, putUint48 } from './key-part.ts'
import { Bucket } from './bucket.ts'
import type { Space } from './space.ts'

/*
 * Entries of the key space itself, under [0]:
 *
 *   key        value
 *   [0 1 db]   a database: number of its keys' collection, how many keys it has, how many of them expire
 *   [0 2]      the next number of a collection
 *   [0 3]      what happened to keys in this frame (see key-event.ts)
 *   [0 4]      version of these formats: 1
 *
 * Numbers are unsigned, big-endian, of 6 bytes. Under [1 number] lie the entries of a database's keys: the
 * 4-byte hash of the key and its part (see key-part.ts). Under [2 number] the elements of a collection.
 * Under [3] when keys expire: milliseconds, database's number, hash and part of the key; the value is the
 * key where it is long. Under [4] collections that nothing leads to any more, by number: the value is the
 * type, 0 for a database.
 */
/** Databases that SELECT knows. */
export const DATABASES = 16

/** Entries of the key space itself. */
export const SYSTEM = new Bucket(new Uint8Array([0]))
export const EVENTS_SUB = new Uint8Array([3])
const NEXT_SUB = new Uint8Array([2])

/** What is known of a database. Never changed: another is put in its place. */
export interface DatabaseRecord {
  /** Number of its keys' collection; 0 when it never had a key. */
  readonly id: number
  readonly keys: number
  readonly expires: number
  /** The entries of its keys. */
  readonly bucket: Bucket
}

/** The numbered databases, and the numbers of all collections. */
export class Databases {
  readonly #space: Space
  #records: (DatabaseRecord | undefined)[] = []
  #next: number | undefined

  constructor(space: Space) {
    this.#space = space
  }

  get(db: number): DatabaseRecord {
    const known = this.#records[db]
    if (known !== undefined) return known
    const stored = this.#space.get(SYSTEM, recordSub(db))
    const [id, keys, expires] = stored === undefined ? [0, 0, 0] : threeOf(stored)
    const record = { id, keys, expires, bucket: keysOf(id) }
    this.#records[db] = record
    return record
  }

  /** As {@link get}, with a collection for its keys. */
  ready(db: number): DatabaseRecord {
    const record = this.get(db)
    return record.id === 0 ? this.empty(db) : record
  }

  /** Counts keys and those that expire. */
  count(db: number, keys: number, expires: number): void {
    const record = this.get(db)
    if (keys === 0 && expires === 0) return
    this.#put(db, { ...record, keys: record.keys + keys, expires: record.expires + expires })
  }

  /** Gives the database a new, empty collection. */
  empty(db: number): DatabaseRecord {
    const id = this.nextId()
    return this.#put(db, { id, keys: 0, expires: 0, bucket: keysOf(id) })
  }

  swap(a: number, b: number): void {
    const first = this.get(a)
    this.#put(a, this.get(b))
    this.#put(b, first)
  }

  /** The database whose keys lie under a number, or undefined. */
  withId(id: number): number | undefined {
    for (let db = 0; db < DATABASES; db++) if (this.get(db).id === id) return db
    return undefined
  }

  /** A number that no collection has had. */
  nextId(): number {
    const before = this.#next
    let next = before
    if (next === undefined) {
      const stored = this.#space.get(SYSTEM, NEXT_SUB)
      next = stored === undefined ? 1 : getUint48(stored, 0)
    }
    const value = new Uint8Array(6)
    putUint48(value, 0, next + 1)
    this.#space.put(SYSTEM, NEXT_SUB, value)
    this.#space.onRollBack(() => {
      this.#next = before
    })
    this.#next = next + 1
    return next
  }

  /** Forgets what is known: it may have changed. */
  clear(): void {
    this.#records = []
    this.#next = undefined
  }

  #put(db: number, record: DatabaseRecord): DatabaseRecord {
    const before = this.#records[db]
    this.#records[db] = record
    this.#space.onRollBack(() => {
      this.#records[db] = before
    })
    const value = new Uint8Array(18)
    putUint48(value, 0, record.id)
    putUint48(value, 6, record.keys)
    putUint48(value, 12, record.expires)
    this.#space.put(SYSTEM, recordSub(db), value)
    return record
  }
}

/** The entries of the keys of a database whose collection has this number. */
export function keysOf(id: number): Bucket {
  return numbered(1, id)
}

/** The elements of a collection. */
export function elementsOf(id: number): Bucket {
  return numbered(2, id)
}

function numbered(kind: number, id: number): Bucket {
  const prefix = new Uint8Array(7)
  prefix[0] = kind
  putUint48(prefix, 1, id)
  return new Bucket(prefix)
}

function recordSub(db: number): Uint8Array {
  return new Uint8Array([1, db])
}

function threeOf(bytes: Uint8Array): [number, number, number] {
  return [getUint48(bytes, 0), getUint48(bytes, 6), getUint48(bytes, 12)]
}
