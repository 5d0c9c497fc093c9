/// <reference path="./declarations.d.ts" />
import fs from 'node:fs'
import path from 'node:path'
import Corestore from 'corestore'
import type Hypercore from 'hypercore'
import crypto from 'hypercore-crypto'
import HypercoreStorage from 'hypercore-storage'
import { logError } from '../log-errors.ts'
import { SharedWork } from '../shared-work.ts'
import { reachStep } from '../steps.ts'
import { EarlyReads } from './early-reads.ts'
import { keepTreeNodes } from './mended-clear.ts'
import { keepConflictsQuiet } from './quiet-conflicts.ts'
import { areEmpty, prepareLogs } from './prepare-logs.ts'
import { coded } from './storage-errors.ts'

const MIB = 1024 * 1024
// Defaults of the engine that do not fit, and one that does: of the blob files that hold blocks of 4 KB and
// more, the oldest quarter is collected while it works. Collecting all of them wrote 2 GB instead of 0.6 while a
// million entries were loaded, and took more than half of the time at the end; compact does collect all.
// A large write buffer costs 120 MB of memory, and with one of 8 MiB who writes large files waits for flushes (half a
// second for 100 MB, a third more than with 16); the default recovery mode silently shortens a log whose
// write-ahead log has a flipped bit, mode 0 refuses it and tolerates only a torn tail.
const storageOptions = {
  blobGarbageCollectionAgeCutOff: 0.25,
  blobFileSize: 32 * MIB,
  writeBufferSize: 16 * MIB,
  walRecoveryMode: 0,
} as const

// rocksdb-native's constant: rewrite the lowest level too.
const FORCE_BOTTOMMOST = 2

// Requests under way to one peer. Hypercore's default of [16, 512] grows over several round trips.
const INFLIGHT: [number, number] = [512, 512]

/** The storage engine under a store: hypercores in one RocksDB. */
export class Engine {
  readonly #storage: HypercoreStorage
  readonly #corestore: Corestore
  readonly #databaseFolder: string
  readonly #underway = new Set<Promise<unknown>>()
  readonly #syncs = new SharedWork(() => this.#syncWriteAheadLogs())

  readonly #opened: Promise<void>

  private constructor(folder: string, storage: HypercoreStorage, opened: Promise<void>) {
    this.#databaseFolder = path.join(folder, 'db')
    this.#storage = storage
    this.#corestore = new Corestore(storage)
    this.#opened = opened
  }

  /**
   * Opens the engine in `folder`, as far as it has to be for reading; {@link opened} tells the rest.
   * Throws `STORE_COPIED`, `STORE_LOCKED`, `STORE_DAMAGED`, ….
   */
  static async open(folder: string): Promise<Engine> {
    assertDeviceFile(folder)
    const storage = new HypercoreStorage(folder, storageOptions)
    // Upstream deletes every write-ahead log when an opening fails in a certain way. Nothing may be
    // destroyed by a failed opening: what is in the logs was acknowledged.
    storage._maybeRecoverLater = () => undefined
    const databaseFolder = path.join(folder, 'db')
    // So nothing is ever to be recovered from that; and looking for it waits for the folder, which the engine holds.
    const isCut = fs.existsSync(path.join(databaseFolder, 'RECOVERING'))
    if (!isCut) storage._maybeRecover = async () => undefined
    const { isEmpty } = await prepareLogs(databaseFolder)
    const device = coded(() => storage.deviceFile.ready())
    const opened = device.then(() => coded(() => storage.rocks.ready()))
    // Whoever needs the engine hears of a failure.
    opened.catch(() => undefined)
    // Before the corestore, which begins to read when it is made.
    const reading = isEmpty
      ? EarlyReads.open(folder, storageOptions, { session: storage.db, opened })
      : undefined
    // The engine takes longest, so it is to begin before anybody else has work for this thread.
    await device.catch(() => undefined)
    const early = await reading
    const engine = new Engine(folder, storage, opened)
    if (early !== undefined) void engine.#track(early.ended)
    try {
      await coded(() => engine.#corestore.ready())
    } catch (error) {
      await engine.#giveUp()
      throw error
    }
    return engine
  }

  /** Resolves when the engine takes writes; rejects with what {@link open} throws where that shows only now. */
  opened(): Promise<void> {
    return this.#opened
  }

  /** Whether an engine was ever opened in `folder`. */
  static exists(folder: string): boolean {
    return fs.existsSync(path.join(folder, 'db', 'CURRENT'))
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
    return coded(() => this.#storage.hasCore(crypto.discoveryKey(key)))
  }

  /**
   * Makes every append so far survive a loss of power: fdatasync of the engine's write-ahead log,
   * which the engine itself never syncs. Calls that come while one is under way share the next.
   */
  syncDisk(): Promise<void> {
    return this.#syncs.run()
  }

  /** Brings what is in memory to disk, then lets the engine drop what was cleared. */
  async compact(): Promise<void> {
    await this.#finish(async () => {
      await this.#storage.db.flush()
      // The call has defaults of its own, which overrule those that the storage was opened with; and
      // garbage that an earlier compaction passed over is rewritten only by force.
      await this.#storage.compact({
        blobGarbageCollectionAgeCutoff: 1,
        bottommostLevelCompaction: FORCE_BOTTOMMOST,
      })
    })
  }

  async close(): Promise<void> {
    const failure = await this.#opened.then(
      () => undefined,
      (error: Error) => error,
    )
    // Whoever waited for the engine has been told.
    if (failure !== undefined) return this.#giveUp()
    // The engine never answers a call that is under way when it is closed.
    await Promise.allSettled(this.#underway)
    await this.#emptyLogs()
    // What cannot be removed now is tried again. Not while it is opened: that waits for the folder then.
    await removeOldNotes(this.#databaseFolder).catch(() => undefined)
    // A log that did not open fails the corestore's close, which then leaves the storage open and locked.
    await this.#corestore.close().catch(() => undefined)
    await coded(() => this.#storage.close())
  }

  // The engine holds files and its lock even when it did not open.
  async #giveUp(): Promise<void> {
    await Promise.allSettled(this.#underway)
    await this.#storage.close().catch(() => undefined)
  }

  // What the write-ahead logs hold goes into tables when the engine is opened next, before anything can be read. Done
  // now, nobody waits for it; where it fails, on a full disk for one, the next opening does it.
  async #emptyLogs(): Promise<void> {
    const folder = this.#databaseFolder
    if (areEmpty(folder, fs.readdirSync(folder))) return
    await this.#storage.db.flush().catch(() => undefined)
  }

  #finish(work: () => Promise<void>): Promise<void> {
    return this.#track(coded(work))
  }

  // Closing waits for it.
  async #track<T>(working: Promise<T>): Promise<T> {
    this.#underway.add(working)
    try {
      return await working
    } finally {
      this.#underway.delete(working)
    }
  }

  async #ready(core: Hypercore): Promise<Hypercore> {
    await coded(() => core.ready())
    keepTreeNodes(core)
    keepConflictsQuiet(core)
    return core
  }

  async #syncWriteAheadLogs(): Promise<void> {
    reachStep('store.sync.before')
    // An append may lie in a write-ahead log that was full just now, so all that are there are synced;
    // it is one, rarely two. The oldest first: were the power to fail between them with only the newer one
    // on disk, the engine would open with a hole where the older one's tail was.
    const names = await fs.promises.readdir(this.#databaseFolder)
    const logs = names.filter((name) => name.endsWith('.log')).sort()
    for (const name of logs) await syncFile(path.join(this.#databaseFolder, name))
    reachStep('store.sync.after')
  }
}

// The engine keeps a text log of each time it was opened, up to a thousand of 40 to 80 KB, and has no option against it.
async function removeOldNotes(folder: string): Promise<void> {
  const names = await fs.promises.readdir(folder)
  const old = names.filter((name) => name.startsWith('LOG.old.'))
  await Promise.all(old.map((name) => fs.promises.rm(path.join(folder, name), { force: true })))
}

async function syncFile(file: string): Promise<void> {
  await coded(async () => {
    const handle = await fs.promises.open(file, 'r').catch((error: NodeJS.ErrnoException) => {
      // Gone between listing and opening: the engine has flushed it to a table, and synced that.
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    try {
      await handle?.datasync()
    } finally {
      await handle?.close()
    }
  })
}

// Without this file the engine would take a copied folder for a new one and give it a lock of its own.
function assertDeviceFile(folder: string): void {
  if (Engine.exists(folder) && !fs.existsSync(path.join(folder, 'CORESTORE'))) {
    throw logError(
      'STORE_DAMAGED',
      'the store has lost the file CORESTORE that ties it to this machine; bring it back from a peer',
    )
  }
}
