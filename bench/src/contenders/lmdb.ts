import { open, type RootDatabase } from 'lmdb'
import type { Contender, OpenMap, Scanned, ScanRange } from '../contender.ts'
import { ScanCount } from '../scan-count.ts'
import type { Entry } from '../workload.ts'

/** LMDB for Node: reads are synchronous, and a write resolves when it is on the disk. */
export const lmdb: Contender = {
  name: 'lmdb',
  open: async (folder) => new LmdbMap(open<string, string>({ path: folder })),
}

class LmdbMap implements OpenMap {
  readonly #database: RootDatabase<string, string>

  constructor(database: RootDatabase<string, string>) {
    this.#database = database
  }

  put(key: string, value: string): Promise<boolean> {
    return this.#database.put(key, value)
  }

  batch(entries: readonly Entry[]): Promise<void> {
    return this.#database.transaction(() => {
      for (const [key, value] of entries) void this.#database.put(key, value)
    })
  }

  get(key: string): string | undefined {
    return this.#database.get(key)
  }

  async scan({ gte, limit }: ScanRange = {}): Promise<Scanned> {
    const count = new ScanCount()
    const range = { ...(gte === undefined ? {} : { start: gte }), ...(limit ? { limit } : {}) }
    // By `for await` as with the others, though it could be read by `for`.
    for await (const { key, value } of this.#database.getRange(range)) count.add(key, value)
    return count
  }

  close(): Promise<void> {
    return this.#database.close()
  }
}
