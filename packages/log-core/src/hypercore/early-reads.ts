/// <reference path="./declarations.d.ts" />
import HypercoreStorage, {
  type EngineRead,
  type EngineSession,
  type StorageOptions,
} from 'hypercore-storage'

/** An engine that was told to open. */
export interface OpeningEngine {
  /** What is read of it, and made from it. */
  readonly session: EngineSession
  /** Settles when it is open, or has failed. */
  readonly opened: Promise<void>
}

/**
 * Reads of an engine that is still being opened. Before RocksDB has a database open for writing it begins a
 * MANIFEST, a write-ahead log and a file of options, and syncs five times: 6 of the 8 ms that an opening takes on
 * an SSD. What is in the database can be read after the first of them. So a second handle, which only reads and
 * writes nothing, is opened beside the first, and what opening a log reads comes from there until the engine
 * is open.
 *
 * - Only where no write-ahead log holds anything: both handles then see the same, whatever the engine does with its
 *   own files meanwhile.
 * - Writes go to the engine alone, and wait for it.
 * - A read that fails here is made again by the engine, so what is damaged is told as it always is.
 */
export class EarlyReads {
  /** Resolves when the engine is open, or has failed, and nothing is read from here any more. */
  readonly ended: Promise<void>
  readonly #reader: HypercoreStorage
  readonly #opened: Promise<void>
  readonly #lent: (() => void)[] = []

  private constructor(reader: HypercoreStorage, { session, opened }: OpeningEngine) {
    this.#reader = reader
    this.#opened = opened
    this.#lend(session)
    const end = () => this.#end()
    // In the same turn: what is written as soon as the engine is open has to be read from there.
    this.ended = opened.then(end, end)
  }

  /** Lets reads of the session go through from now on; undefined: nothing can be read before the engine is open. */
  static async open(
    folder: string,
    options: StorageOptions,
    engine: OpeningEngine,
  ): Promise<EarlyReads | undefined> {
    const reader = new HypercoreStorage(folder, { ...options, readOnly: true })
    try {
      await reader.rocks.ready()
      return new EarlyReads(reader, engine)
    } catch {
      // The engine, which reads the same files, says what is wrong with them.
      return undefined
    }
  }

  // And those of every session made from it.
  #lend(session: EngineSession): void {
    const { db } = this.#reader
    const { ready, read, iterator, session: sessionOf } = session
    this.#lent.push(() => Object.assign(session, { ready, read, iterator, session: sessionOf }))
    const again = async (key: Uint8Array) => {
      await this.#opened
      const late = read.call(session, { autoDestroy: true })
      const value = late.get(key)
      late.tryFlush()
      return value
    }
    session.ready = async () => undefined
    session.read = (options) => new EarlyRead(db.read(options), again)
    session.iterator = (range, options) => db.iterator(range, options)
    session.session = (options) => {
      const made = sessionOf.call(session, options)
      // A snapshot is one of the engine's own, and waits for it.
      if (!made.snapshotted) this.#lend(made)
      return made
    }
  }

  async #end(): Promise<void> {
    for (const giveBack of this.#lent) giveBack()
    this.#lent.length = 0
    // Waits for what is under way there. It has written nothing that could be lost.
    await this.#reader.rocks.close().catch(() => undefined)
  }
}

/** Some reads that are made together. */
class EarlyRead implements EngineRead {
  readonly #read: EngineRead
  readonly #again: (key: Uint8Array) => Promise<Uint8Array | null>

  constructor(read: EngineRead, again: (key: Uint8Array) => Promise<Uint8Array | null>) {
    this.#read = read
    this.#again = again
  }

  get(key: Uint8Array): Promise<Uint8Array | null> {
    return this.#read.get(key).catch(() => this.#again(key))
  }

  tryFlush(): void {
    this.#read.tryFlush()
  }

  destroy(): void {
    this.#read.destroy()
  }
}
