/// <reference path="./declarations.d.ts" />
import fs from 'node:fs/promises'
import path from 'node:path'
import b4a from 'b4a'
import type Hypercore from 'hypercore'
import { BlockCipher } from '../block-cipher.ts'
import { FolderLock } from '../folder-lock.ts'
import type { Password } from '../keys/key-ring.ts'
import { keyPairOf } from '../keys/key-derivation.ts'
import { assertPassword, assertStrength, type PasswordStrength } from '../keys/password.ts'
import { Lifecycle } from '../lifecycle.ts'
import type { Durability, Log } from '../log.ts'
import { logError } from '../log-errors.ts'
import { HybridClock } from '../stamp.ts'
import { reachStep } from '../steps.ts'
import { assertSealedName, SealedFiles } from '../sealed-file.ts'
import type {
  KeyPair,
  OwnLogOptions,
  RemoteLogOptions,
  Store,
  StoreOptions,
  StoreUsage,
} from '../store.ts'
import { HypercoreLog, type LogContext } from './hypercore-log.ts'
import { lastStamp } from './last-stamp.ts'
import { LogHistory } from './log-history.ts'
import { prepareFolder } from './prepare-folder.ts'
import { coded } from './storage-errors.ts'
import { openStoreParts, type StoreParts } from './store-parts.ts'

const NAME_BYTES_MAX = 512
// Without durability 'disk', what is acknowledged reaches the disk within about this time.
const BACKGROUND_SYNC_MS = 1000

interface Parts extends StoreParts {
  readonly folder: string
  readonly lock: FolderLock
  readonly durability: Durability
}

/** A store over one hypercore engine. Made by `openStore`. */
export class HypercoreStore implements Store {
  readonly #parts: Parts
  readonly #sealed: SealedFiles
  readonly #lifecycle = new Lifecycle('the store', 'STORE_CLOSED')
  readonly #clock = new HybridClock()
  readonly #logs = new Map<string, Promise<HypercoreLog>>()
  #syncTimer: NodeJS.Timeout | undefined
  #backgroundSync: Promise<void> = Promise.resolve()
  #syncFailure: Error | undefined

  private constructor(parts: Parts) {
    this.#parts = parts
    const { folder, keys } = parts
    this.#sealed = new SealedFiles(folder, (name) =>
      keys.derive('datagram/1/sealed-file', b4a.from(name)),
    )
    this.#lifecycle.opened()
  }

  static async open(folder: string, options: StoreOptions = {}): Promise<HypercoreStore> {
    const {
      password,
      passwordStrength = 'interactive',
      durability = 'process',
      readEarly = false,
    } = options
    if (typeof folder !== 'string' || folder === '') throw new TypeError('a store needs a folder')
    assertPassword(password)
    assertStrength(passwordStrength)
    if (durability !== 'process' && durability !== 'disk') {
      throw new TypeError("durability is 'process' or 'disk'")
    }
    await prepareFolder(folder, options.createIfMissing ?? true)
    const lock = await coded(() => FolderLock.take(path.join(folder, 'lock')))
    let store: HypercoreStore | undefined
    try {
      const parts = await openStoreParts(folder, {
        password,
        strength: passwordStrength,
        readEarly,
      })
      store = new HypercoreStore({ folder, lock, ...parts, durability })
      if (!readEarly) await store.ready()
      return store
    } catch (error) {
      // What failed first is what is told.
      await (store ?? lock).close().catch(() => undefined)
      throw error
    }
  }

  ready(): Promise<void> {
    return this.#parts.engine.opened()
  }

  get folder(): string {
    return this.#parts.folder
  }

  async open(name: string, { cipherKey }: OwnLogOptions = {}): Promise<Log> {
    this.#lifecycle.assertOpen()
    assertName(name)
    const context = b4a.from(name)
    const { keys, engine } = this.#parts
    const key = cipherKey === undefined ? keys.derive('datagram/1/log-cipher', context) : cipherKey
    const seed = keys.signingSeed('datagram/1/log', context)
    return this.#share(`own ${name}`, async () => {
      const core = await engine.openOwn(seed)
      const cipher = cipherOf(core, key)
      // The two read different things.
      const [history, last] = await Promise.all([
        LogHistory.open(core, this.#parts.marks, { isOwn: true }),
        lastStamp(core, cipher),
      ])
      if (last !== undefined) this.#clock.resume(last)
      return this.#log(core, cipher, history, () => this.#acknowledge(history))
    })
  }

  async openRemote(key: Uint8Array, { cipherKey }: RemoteLogOptions = {}): Promise<Log> {
    this.#lifecycle.assertOpen()
    if (!(key instanceof Uint8Array) || key.byteLength !== 32) {
      throw logError(
        'LOG_KEY_INVALID',
        'the key of a log is 32 bytes; check where it was taken from',
      )
    }
    return this.#share(`remote ${b4a.toString(key, 'hex')}`, async () => {
      const core = await this.#parts.engine.openRemote(b4a.from(key))
      const history = await LogHistory.open(core, this.#parts.marks, { isOwn: false })
      const cipher = cipherKey === undefined ? undefined : cipherOf(core, cipherKey)
      return this.#log(core, cipher, history, async () => undefined)
    })
  }

  async has(key: Uint8Array): Promise<boolean> {
    this.#lifecycle.assertOpen()
    return this.#parts.engine.has(key)
  }

  derive(label: string, context?: Uint8Array): Uint8Array {
    this.#lifecycle.assertOpen()
    return this.#parts.keys.derive(label, context)
  }

  keyPair(label: string): KeyPair {
    this.#lifecycle.assertOpen()
    return keyPairOf(this.#parts.keys.signingSeed(label))
  }

  secret(name: string): Uint8Array | undefined {
    this.#lifecycle.assertOpen()
    return this.#parts.keys.record(name)
  }

  async setSecret(name: string, value: Uint8Array): Promise<void> {
    this.#lifecycle.assertOpen()
    await coded(() => this.#parts.keys.setRecord(name, value))
  }

  async readSealed(name: string): Promise<Uint8Array | undefined> {
    this.#lifecycle.assertOpen()
    assertSealedName(name)
    return coded(() => this.#sealed.read(name))
  }

  async writeSealed(name: string, bytes: Uint8Array): Promise<void> {
    this.#lifecycle.assertOpen()
    assertSealedName(name)
    await coded(() => this.#sealed.write(name, bytes))
  }

  async setPassword(
    next: Password | undefined,
    strength: PasswordStrength = 'interactive',
  ): Promise<void> {
    this.#lifecycle.assertOpen()
    assertPassword(next)
    assertStrength(strength)
    await coded(() => this.#parts.keys.setPassword(next, strength))
  }

  async sync(): Promise<void> {
    this.#lifecycle.assertOpen()
    await this.#syncAll()
  }

  async compact(): Promise<void> {
    this.#lifecycle.assertOpen()
    reachStep('store.compact.before')
    await this.#parts.engine.compact()
    reachStep('store.compact.after')
  }

  async usage(): Promise<StoreUsage> {
    this.#lifecycle.assertOpen()
    const names = await fs.readdir(this.folder, { recursive: true })
    const sizes = await Promise.all(names.map((name) => fileBytes(path.join(this.folder, name))))
    return { diskBytes: sizes.reduce((sum, size) => sum + size, 0) }
  }

  close(): Promise<void> {
    return this.#lifecycle.close(async () => {
      clearTimeout(this.#syncTimer)
      await Promise.all([this.#backgroundSync, this.#sealed.idle()])
      const { engine, marks, lock } = this.#parts
      const logs = await Promise.allSettled(this.#logs.values())
      for (const log of logs) if (log.status === 'fulfilled') await log.value.close()
      try {
        await this.#syncAll()
      } finally {
        // Whatever fails, the folder must not stay locked by a process that gave it up.
        await engine.close().finally(() => {
          marks.close()
          return lock.close()
        })
      }
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // The same log is one object, so that its appends go through one queue.
  async #share(id: string, open: () => Promise<HypercoreLog>): Promise<Log> {
    const existing = this.#logs.get(id)
    if (existing !== undefined) return existing
    const opening = open()
    this.#logs.set(id, opening)
    opening.then(
      (log) => log.whenClosed(() => this.#logs.delete(id)),
      () => this.#logs.delete(id),
    )
    return opening
  }

  #log(
    core: Hypercore,
    cipher: LogContext['cipher'],
    history: LogHistory,
    acknowledge: LogContext['acknowledge'],
  ): HypercoreLog {
    const { durability } = this.#parts
    return new HypercoreLog(core, { cipher, clock: this.#clock, history, durability, acknowledge })
  }

  async #acknowledge(history: LogHistory): Promise<void> {
    const { durability, engine } = this.#parts
    const failure = this.#syncFailure
    this.#syncFailure = undefined
    if (failure !== undefined) throw failure
    const isSynced = durability === 'disk'
    if (isSynced) await engine.syncDisk()
    history.acknowledge({ isSynced })
    reachStep('log.mark.after')
    this.#syncSoon()
  }

  #syncSoon(): void {
    // Close syncs what is appended until then itself.
    if (this.#lifecycle.state !== 'open') return
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined
      this.#backgroundSync = this.#syncAll().catch((error: Error) => {
        // Told to the next append: nobody waits for this one.
        this.#syncFailure = error
      })
    }, BACKGROUND_SYNC_MS).unref()
  }

  async #syncAll(): Promise<void> {
    const { engine, marks } = this.#parts
    const before = [...marks.unsynced()]
    await engine.syncDisk()
    for (const [discoveryKey, { length }] of before) {
      const mark = marks.get(discoveryKey)
      if (mark !== undefined) marks.set(discoveryKey, { ...mark, syncedLength: length })
    }
    await coded(() => marks.sync())
    this.#syncFailure = undefined
  }
}

function cipherOf(core: Hypercore, key: Uint8Array | null): BlockCipher | null {
  return key === null ? null : new BlockCipher(key, core.key)
}

function assertName(name: string): void {
  if (typeof name !== 'string') throw new TypeError('the name of a log is a string')
  const bytes = b4a.byteLength(name)
  if (bytes >= 1 && bytes <= NAME_BYTES_MAX) return
  throw logError(
    'LOG_NAME_INVALID',
    `a log's name has 1 to ${NAME_BYTES_MAX} bytes, this has ${bytes}`,
  )
}

async function fileBytes(file: string): Promise<number> {
  try {
    const stat = await fs.lstat(file)
    return stat.isFile() ? stat.size : 0
  } catch (error) {
    // The engine removes files of its own while we look.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}
