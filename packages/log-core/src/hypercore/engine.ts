/// <reference path="./declarations.d.ts" />
import Corestore from 'corestore'
import type Hypercore from 'hypercore'
import crypto from 'hypercore-crypto'
import { Database, type DatabaseOptions } from './database.ts'
import { keepTreeNodes } from './mended-clear.ts'
import { keepConflictsQuiet } from './quiet-conflicts.ts'
import { coded } from './storage-errors.ts'

// Requests under way to one peer. Hypercore's default of [16, 512] grows over several round trips.
const INFLIGHT: [number, number] = [512, 512]

/** The storage engine under a store: hypercores in one RocksDB. */
export class Engine {
  readonly #database: Database
  readonly #corestore: Corestore

  private constructor(database: Database) {
    this.#database = database
    this.#corestore = new Corestore(database.storage)
  }

  /**
   * Opens the engine in `folder`, as far as it has to be for reading; {@link opened} tells the rest.
   * Throws `STORE_COPIED`, `STORE_LOCKED`, `STORE_DAMAGED`, ….
   */
  static async open(folder: string, options: DatabaseOptions): Promise<Engine> {
    const database = await Database.open(folder, options)
    try {
      const engine = new Engine(database)
      await coded(() => engine.#corestore.ready())
      return engine
    } catch (error) {
      await database.settle()
      await database.close().catch(() => undefined)
      throw error
    }
  }

  /** Resolves when the engine takes writes; rejects with what {@link open} throws where that shows only now. */
  opened(): Promise<void> {
    return this.#database.opened()
  }

  /** Whether an engine was ever opened in `folder`. */
  static exists(folder: string): boolean {
    return Database.exists(folder)
  }

  /** A log of our own, by the seed of its key pair; created when it is not there. */
  async openOwn(seed: Uint8Array): Promise<Hypercore> {
    return this.#ready(
      this.#corestore.get({
        keyPair: crypto.keyPair(seed),
        inflightRange: INFLIGHT,
        allowFork: false,
      }),
    )
  }

  /** Somebody's log, by its public key. */
  async openRemote(key: Uint8Array): Promise<Hypercore> {
    return this.#ready(
      this.#corestore.get({ key, inflightRange: INFLIGHT, allowFork: false, writable: false }),
    )
  }

  /** Whether a log of this public key was ever opened. */
  has(key: Uint8Array): Promise<boolean> {
    return coded(() => this.#database.storage.hasCore(crypto.discoveryKey(key)))
  }

  /** Makes every append so far survive a loss of power. */
  syncDisk(): Promise<void> {
    return this.#database.sync()
  }

  /** Brings what is in memory to disk, then lets the engine drop what was cleared. */
  compact(): Promise<void> {
    return this.#database.compact()
  }

  async close(): Promise<void> {
    await this.#database.settle()
    // A log that did not open fails the corestore's close, which then leaves the storage open and locked.
    await this.#corestore.close().catch(() => undefined)
    await this.#database.close()
  }

  async #ready(core: Hypercore): Promise<Hypercore> {
    await coded(() => core.ready())
    keepTreeNodes(core)
    keepConflictsQuiet(core)
    return core
  }
}
