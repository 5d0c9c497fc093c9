/// <reference path="./declarations.d.ts" />
import fs from 'node:fs'
import path from 'node:path'
import type { DatagramError } from '@datagram/errors'
import HypercoreStorage from 'hypercore-storage'
import { type LogErrorCode, logError } from '../log-errors.ts'
import { SharedWork } from '../shared-work.ts'
import { reachStep } from '../steps.ts'
import { EarlyReads } from './early-reads.ts'
import { areEmpty, prepareLogs } from './prepare-logs.ts'
import { coded, storageError } from './storage-errors.ts'

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

/** How a database is opened. */
export interface DatabaseOptions {
  /** Open it for writing only when something is written, or {@link Database.opened} is called. */
  readonly readEarly: boolean
}

/** The RocksDB under the engine, and the file that ties it to this machine. */
export class Database {
  readonly storage: HypercoreStorage
  readonly #folder: string
  readonly #underway = new Set<Promise<unknown>>()
  readonly #syncs = new SharedWork(() => this.#syncWriteAheadLogs())
  #early: EarlyReads | undefined
  #opening: Promise<void> | undefined

  private constructor(folder: string, storage: HypercoreStorage) {
    this.#folder = databaseFolder(folder)
    this.storage = storage
  }

  /**
   * Opens the database in `folder`, as far as it has to be for reading. Throws `STORE_COPIED`, `STORE_LOCKED`,
   * `STORE_DAMAGED`, …, of which some show only when it is opened for writing.
   */
  static async open(folder: string, { readEarly }: DatabaseOptions): Promise<Database> {
    assertDeviceFile(folder)
    const storage = new HypercoreStorage(folder, storageOptions)
    // Upstream deletes every write-ahead log when an opening fails in a certain way. Nothing may be
    // destroyed by a failed opening: what is in the logs was acknowledged.
    storage._maybeRecoverLater = () => undefined
    const database = new Database(folder, storage)
    // So nothing is ever to be recovered from that; and looking for it waits for the folder, which the engine holds.
    const isCut = fs.existsSync(path.join(database.#folder, 'RECOVERING'))
    if (!isCut) storage._maybeRecover = async () => undefined
    const { isEmpty } = await prepareLogs(database.#folder)
    const [device] = await Promise.allSettled([
      coded(() => storage.deviceFile.ready()),
      readEarly && isEmpty ? database.#readEarly(folder) : undefined,
    ])
    if (device.status === 'rejected') {
      await database.close().catch(() => undefined)
      throw device.reason
    }
    // Where it can be read only when it can be written, that has begun when the first read comes.
    if (database.#early === undefined) void database.opened()
    return database
  }

  /** Whether there ever was one in `folder`. */
  static exists(folder: string): boolean {
    return fs.existsSync(path.join(databaseFolder(folder), 'CURRENT'))
  }

  /** Opens it for writing; resolves when it takes writes. Rejects with what {@link open} throws. */
  opened(): Promise<void> {
    if (this.#opening === undefined) {
      this.#opening = this.#openForWriting()
      // Whoever needs it hears of a failure.
      this.#opening.catch(() => undefined)
    }
    return this.#opening
  }

  /**
   * Makes what was written survive a loss of power: fdatasync of the engine's write-ahead log,
   * which the engine itself never syncs. Calls that come while one is under way share the next.
   */
  async sync(): Promise<void> {
    if (this.#opening !== undefined) await this.#syncs.run()
  }

  /** Brings what is in memory to disk, then lets the engine drop what was cleared. */
  async compact(): Promise<void> {
    await this.opened()
    await this.#track(
      coded(async () => {
        await this.storage.db.flush()
        // The call has defaults of its own, which overrule those that the storage was opened with; and
        // garbage that an earlier compaction passed over is rewritten only by force.
        await this.storage.compact({
          blobGarbageCollectionAgeCutoff: 1,
          bottommostLevelCompaction: FORCE_BOTTOMMOST,
        })
      }),
    )
  }

  /** Waits for what is under way, and takes what was written into tables; {@link close} follows. */
  async settle(): Promise<void> {
    const isWritable = await this.#opening?.then(
      () => true,
      // Whoever waited for it has been told.
      () => false,
    )
    // The engine never answers a call that is under way when it is closed.
    await Promise.allSettled(this.#underway)
    if (isWritable !== true) return
    await this.#emptyLogs()
    // What cannot be removed now is tried again. Not while it is opened: that waits for the folder then.
    await removeOldNotes(this.#folder).catch(() => undefined)
  }

  /** Lets go of files and lock, also of those of a database that did not open. */
  async close(): Promise<void> {
    const failure = await this.#opening?.catch((error: Error) => error)
    try {
      await coded(() => this.storage.close())
    } catch (error) {
      // That it could not be opened has been told.
      if (failure === undefined) throw error
    } finally {
      await this.#early?.end()
    }
  }

  async #readEarly(folder: string): Promise<void> {
    const { rocks, db } = this.storage
    const engine = { root: rocks, session: db, open: () => this.opened() }
    this.#early = await EarlyReads.begin(folder, storageOptions, engine)
  }

  async #openForWriting(): Promise<void> {
    const early = this.#early
    if (early === undefined) return coded(() => this.storage.rocks.ready())
    try {
      await this.storage.rocks.ready()
    } catch (error) {
      early.refuseWrites()
      throw notOpenedForWriting(error)
    }
    // In the same turn: what is written now has to be read from there.
    void this.#track(early.end())
  }

  // What the write-ahead logs hold goes into tables when the engine is opened next, before anything can be read. Done
  // now, nobody waits for it; where it fails, on a full disk for one, the next opening does it.
  async #emptyLogs(): Promise<void> {
    if (areEmpty(this.#folder, fs.readdirSync(this.#folder))) return
    await this.storage.db.flush().catch(() => undefined)
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

  async #syncWriteAheadLogs(): Promise<void> {
    reachStep('store.sync.before')
    // An append may lie in a write-ahead log that was full just now, so all that are there are synced;
    // it is one, rarely two. The oldest first: were the power to fail between them with only the newer one
    // on disk, the engine would open with a hole where the older one's tail was.
    const names = await fs.promises.readdir(this.#folder)
    const logs = names.filter((name) => name.endsWith('.log')).sort()
    for (const name of logs) await syncFile(path.join(this.#folder, name))
    reachStep('store.sync.after')
  }
}

// The engine is opened once, so a later write fails as the first one did.
function notOpenedForWriting(error: unknown): Error {
  const { code } = storageError(error) as DatagramError<LogErrorCode>
  const { message } = error as Error
  return logError(
    code,
    `the store could not be opened for writing (${message}) and is only read; put that right, close it and open it again`,
    { cause: error },
  )
}

function databaseFolder(folder: string): string {
  return path.join(folder, 'db')
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
  if (Database.exists(folder) && !fs.existsSync(path.join(folder, 'CORESTORE'))) {
    throw logError(
      'STORE_DAMAGED',
      'the store has lost the file CORESTORE that ties it to this machine; bring it back from a peer',
    )
  }
}
