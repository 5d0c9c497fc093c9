import type { FaultyLink } from '@datagram/fault-harness'
import type { Author, Contender, OpenMap, Replica, Scanned, ScanRange } from '../contender.ts'
import {
  type Core,
  type Corestore,
  type Hyperbee2,
  openCorestore,
  openHyperbee2,
} from '../holepunch.ts'
import { ScanCount } from '../scan-count.ts'
import type { Entry } from '../workload.ts'
import { CorestoreLink, knownLength } from './corestore-link.ts'

/** Hyperbee2 over a Corestore; it takes and gives bytes. */
export const hyperbee2: Contender = {
  name: 'hyperbee2',
  open: async (folder) => Hyperbee2Map.open(folder),
  openAuthor: async (folder) => new Hyperbee2Author(await Hyperbee2Map.open(folder)),
}

/** A hyperbee2 of one's own. */
export class Hyperbee2Map implements OpenMap {
  readonly store: Corestore
  readonly bee: Hyperbee2

  private constructor(store: Corestore) {
    this.store = store
    this.bee = openHyperbee2(store)
  }

  static async open(folder: string): Promise<Hyperbee2Map> {
    const map = new Hyperbee2Map(openCorestore(folder))
    await map.bee.ready()
    return map
  }

  get core(): Core {
    return this.bee.core
  }

  put(key: string, value: string): Promise<void> {
    const write = this.bee.write()
    write.tryPut(Buffer.from(key), Buffer.from(value))
    return write.flush()
  }

  batch(entries: readonly Entry[]): Promise<void> {
    const write = this.bee.write()
    for (const [key, value] of entries) write.tryPut(Buffer.from(key), Buffer.from(value))
    return write.flush()
  }

  get(key: string): Promise<string | undefined> {
    return get(this.bee, key)
  }

  scan(range?: ScanRange): Promise<Scanned> {
    return scan(this.bee, range)
  }

  /** Closes the store too. */
  close(): Promise<void> {
    return this.bee.close()
  }
}

class Hyperbee2Author implements Author {
  readonly #map: Hyperbee2Map

  constructor(map: Hyperbee2Map) {
    this.#map = map
  }

  async connect(folder: string, link: FaultyLink): Promise<Replica> {
    const { core } = this.#map.bee
    const store = openCorestore(folder)
    const bee = openHyperbee2(store, core.key)
    await bee.ready()
    const connection = new CorestoreLink(this.#map.store, store, link)
    await knownLength(bee.core, core.length)
    return new Hyperbee2Replica(bee, connection)
  }

  close(): Promise<void> {
    return this.#map.close()
  }
}

class Hyperbee2Replica implements Replica {
  readonly #bee: Hyperbee2
  readonly #connection: CorestoreLink

  constructor(bee: Hyperbee2, connection: CorestoreLink) {
    this.#bee = bee
    this.#connection = connection
  }

  async open(): Promise<void> {
    this.#bee.update()
  }

  get(key: string): Promise<string | undefined> {
    return get(this.#bee, key)
  }

  scan(range?: ScanRange): Promise<Scanned> {
    return scan(this.#bee, range)
  }

  async download(): Promise<void> {
    const { core } = this.#bee
    await core.download({ start: 0, end: core.length }).done()
  }

  async close(): Promise<void> {
    this.#connection.close()
    await this.#bee.close()
  }
}

async function get(bee: Hyperbee2, key: string): Promise<string | undefined> {
  return (await bee.get(Buffer.from(key)))?.value.toString()
}

async function scan(bee: Hyperbee2, { gte, limit }: ScanRange = {}): Promise<Scanned> {
  const count = new ScanCount()
  const from = gte === undefined ? {} : { gte: Buffer.from(gte) }
  for await (const { key, value } of bee.createReadStream({ ...from, limit: limit ?? -1 })) {
    count.add(key.toString(), value.toString())
  }
  return count
}
