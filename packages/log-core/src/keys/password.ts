/// <reference path="../hypercore/declarations.d.ts" />
import b4a from 'b4a'
import sodium from 'sodium-native'

/** How hard a password is to guess: libsodium's limits of the same names. */
export type PasswordStrength = 'interactive' | 'moderate' | 'sensitive'

/** Cost of one Argon2id run: passes over the memory, and its bytes. */
export interface PasswordCost {
  readonly operations: number
  readonly memoryBytes: number
}

export const SALT_BYTES = 16
const KEY_BYTES = 32

// A key file asks for its own cost. These ceilings keep a forged one from taking the machine.
export const OPERATIONS_MAX = 64
export const MEMORY_BYTES_MAX = 2 ** 31

/** The cost of each strength: 64 MiB and 2 passes, 256 MiB and 3, 1 GiB and 4. */
export const passwordCosts: Readonly<Record<PasswordStrength, PasswordCost>> = {
  interactive: {
    operations: sodium.crypto_pwhash_OPSLIMIT_INTERACTIVE,
    memoryBytes: sodium.crypto_pwhash_MEMLIMIT_INTERACTIVE,
  },
  moderate: {
    operations: sodium.crypto_pwhash_OPSLIMIT_MODERATE,
    memoryBytes: sodium.crypto_pwhash_MEMLIMIT_MODERATE,
  },
  sensitive: {
    operations: sodium.crypto_pwhash_OPSLIMIT_SENSITIVE,
    memoryBytes: sodium.crypto_pwhash_MEMLIMIT_SENSITIVE,
  },
}

/**
 * Argon2id (RFC 9106, version 1.3, one lane, as libsodium's `crypto_pwhash`), off the event loop.
 * A string password is normalised to Unicode NFKC first, so that it can be typed on another keyboard.
 */
export function derivePasswordKey(
  password: string | Uint8Array,
  salt: Uint8Array,
  { operations, memoryBytes }: PasswordCost,
): Promise<Uint8Array> {
  const out = b4a.alloc(KEY_BYTES)
  const bytes = typeof password === 'string' ? b4a.from(password.normalize('NFKC')) : password
  return new Promise((resolve, reject) => {
    sodium.crypto_pwhash_async(
      out,
      b4a.from(bytes),
      b4a.from(salt),
      operations,
      memoryBytes,
      sodium.crypto_pwhash_ALG_ARGON2ID13,
      (error) => (error ? reject(error) : resolve(out)),
    )
  })
}

/** Throws a TypeError unless `password` may be one: undefined, or text or bytes that are not empty. */
export function assertPassword(
  password: unknown,
): asserts password is string | Uint8Array | undefined {
  if (password === undefined) return
  if (typeof password !== 'string' && !(password instanceof Uint8Array)) {
    throw new TypeError('a password is a string or a Uint8Array')
  }
  // An unset variable looks just so, and the store would count as protected.
  if (password.length === 0) throw new TypeError('an empty password protects nothing; give none')
}

/** Throws a TypeError unless `strength` is one of {@link passwordCosts}. */
export function assertStrength(strength: unknown): asserts strength is PasswordStrength {
  if (typeof strength === 'string' && Object.hasOwn(passwordCosts, strength)) return
  throw new TypeError("passwordStrength is 'interactive', 'moderate' or 'sensitive'")
}
