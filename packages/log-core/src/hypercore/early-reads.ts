/// <reference path="./declarations.d.ts" />
import HypercoreStorage, {
  type EngineRead,
  type EngineSession,
  type EngineWrite,
  type StorageOptions,
} from 'hypercore-storage'

/** An engine that is not open for writing yet. */
export interface UnopenedEngine {
  /** Has all sessions. */
  readonly root: EngineSession
  /** What is read and written of it, and made from it. */
  readonly session: EngineSession
  /** Opens it; the same opening each time. */
  readonly open: () => Promise<void>
}

/**
 * Reads of an engine that is not open for writing. Before RocksDB has a database open for that it begins a
 * MANIFEST, a write-ahead log and a file of options, and syncs five times: 6 of the 8 ms that an opening takes on
 * an SSD. So a second handle, which only reads and writes nothing, is opened first, and what is read comes from
 * there. The first write opens the engine, and waits for it.
 *
 * - Only where no write-ahead log holds anything: both handles then see the same, whatever the engine does with its
 *   own files while it is opened.
 * - Writes go to the engine alone. Where it cannot be opened they are rejected, and reading goes on.
 * - A read that fails here is made again by the engine, so what is damaged is told as it always is.
 */
export class EarlyReads {
  readonly #reader: HypercoreStorage
  readonly #engine: UnopenedEngine
  readonly #lent = new Map<EngineSession, Partial<EngineSession>>()
  #isRefused = false
  #ended: Promise<void> | undefined

  private constructor(reader: HypercoreStorage, engine: UnopenedEngine) {
    this.#reader = reader
    this.#engine = engine
    this.#lendRoot(engine.root)
    this.#lend(engine.session)
  }

  /** Lets reads of the session go through from now on; undefined: nothing can be read before the engine is open. */
  static async begin(
    folder: string,
    options: StorageOptions,
    engine: UnopenedEngine,
  ): Promise<EarlyReads | undefined> {
    const reader = new HypercoreStorage(folder, { ...options, readOnly: true })
    try {
      await reader.rocks.ready()
      return new EarlyReads(reader, engine)
    } catch {
      // The engine, which reads the same files, says what is wrong with them.
      await reader.rocks.close().catch(() => undefined)
      return undefined
    }
  }

  /** Rejects writes from now on, as the engine could not be opened; reads go on. */
  refuseWrites(): void {
    this.#isRefused = true
  }

  /** Gives the sessions back at once; resolves when nothing is read from here any more. */
  end(): Promise<void> {
    for (const [session, own] of this.#lent) Object.assign(session, own)
    this.#lent.clear()
    // Waits for what is under way there. It has written nothing that could be lost.
    this.#ended ??= this.#reader.rocks.close().catch(() => undefined)
    return this.#ended
  }

  // An engine would be opened to be closed.
  #lendRoot(root: EngineSession): void {
    const { close } = root
    this.#lent.set(root, { close })
    root.close = async () => undefined
  }

  // And every session made from it; snapshots too, as nothing is written while they are read from here.
  #lend(session: EngineSession): void {
    const { db } = this.#reader
    const { ready, read, write, iterator, session: sessionOf, close } = session
    this.#lent.set(session, { ready, read, write, iterator, session: sessionOf, close })
    const again = async (key: Uint8Array) => {
      await this.#engine.open()
      const late = read.call(session, { autoDestroy: true })
      const value = late.get(key)
      late.tryFlush()
      return value
    }
    session.ready = async () => undefined
    session.read = (options) => new EarlyRead(db.read(options), again)
    session.write = (options) =>
      this.#isRefused
        ? new RefusedWrite(this.#engine.open)
        : this.#whenOpen(write.call(session, options))
    session.iterator = (range, options) => db.iterator(range, options)
    session.session = (options) => {
      const made = sessionOf.call(session, options)
      this.#lend(made)
      return made
    }
    session.close = async () => {
      this.#lent.delete(session)
      // As it would be closed by an engine that is open.
      session._state.removeSession(session)
    }
  }

  // The engine never answers a batch that was made for an opening that fails.
  #whenOpen(batch: EngineWrite): EngineWrite {
    const flush = batch.flush.bind(batch)
    batch.flush = async () => {
      // Batches are used again.
      batch.flush = flush
      try {
        await this.#engine.open()
      } catch (error) {
        batch.destroy()
        throw error
      }
      await flush()
    }
    return batch
  }
}

/** Writes for an engine that did not open, which throws when a batch is asked of it. */
class RefusedWrite implements EngineWrite {
  readonly flush: () => Promise<void>

  constructor(open: () => Promise<void>) {
    this.flush = open
  }

  tryPut(): void {}
  tryDelete(): void {}
  tryDeleteRange(): void {}
  destroy(): void {}
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
