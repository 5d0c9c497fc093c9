import { type Kv, openKv } from '@datagram/kv-interface'
import type { Contender, OpenMap, Scanned, ScanRange } from '../contender.ts'
import type { Entry } from '../workload.ts'
import { scanKv } from './our-scan.ts'

/**
 * `openKv` of `@datagram/kv-interface`, with its defaults. Its blocks are encrypted, as they always are;
 * without a password, so that deriving a key from one (on purpose slow) does not hide what opening costs.
 */
export const ours: Contender = {
  name: 'ours',
  open: async (folder) => {
    const kv = await openKv(folder)
    return new OurMap(kv, () => kv.close())
  },
}

/** Our key/value store, under the names that the other maps have. */
export class OurMap implements OpenMap {
  readonly #kv: Kv
  readonly close: () => Promise<void>

  constructor(kv: Kv, close: () => Promise<void>) {
    this.#kv = kv
    this.close = close
  }

  put(key: string, value: string): Promise<boolean> {
    return this.#kv.set(key, value)
  }

  batch(entries: readonly Entry[]): Promise<void> {
    return this.#kv.batch(entries.map(([key, value]) => ({ type: 'set', key, value })))
  }

  get(key: string): Promise<string | undefined> {
    return this.#kv.get(key)
  }

  scan(range?: ScanRange): Promise<Scanned> {
    return scanKv(this.#kv, range)
  }
}
