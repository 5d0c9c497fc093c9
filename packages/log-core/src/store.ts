import type { Durability, Log } from './log.ts'
import type { Password } from './keys/key-ring.ts'
import type { PasswordStrength } from './keys/password.ts'

/** Options of {@link OpenStore}. */
export interface StoreOptions {
  /**
   * Protects the keys. On the first open it is set; later it must be the same. Without one the keys
   * are protected by their file's mode (0600) alone.
   */
  readonly password?: Password | undefined
  /** How hard a new password is to guess: 64 MiB of memory (the default), 256 MiB or 1 GiB. */
  readonly passwordStrength?: PasswordStrength
  /** How safe an append is when it resolves; default `process`. */
  readonly durability?: Durability
  /** Make the store when it is not there; default true. Otherwise `STORE_NOT_FOUND`. */
  readonly createIfMissing?: boolean
  /**
   * Resolve as soon as logs can be opened and read; default false. The engine is opened for writing, which takes
   * some milliseconds, when something is first written or `ready()` is called; what cannot be written is told then.
   */
  readonly readEarly?: boolean
}

/** How a log of our own is opened. */
export interface OwnLogOptions {
  /** 32 bytes that encrypt its blocks; default: derived from the content key and the log's name. */
  readonly cipherKey?: Uint8Array | null | undefined
}

/** How somebody's log is opened. */
export interface RemoteLogOptions {
  /** 32 bytes that open its blocks; `null` for a plain log; absent: blind, blocks move but stay sealed. */
  readonly cipherKey?: Uint8Array | null | undefined
}

/** An Ed25519 key pair: 32 bytes, and 64 whose first half is its seed. */
export interface KeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** What a store takes of the disk. */
export interface StoreUsage {
  /** Bytes of all its files. */
  readonly diskBytes: number
}

/** A folder of logs with one key ring and one lock. */
export interface Store {
  readonly folder: string
  /**
   * Resolves when the store can be written: at once, unless it was opened with `readEarly`. Rejects with what
   * {@link OpenStore} throws; the store then is read only. What is written before waits by itself.
   */
  ready(): Promise<void>
  /**
   * Opens a log of our own, created on first open; the same name gives the same log. `cipherKey: null`
   * makes a plain log. Names are 1–512 bytes (`LOG_NAME_INVALID`) and never stored: the log's key pair
   * is derived from the store's signing seed and the name.
   *
   * A log that is shorter than, or different from, what was acknowledged opens read-only, with
   * `problem` set to `LOG_ROLLED_BACK`.
   */
  open(name: string, options?: OwnLogOptions): Promise<Log>
  /** Opens somebody's log by its public key (32 bytes, else `LOG_KEY_INVALID`), to replicate and read. */
  openRemote(key: Uint8Array, options?: RemoteLogOptions): Promise<Log>
  /** Whether a log of this public key (32 bytes) was ever opened here, by {@link open} or {@link openRemote}. */
  has(key: Uint8Array): Promise<boolean>
  /** A 32-byte key for one purpose, derived from the store's content key. */
  derive(label: string, context?: Uint8Array): Uint8Array
  /** An Ed25519 key pair for one purpose, derived from the store's signing seed: 32 and 64 bytes. */
  keyPair(label: string): KeyPair
  /** A small secret kept in the key file, or undefined. */
  secret(name: string): Uint8Array | undefined
  /** Keeps a small secret in the key file, under the password. */
  setSecret(name: string, value: Uint8Array): Promise<void>
  /**
   * What {@link writeSealed} has kept under the name, or undefined. Throws `STORE_DAMAGED` where it does not open, and
   * what reading a file throws.
   */
  readSealed(name: string): Promise<Uint8Array | undefined>
  /**
   * Keeps some bytes in a small file of their own, sealed under a key of the store, in place of what was there: what
   * may be lost, and is too large or written too often for the key file. Names: 1 to 32 of a–z and `-`.
   */
  writeSealed(name: string, bytes: Uint8Array): Promise<void>
  /** Sets, changes or (undefined) removes the password; the data is not encrypted again. */
  setPassword(next: Password | undefined, strength?: PasswordStrength): Promise<void>
  /** Makes every append so far survive a loss of power. */
  sync(): Promise<void>
  /** Lets the engine drop the bytes of evicted blocks from the disk. */
  compact(): Promise<void>
  usage(): Promise<StoreUsage>
  /** Closes the logs and the engine; idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Opens the store in `folder`.
 *
 * Throws `PASSWORD_WRONG`, `PASSWORD_REQUIRED`, `PASSWORD_UNEXPECTED`, `STORE_LOCKED`,
 * `STORE_NOT_FOUND`, `STORE_NOT_WRITABLE`, `STORE_COPIED`, `STORE_DAMAGED`, `STORE_VERSION_UNKNOWN`,
 * `KEY_FILE_DAMAGED`, `KEY_FILE_MISSING`, `DISK_FULL`; the store then is as it was.
 */
export type OpenStore = (folder: string, options?: StoreOptions) => Promise<Store>
