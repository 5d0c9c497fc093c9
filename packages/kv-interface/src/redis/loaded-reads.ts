import type { SubEntry } from './bucket.ts'

// Bytes of what was fetched for commands that met a miss; the older half goes when they are reached.
const LOADED_BYTES_MAX = 8 * 1024 * 1024

/** A read that is under way: a value, or (`sub` undefined) a range. */
export interface Loading {
  readonly bucket: string
  readonly sub: string | undefined
  /** A write came between, so what it brings is not true any more. */
  isStale: boolean
}

/**
 * What was read from disk or from peers because a command met it missing: it runs again and must find it.
 * What is committed drops what it makes stale, so what is here is always what the index would tell.
 */
export class LoadedReads {
  readonly #loading = new Set<Loading>()
  #values = new Map<string, Uint8Array | undefined>()
  #older = new Map<string, Uint8Array | undefined>()
  #bytes = 0
  #ranges = new Map<string, Map<string, SubEntry[]>>()
  #isPinned = false

  /** While pinned nothing leaves to make room: a command that runs alone must find all that it needs. */
  pin(pinned: boolean): void {
    this.#isPinned = pinned
    if (!pinned) this.#ranges.clear()
  }

  has(bucket: string, sub: string): boolean {
    const name = bucket + sub
    return this.#values.has(name) || this.#older.has(name)
  }

  value(bucket: string, sub: string): Uint8Array | undefined {
    const name = bucket + sub
    return this.#values.has(name) ? this.#values.get(name) : this.#older.get(name)
  }

  range(bucket: string, name: string): SubEntry[] | undefined {
    return this.#ranges.get(bucket)?.get(name)
  }

  /** A read begins; it ends with {@link addValue}, {@link addRange} or {@link failed}. */
  begin(bucket: string, sub?: string): Loading {
    const loading: Loading = { bucket, sub, isStale: false }
    this.#loading.add(loading)
    return loading
  }

  failed(loading: Loading): void {
    this.#loading.delete(loading)
  }

  addValue(loading: Loading, value: Uint8Array | undefined): void {
    this.#loading.delete(loading)
    if (loading.isStale) return
    const name = loading.bucket + loading.sub
    this.#values.set(name, value)
    this.#count(name.length + (value?.length ?? 0))
  }

  addRange(loading: Loading, name: string, entries: SubEntry[]): void {
    this.#loading.delete(loading)
    if (loading.isStale) return
    let ranges = this.#ranges.get(loading.bucket)
    if (ranges === undefined) {
      ranges = new Map()
      this.#ranges.set(loading.bucket, ranges)
    }
    ranges.set(name, entries)
    this.#count(entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0))
  }

  /** The index has another value now. */
  drop(bucket: string, sub: string): void {
    if (this.#ranges.size > 0) this.#ranges.delete(bucket)
    if (this.#loading.size > 0) {
      this.#mark((one) => one.bucket === bucket && (one.sub === undefined || one.sub === sub))
    }
    if (this.#values.size + this.#older.size === 0) return
    this.#values.delete(bucket + sub)
    this.#older.delete(bucket + sub)
  }

  clear(): void {
    this.#mark(() => true)
    this.#values.clear()
    this.#older.clear()
    this.#ranges.clear()
    this.#bytes = 0
  }

  #mark(isStale: (loading: Loading) => boolean): void {
    for (const loading of this.#loading) if (isStale(loading)) loading.isStale = true
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < LOADED_BYTES_MAX || this.#isPinned) return
    this.#older = this.#values
    this.#values = new Map()
    this.#ranges.clear()
    this.#bytes = 0
  }
}
