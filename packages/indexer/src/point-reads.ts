import type { WaitOptions } from '@datagram/log-core'
import { copyOf } from './byte-copies.ts'
import { hashKey } from './key-hash.ts'
import { compareKeys } from './key-order.ts'
import { checkKey } from './limits.ts'
import { findCached, Lookup, PENDING } from './lookup.ts'
import type { MemtableView } from './memtable.ts'
import type { PageStore } from './page-store.ts'
import type { Prefetch } from './prefetch.ts'
import { isGone } from './unavailable.ts'
import type { View, ViewSource } from './view.ts'

// Keys looked up together by getMany: bounds the pages that are held at once.
const KEYS_TOGETHER_MAX = 512
// How often a read starts again with a newer view when its blocks are gone.
const RENEWALS_MAX = 4

type Value = Uint8Array | undefined

/** Reads of single keys over whatever view its source gives. */
export class PointReads {
  readonly #source: ViewSource
  readonly #pages: PageStore
  readonly #prefetch: Prefetch | undefined

  /** `prefetch` is given where blocks may be far away: reads then spend bytes to save round trips. */
  constructor(source: ViewSource, pages: PageStore, prefetch: Prefetch | undefined) {
    this.#source = source
    this.#pages = pages
    this.#prefetch = prefetch
  }

  /** The value at once when memory can tell, else a promise of it. */
  getNow(key: Uint8Array, wait?: WaitOptions): Value | Promise<Value> {
    checkKey(key)
    const hash = hashKey(key)
    const view = this.#source.view()
    const recent = findRecent(view.memtables, key, hash)
    if (recent !== undefined) return recent ?? undefined
    const found = findCached(view.tree.head.tiers, key, hash, this.#pages)
    if (found !== PENDING) return found ?? undefined
    // A copy: the caller may go on to use its buffer while blocks are fetched.
    return this.#getAll(view, [copyOf(key)], wait).then(([value]) => value)
  }

  /** The keys' values in their order, of one moment; keys that lie together share the reads. */
  async getMany(keys: readonly Uint8Array[], wait?: WaitOptions): Promise<Value[]> {
    for (const key of keys) checkKey(key)
    const sorted = keys
      .map((key, place) => ({ key: copyOf(key), place }))
      .sort((a, b) => compareKeys(a.key, b.key))
    const found = await this.#getAll(
      this.#source.view(),
      sorted.map(({ key }) => key),
      wait,
    )
    const values: Value[] = new Array(keys.length).fill(undefined)
    sorted.forEach(({ place }, i) => {
      values[place] = found[i]
    })
    return values
  }

  // All from one view: when its blocks are gone, all again from a newer one.
  async #getAll(from: View, keys: readonly Uint8Array[], wait: WaitOptions = {}): Promise<Value[]> {
    let view = from
    for (let renewals = 0; ; renewals++) {
      try {
        const values: Value[] = []
        for (let at = 0; at < keys.length; at += KEYS_TOGETHER_MAX) {
          values.push(...(await this.#getFrom(view, keys.slice(at, at + KEYS_TOGETHER_MAX), wait)))
        }
        return values
      } catch (error) {
        if (!isGone(error) || renewals === RENEWALS_MAX) throw error
        view = await this.#source.renew(view, error, wait)
      }
    }
  }

  async #getFrom(view: View, keys: readonly Uint8Array[], wait: WaitOptions): Promise<Value[]> {
    const { tiers } = view.tree.head
    const lookup = new Lookup(tiers, this.#pages, this.#prefetch !== undefined)
    const hashes = keys.map((key) => hashKey(key))
    const values: Value[] = new Array(keys.length).fill(undefined)
    let pending = keys.map((_, i) => i)
    while (pending.length > 0) {
      pending = pending.filter((i) => {
        const key = keys[i] as Uint8Array
        const hash = hashes[i] as number
        const recent = findRecent(view.memtables, key, hash)
        const found = recent === undefined ? lookup.find(key, hash) : recent
        if (found === PENDING) return true
        values[i] = found ?? undefined
        return false
      })
      if (pending.length === 0) break
      const wants = lookup.takeWants()
      lookup.give(wants, await this.#pages.load(wants, 'put', wait))
      // Asked for when the leaves are here, so that the next lookup finds its way without a round trip, and
      // nobody who reads one key waits for it.
      if (wants.some(({ kind }) => kind === 'leaf')) this.#prefetch?.begin(view.tree)
    }
    return values
  }
}

/** The newest table's answer: a value, null when it was deleted, undefined when none has the key. */
function findRecent(
  memtables: readonly MemtableView[],
  key: Uint8Array,
  hash: number,
): Uint8Array | null | undefined {
  for (let i = 0; i < memtables.length; i++) {
    const { table, limit } = memtables[i] as MemtableView
    const found = table.get(key, hash, limit)
    if (found !== undefined) return found
  }
  return undefined
}
