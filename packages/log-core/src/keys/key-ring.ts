import fs from 'node:fs'
import { replaceFile } from '../atomic-file.ts'
import { logError } from '../log-errors.ts'
import { deriveKey, randomBytes } from './key-derivation.ts'
import {
  decodeKeyFile,
  decodeSecrets,
  encodeKeyFile,
  encodeKeyFileHead,
  encodeSecrets,
  type KeyFile,
  type Protection,
  type Secrets,
} from './key-file-format.ts'
import { derivePasswordKey, type PasswordStrength, passwordCosts, SALT_BYTES } from './password.ts'
import { openSecret, sealSecret } from './secret-box.ts'

/** A password as a person types it, or bytes. */
export type Password = string | Uint8Array

/** What seals the secrets in the file: the password's key and how it was made. */
interface PasswordLock {
  readonly protection: Protection
  readonly key: Uint8Array
}

/** The secrets of a store, and the file that keeps them. */
export class KeyRing {
  readonly #file: string
  #secrets: Secrets
  #lock: PasswordLock | undefined

  private constructor(file: string, secrets: Secrets, lock: PasswordLock | undefined) {
    this.#file = file
    this.#secrets = secrets
    this.#lock = lock
  }

  /** A new ring with random secrets, written to `file`. */
  static async create(
    file: string,
    password: Password | undefined,
    strength: PasswordStrength,
  ): Promise<KeyRing> {
    const secrets = {
      contentKey: randomBytes(32),
      signingSeed: randomBytes(32),
      records: new Map<string, Uint8Array>(),
    }
    const ring = new KeyRing(file, secrets, undefined)
    await ring.setPassword(password, strength)
    return ring
  }

  /**
   * Opens the ring in `file`. Throws `PASSWORD_REQUIRED`, `PASSWORD_WRONG`, `PASSWORD_UNEXPECTED` (one
   * was given and none is set), `KEY_FILE_DAMAGED`, `STORE_VERSION_UNKNOWN`.
   */
  static async open(file: string, password: Password | undefined): Promise<KeyRing> {
    const keyFile = decodeKeyFile(fs.readFileSync(file))
    const { protection, body } = keyFile
    if (protection === undefined) {
      if (password !== undefined) throw unexpectedPassword()
      return new KeyRing(file, decodeSecrets(body), undefined)
    }
    if (password === undefined) throw passwordRequired()
    const key = await derivePasswordKey(password, protection.salt, protection.cost)
    const secrets = openSecret(key, body, encodeKeyFileHead(protection))
    if (secrets === undefined) throw wrongPassword()
    return new KeyRing(file, decodeSecrets(secrets), { protection, key })
  }

  /** A key for one purpose, derived from the content key. */
  derive(label: string, context?: Uint8Array): Uint8Array {
    return deriveKey(this.#secrets.contentKey, label, context)
  }

  /** The seed of a key pair that signs, derived from the signing seed. */
  signingSeed(label: string, context?: Uint8Array): Uint8Array {
    return deriveKey(this.#secrets.signingSeed, label, context)
  }

  /** A small named secret of the rooms above, or undefined. */
  record(name: string): Uint8Array | undefined {
    return this.#secrets.records.get(name)
  }

  /** Keeps a small named secret in the key file; there when the promise resolves, or unchanged. */
  async setRecord(name: string, value: Uint8Array): Promise<void> {
    const records = new Map(this.#secrets.records).set(name, value)
    const secrets = { ...this.#secrets, records }
    await this.#write(secrets, this.#lock)
    this.#secrets = secrets
  }

  /** Sets, changes or (undefined) removes the password. Nothing else is encrypted again. */
  async setPassword(next: Password | undefined, strength: PasswordStrength): Promise<void> {
    let lock: PasswordLock | undefined
    if (next !== undefined) {
      const protection = { salt: randomBytes(SALT_BYTES), cost: passwordCosts[strength] }
      lock = { protection, key: await derivePasswordKey(next, protection.salt, protection.cost) }
    }
    await this.#write(this.#secrets, lock)
    this.#lock = lock
  }

  async #write(secrets: Secrets, lock: PasswordLock | undefined): Promise<void> {
    const plain = encodeSecrets(secrets)
    const file: KeyFile =
      lock === undefined
        ? { protection: undefined, body: plain }
        : {
            protection: lock.protection,
            body: sealSecret(lock.key, plain, encodeKeyFileHead(lock.protection)),
          }
    await replaceFile(this.#file, encodeKeyFile(file), { mode: 0o600 })
  }
}

function wrongPassword(): Error {
  return logError('PASSWORD_WRONG', 'the password is wrong; nothing was opened, try again')
}

function passwordRequired(): Error {
  return logError('PASSWORD_REQUIRED', 'this store has a password; give it as { password }')
}

function unexpectedPassword(): Error {
  return logError(
    'PASSWORD_UNEXPECTED',
    'a password was given but this store has none; open it without one, then call setPassword',
  )
}
