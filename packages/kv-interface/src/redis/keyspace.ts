import { Databases } from './databases.ts'
import type { EventName } from './event-name.ts'
import { getUint48, HASHED_AT, hashedPart, isLongPart, nameOf, putUint48 } from './key-part.ts'
import { decodeMeta, type Meta, STRING } from './meta.ts'
import { MetaCache } from './meta-cache.ts'
import { Bucket } from './bucket.ts'
import type { WrittenEntry } from './frame.ts'
import type { Space } from './space.ts'

const EXPIRY = new Bucket(new Uint8Array([3]))
/** Collections that nothing leads to any more. */
export const GARBAGE = new Bucket(new Uint8Array([4]))
const DATABASE_GARBAGE = new Uint8Array([0])
const EMPTY = new Uint8Array(0)

/** Who hears of changes while a command runs; it may still be undone. */
export interface KeyspaceListener {
  /** A key was put in place that somebody may wait for. */
  keyPut(db: number, name: string, meta: Meta): void
  keyChanged(db: number, name: string): void
  /** Whether somebody wants to hear of new keys. */
  readonly tellsNewKeys: boolean
}

/** A key that is due to expire. */
interface DueKey {
  readonly db: number | undefined
  readonly key: Uint8Array
  readonly sub: Uint8Array
}

/** The keys of all databases: what each holds, and when it expires. It does not look at the clock. */
export class Keyspace {
  readonly databases: Databases
  readonly space: Space
  /** When the next key expires, or earlier; undefined when that is not known. */
  nextExpiry: number | undefined
  /** Whether there may be something that nothing leads to any more. */
  hasGarbage = true
  readonly #caches: MetaCache[] = []
  readonly #cacheBytes: number
  readonly #listener: KeyspaceListener
  // A command asks for the same key several times.
  #namedKey: Uint8Array | undefined
  #keyName = ''
  readonly #dropEvent = () => this.space.frame.events.pop()
  // The entry that was put last: most events are about it.
  #lastName = ''
  #lastEntry: WrittenEntry | undefined

  constructor(space: Space, listener: KeyspaceListener, cacheBytes: number) {
    this.space = space
    this.databases = new Databases(space)
    this.#listener = listener
    this.#cacheBytes = cacheBytes
  }

  get(db: number, key: Uint8Array): Meta | undefined {
    const name = this.#nameOf(key)
    const cache = this.#cache(db)
    const known = cache.get(name)
    if (known !== undefined) return known ?? undefined
    const { id, bucket } = this.databases.get(db)
    const stored = id === 0 ? undefined : this.space.get(bucket, hashedPart(key))
    const meta = stored === undefined ? undefined : decodeMeta(stored).meta
    cache.set(name, meta ?? null)
    return meta
  }

  /** Puts a key in place, or another in the place of one. What that one held is not freed. */
  put(db: number, key: Uint8Array, meta: Meta): void {
    const before = this.get(db, key)
    const { bucket, id } = this.databases.ready(db)
    this.#putEntry(db, key, { bucket, meta })
    if (before === undefined && this.#listener.tellsNewKeys) this.changed('new', db, key)
    const expires =
      (meta.expireAt === 0 ? 0 : 1) - (before === undefined || before.expireAt === 0 ? 0 : 1)
    this.databases.count(db, before === undefined ? 1 : 0, expires)
    if (before?.expireAt !== meta.expireAt) {
      if (before !== undefined && before.expireAt !== 0) this.#dropExpiry(id, key, before.expireAt)
      if (meta.expireAt !== 0) this.#addExpiry(id, key, meta.expireAt)
    }
    this.#listener.keyPut(db, this.#nameOf(key), meta)
  }

  /** Takes a key away. `free`: also what it holds, in time; default true. */
  remove(db: number, key: Uint8Array, free = true): boolean {
    const before = this.get(db, key)
    if (before === undefined) return false
    const { bucket, id } = this.databases.get(db)
    this.#putEntry(db, key, { bucket, meta: undefined })
    this.databases.count(db, -1, before.expireAt === 0 ? 0 : -1)
    if (before.expireAt !== 0) this.#dropExpiry(id, key, before.expireAt)
    if (free) this.free(before)
    return true
  }

  /** Lets the elements of a collection go, in time. */
  free(meta: Meta): void {
    if (meta.type === STRING || meta.count === 0) return
    this.hasGarbage = true
    this.space.put(GARBAGE, idSub(meta.id), new Uint8Array([meta.type]))
  }

  /** Takes all keys of a database away at once; what they held is freed in time. */
  flush(db: number): number {
    const { id, keys } = this.databases.get(db)
    if (keys === 0) return 0
    this.hasGarbage = true
    this.space.put(GARBAGE, idSub(id), DATABASE_GARBAGE)
    this.databases.empty(db)
    this.#forget(db)
    return keys
  }

  swap(a: number, b: number): void {
    if (a === b) return
    this.databases.swap(a, b)
    for (const db of [a, b]) this.#forget(db)
  }

  /** Tells that something happened to a key. */
  changed(name: EventName, db: number, key: Uint8Array): void {
    const keyName = this.#nameOf(key)
    const entry = this.#lastName === keyName ? this.#lastEntry : undefined
    const { frame } = this.space
    frame.events.push({ name, db, key, entry: entry?.frame === frame ? entry : undefined })
    this.space.onRollBack(this.#dropEvent)
    this.#listener.keyChanged(db, keyName)
  }

  /** The first keys that expire up to `now`, and takes note of when the next does. */
  due(now: number, limit: number): DueKey[] {
    const end = new Uint8Array(6)
    putUint48(end, 0, now + 1)
    const entries = this.space.range(EXPIRY, { lt: end, limit })
    if (entries.length < limit) {
      const [next] = this.space.range(EXPIRY, { gte: end, limit: 1 })
      const before = this.nextExpiry
      this.space.onRollBack(() => {
        this.nextExpiry = before
      })
      this.nextExpiry = next === undefined ? Number.POSITIVE_INFINITY : getUint48(next[0], 0)
    }
    return entries.map(([sub, value]) => {
      const part = sub.subarray(12 + HASHED_AT)
      const key = isLongPart(part) ? value : part
      return { db: this.databases.withId(getUint48(sub, 6)), key, sub }
    })
  }

  /** Takes note that a key's expiry is dealt with, also where the key is gone. */
  settled({ sub }: DueKey): void {
    this.space.del(EXPIRY, sub)
  }

  /** Forgets what is known: it may have changed. */
  clear(): void {
    for (const cache of this.#caches) cache?.clear()
    this.databases.clear()
    this.#lastEntry = undefined
    this.nextExpiry = undefined
  }

  #putEntry(
    db: number,
    key: Uint8Array,
    { bucket, meta }: { readonly bucket: Bucket; readonly meta: Meta | undefined },
  ): void {
    const name = this.#nameOf(key)
    const cache = this.#cache(db)
    const stored = meta?.encode(key)
    const entry = this.space.put(bucket, hashedPart(key), stored)
    // What is kept is the copy that was written: an argument is a window on a far larger chunk.
    cache.set(name, meta === undefined ? null : meta.within(stored as Uint8Array))
    this.space.onRollBack(() => cache.delete(name))
    this.#lastName = name
    this.#lastEntry = entry
  }

  // What a command is given is not changed while it runs, so the same array is the same key.
  #nameOf(key: Uint8Array): string {
    if (key !== this.#namedKey) {
      this.#keyName = nameOf(key)
      this.#namedKey = key
    }
    return this.#keyName
  }

  #addExpiry(id: number, key: Uint8Array, expireAt: number): void {
    this.space.put(EXPIRY, expirySub(id, key, expireAt), isLongPart(key) ? key : EMPTY)
    if (this.nextExpiry !== undefined && expireAt < this.nextExpiry) this.nextExpiry = expireAt
  }

  #dropExpiry(id: number, key: Uint8Array, expireAt: number): void {
    this.space.del(EXPIRY, expirySub(id, key, expireAt))
  }

  #forget(db: number): void {
    this.#cache(db).clear()
    this.space.onRollBack(() => this.#cache(db).clear())
  }

  #cache(db: number): MetaCache {
    let cache = this.#caches[db]
    if (cache === undefined) {
      cache = new MetaCache(this.#cacheBytes)
      this.#caches[db] = cache
    }
    return cache
  }
}

/** The key in an entry of a database's keys. */
export function keyOfEntry(sub: Uint8Array, value: Uint8Array): { key: Uint8Array; meta: Meta } {
  const { meta, longKey } = decodeMeta(value)
  return { key: longKey ?? sub.subarray(HASHED_AT), meta }
}

function idSub(id: number): Uint8Array {
  const sub = new Uint8Array(6)
  putUint48(sub, 0, id)
  return sub
}

function expirySub(id: number, key: Uint8Array, expireAt: number): Uint8Array {
  const part = hashedPart(key)
  const sub = new Uint8Array(12 + part.length)
  putUint48(sub, 0, expireAt)
  putUint48(sub, 6, id)
  sub.set(part, 12)
  return sub
}
