import { ClassicLevel } from 'classic-level'
import type { Contender, OpenMap, Scanned, ScanRange } from '../contender.ts'
import { ScanCount } from '../scan-count.ts'
import type { Entry } from '../workload.ts'

/** LevelDB for Node. */
export const classicLevel: Contender = {
  name: 'classic-level',
  open: async (folder) => {
    const database = new ClassicLevel(folder)
    await database.open()
    return new ClassicLevelMap(database)
  },
}

class ClassicLevelMap implements OpenMap {
  readonly #database: ClassicLevel

  constructor(database: ClassicLevel) {
    this.#database = database
  }

  put(key: string, value: string): Promise<void> {
    return this.#database.put(key, value)
  }

  batch(entries: readonly Entry[]): Promise<void> {
    return this.#database.batch(entries.map(([key, value]) => ({ type: 'put', key, value })))
  }

  get(key: string): Promise<string | undefined> {
    return this.#database.get(key)
  }

  async scan(range: ScanRange = {}): Promise<Scanned> {
    const count = new ScanCount()
    for await (const [key, value] of this.#database.iterator({ ...range })) count.add(key, value)
    return count
  }

  close(): Promise<void> {
    return this.#database.close()
  }
}
