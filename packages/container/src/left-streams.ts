import type { Log, Store } from '@datagram/log-core'
import b4a from 'b4a'
import { decodeLeaving, decodeRosterEntry, type RosterEntry } from './roster.ts'

/**
 * The streams that have left somebody's container, as its roster says. What is here of them is dropped when that is heard;
 * this drops what was not, because the program ended between.
 */
export class LeftStreams {
  readonly #store: Store
  readonly #named = new Map<string, RosterEntry>()
  readonly #left = new Map<string, RosterEntry>()
  #read = 0

  constructor(store: Store) {
    this.#store = store
  }

  /** Drops the blocks of those that have left; `isHere`: of those that are members all the same, which have come again. */
  async sweep(roster: Log, isHere: (indexKey: Uint8Array) => boolean): Promise<void> {
    await this.#readOn(roster)
    for (const [name, { indexKey, dataKey }] of this.#left) {
      if (isHere(indexKey)) continue
      for (const key of [indexKey, dataKey]) await this.#drop(key)
      this.#left.delete(name)
    }
  }

  async #readOn(roster: Log): Promise<void> {
    const [first] = roster.here({ start: this.#read, end: Math.max(this.#read, roster.length) })
    if (first?.start !== this.#read) return
    for await (const { index, payload } of roster.range(first)) {
      const entry = decodeRosterEntry(payload)
      if (entry !== undefined) this.#enter(entry)
      const left = decodeLeaving(payload)
      if (left !== undefined) this.#leave(b4a.toString(left, 'hex'))
      this.#read = index + 1
    }
  }

  #enter(entry: RosterEntry): void {
    const name = b4a.toString(entry.indexKey, 'hex')
    this.#named.set(name, entry)
    this.#left.delete(name)
  }

  #leave(name: string): void {
    const entry = this.#named.get(name)
    if (entry !== undefined) this.#left.set(name, entry)
  }

  async #drop(key: Uint8Array): Promise<void> {
    if (!(await this.#store.has(key))) return
    // Sealed as it is; who opens it later opens it with its key.
    await using log = await this.#store.openRemote(key)
    if ((await log.heldBytes()) > 0) await log.evict({ start: 0, end: log.length })
  }
}
