import type { FaultyLink } from '@datagram/fault-harness'
import type { Author, Contender, OpenMap, Replica, Scanned, ScanRange } from '../contender.ts'
import {
  type Core,
  type Corestore,
  type Hyperbee,
  openCorestore,
  openHyperbee,
} from '../holepunch.ts'
import { ScanCount } from '../scan-count.ts'
import type { Entry } from '../workload.ts'
import { CorestoreLink, knownLength } from './corestore-link.ts'

/** Hyperbee over a Corestore. */
export const hyperbee: Contender = {
  name: 'hyperbee',
  open: async (folder) => HyperbeeMap.open(folder),
  openAuthor: async (folder) => {
    const { store, core } = await HyperbeeMap.open(folder)
    return new HyperbeeAuthor(store, core)
  },
}

/** A hyperbee of one's own. */
export class HyperbeeMap implements OpenMap {
  readonly store: Corestore
  readonly core: Core
  readonly #bee: Hyperbee

  private constructor(store: Corestore, core: Core) {
    this.store = store
    this.core = core
    this.#bee = openHyperbee(core)
  }

  static async open(folder: string): Promise<HyperbeeMap> {
    const store = openCorestore(folder)
    const map = new HyperbeeMap(store, store.get({ name: 'bee' }))
    await map.#bee.ready()
    return map
  }

  put(key: string, value: string): Promise<void> {
    return this.#bee.put(key, value)
  }

  async batch(entries: readonly Entry[]): Promise<void> {
    const batch = this.#bee.batch()
    for (const [key, value] of entries) await batch.put(key, value)
    await batch.flush()
  }

  async get(key: string): Promise<string | undefined> {
    return (await this.#bee.get(key))?.value
  }

  scan(range?: ScanRange): Promise<Scanned> {
    return scan(this.#bee, range)
  }

  async close(): Promise<void> {
    await this.#bee.close()
    await this.store.close()
  }
}

class HyperbeeAuthor implements Author {
  readonly #store: Corestore
  readonly #core: Core

  constructor(store: Corestore, core: Core) {
    this.#store = store
    this.#core = core
  }

  async connect(folder: string, link: FaultyLink): Promise<Replica> {
    const store = openCorestore(folder)
    const core = store.get({ key: this.#core.key })
    await core.ready()
    const connection = new CorestoreLink(this.#store, store, link)
    await knownLength(core, this.#core.length)
    return new HyperbeeReplica(store, core, connection)
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

class HyperbeeReplica implements Replica {
  readonly #store: Corestore
  readonly #core: Core
  readonly #connection: CorestoreLink
  readonly #bee: Hyperbee

  constructor(store: Corestore, core: Core, connection: CorestoreLink) {
    this.#store = store
    this.#core = core
    this.#connection = connection
    this.#bee = openHyperbee(core)
  }

  async open(): Promise<void> {
    await this.#bee.ready()
  }

  async get(key: string): Promise<string | undefined> {
    return (await this.#bee.get(key))?.value
  }

  scan(range?: ScanRange): Promise<Scanned> {
    return scan(this.#bee, range)
  }

  async download(): Promise<void> {
    await this.#core.download({ start: 0, end: this.#core.length }).done()
  }

  async close(): Promise<void> {
    this.#connection.close()
    await this.#store.close()
  }
}

async function scan(bee: Hyperbee, range: ScanRange = {}): Promise<Scanned> {
  const count = new ScanCount()
  for await (const { key, value } of bee.createReadStream(range)) count.add(key, value)
  return count
}
