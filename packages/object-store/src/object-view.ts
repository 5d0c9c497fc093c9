import type { EntryReader, WaitOptions } from '@datagram/stream'
import b4a from 'b4a'
import {
  type Bounds,
  groupOf,
  headsBounds,
  idAtEnd,
  mutationsBounds,
  nameKey,
  type NameKey,
  objectOfType,
  versionsBounds,
  versionsOfBounds,
  versionsOfTypeBounds,
} from './object-key.ts'
import { readObject, type StoredObject } from './stored-object.ts'

/** Versions that stand against one another. All of them are kept; the store takes no side. */
export interface ObjectConflict {
  /**
   * `versions`: they were made without knowledge of one another, and no version replaces them all.
   * `mutation`: different objects carry one mutation id, which somebody has made up or changed.
   */
  readonly kind: 'versions' | 'mutation'
  /** The newest first: of `versions` the first is the current one, or older than that. */
  readonly versions: readonly StoredObject[]
}

/** The objects of a reader: of the stream as it is, of a snapshot, or within a transaction. */
export class ObjectView {
  readonly #reader: EntryReader
  readonly #wait: WaitOptions

  constructor(reader: EntryReader, wait: WaitOptions = {}) {
    this.#reader = reader
    this.#wait = wait
  }

  /** The version with the highest time, of those of one time that with the highest hash. */
  async current(objectId: string): Promise<StoredObject | undefined> {
    const key = await this.#currentKey(nameKey(objectId))
    return key && this.#read(key)
  }

  /** All versions of an object, the newest first. */
  async *versions(objectId: string): AsyncGenerator<StoredObject, void, undefined> {
    const bounds = versionsOfBounds(nameKey(objectId))
    for await (const key of this.#keys(bounds, { reverse: true })) yield this.#read(key)
  }

  /** The current version of each object, of those of a type if one is given. */
  async *objects(type?: string): AsyncGenerator<StoredObject, void, undefined> {
    if (type === undefined) {
      for await (const keys of groups(this.#keys(versionsBounds))) {
        yield this.#read(keys.at(-1) as Uint8Array)
      }
      return
    }
    for await (const keys of groups(this.#keys(versionsOfTypeBounds(nameKey(type))))) {
      const ofType = keys.at(-1) as Uint8Array
      const current = await this.#currentKey(objectOfType(ofType))
      if (current !== undefined && isSameVersion(current, ofType)) yield this.#read(ofType)
    }
  }

  /** What conflicts. */
  async *conflicts(): AsyncGenerator<ObjectConflict, void, undefined> {
    for await (const keys of groups(this.#keys(headsBounds))) {
      if (keys.length > 1) yield { kind: 'versions', versions: await this.#sorted(keys) }
    }
    for await (const keys of groups(this.#keys(mutationsBounds))) {
      if (keys.length > 1) yield { kind: 'mutation', versions: await this.#sorted(keys) }
    }
  }

  async #currentKey(object: NameKey): Promise<Uint8Array | undefined> {
    for await (const key of this.#keys(versionsOfBounds(object), { reverse: true, limit: 1 })) {
      return key
    }
    return undefined
  }

  async #sorted(keys: readonly Uint8Array[]): Promise<StoredObject[]> {
    const versions = await Promise.all(keys.map((key) => this.#read(key)))
    return versions.sort(newestFirst)
  }

  #keys(bounds: Bounds, order: { reverse?: boolean; limit?: number } = {}) {
    return this.#reader.keys({ ...bounds, ...order, ...this.#wait })
  }

  #read(key: Uint8Array): Promise<StoredObject> {
    return readObject(this.#reader, idAtEnd(key), this.#wait)
  }
}

function newestFirst(a: StoredObject, b: StoredObject): number {
  if (a.timeVersion !== b.timeVersion) return b.timeVersion - a.timeVersion
  return a.namedHash < b.namedHash ? 1 : -1
}

function isSameVersion(a: Uint8Array, b: Uint8Array): boolean {
  return b4a.equals(idAtEnd(a), idAtEnd(b))
}

/** Keys that have all before their time and hash in common. */
async function* groups(
  keys: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly Uint8Array[], void, undefined> {
  let group: Uint8Array[] = []
  let name: string | undefined
  for await (const key of keys) {
    const its = groupOf(key)
    if (its !== name && group.length > 0) {
      yield group
      group = []
    }
    name = its
    group.push(key)
  }
  if (group.length > 0) yield group
}
