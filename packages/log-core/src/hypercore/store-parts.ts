import fs from 'node:fs'
import path from 'node:path'
import { KeyRing, type Password } from '../keys/key-ring.ts'
import type { PasswordStrength } from '../keys/password.ts'
import { LengthMarks } from '../length-marks.ts'
import { logError } from '../log-errors.ts'
import type { DatabaseOptions } from './database.ts'
import { Engine } from './engine.ts'
import { coded } from './storage-errors.ts'

/** What the folder of a store holds, opened. */
export interface StoreParts {
  readonly keys: KeyRing
  readonly marks: LengthMarks
  readonly engine: Engine
}

interface KeyOptions {
  readonly password: Password | undefined
  readonly strength: PasswordStrength
}

interface PartsOptions extends KeyOptions, DatabaseOptions {}

/** Opens what is in a store's folder, or begins it. Throws what its parts throw, and leaves nothing open then. */
export async function openStoreParts(folder: string, options: PartsOptions): Promise<StoreParts> {
  const logs = path.join(folder, 'logs')
  const isNew = !Engine.exists(logs)
  // Nothing else is touched for who does not have the password; and a crash must leave no engine without a key.
  const keys = await openKeys(path.join(folder, 'key'), isNew, options)
  const marks = await openMarks(path.join(folder, 'marks'), isNew)
  try {
    return { keys, marks, engine: await Engine.open(logs, options) }
  } catch (error) {
    marks.close()
    throw error
  }
}

async function openKeys(
  file: string,
  isNew: boolean,
  { password, strength }: KeyOptions,
): Promise<KeyRing> {
  if (fs.existsSync(file)) return coded(() => KeyRing.open(file, password))
  if (isNew) return coded(() => KeyRing.create(file, password, strength))
  throw logError(
    'KEY_FILE_MISSING',
    'the store has lost its key file; nothing in it can be read without, put it back from a copy',
  )
}

async function openMarks(file: string, isNew: boolean): Promise<LengthMarks> {
  if (isNew || fs.existsSync(file)) return coded(async () => LengthMarks.open(file))
  throw logError(
    'STORE_DAMAGED',
    'the store has lost its marks file, so its logs can no longer be shown to be whole; bring it back from a peer',
  )
}
