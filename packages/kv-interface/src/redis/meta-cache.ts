import type { Meta } from './meta.ts'

// What an entry costs beside its name and value.
const ENTRY_BYTES = 120

/** What is known of keys, `null`: that there is none. Bounded: of two halves the older goes. */
export class MetaCache {
  readonly #bytesMax: number
  #recent = new Map<string, Meta | null>()
  #older = new Map<string, Meta | null>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get(name: string): Meta | null | undefined {
    const found = this.#recent.get(name)
    if (found !== undefined) return found
    const older = this.#older.get(name)
    if (older !== undefined) this.set(name, older)
    return older
  }

  set(name: string, meta: Meta | null): void {
    const before = this.#recent.get(name)
    this.#recent.set(name, meta)
    this.#bytes += costOf(name, meta) - (before === undefined ? 0 : costOf(name, before))
    if (this.#bytes < this.#bytesMax / 2) return
    this.#older = this.#recent
    this.#recent = new Map()
    this.#bytes = 0
  }

  delete(name: string): void {
    const before = this.#recent.get(name)
    if (before !== undefined) this.#bytes -= costOf(name, before)
    this.#recent.delete(name)
    this.#older.delete(name)
  }

  clear(): void {
    this.#recent.clear()
    this.#older.clear()
    this.#bytes = 0
  }
}

function costOf(name: string, meta: Meta | null): number {
  return ENTRY_BYTES + name.length + (meta === null ? 0 : meta.value.length)
}
