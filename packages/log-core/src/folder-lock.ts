/// <reference path="./hypercore/declarations.d.ts" />
import fs from 'node:fs'
import FDLock from 'fd-lock'
import { logError } from './log-errors.ts'

/** Holds a folder for this process. The lock is the operating system's and goes with the process. */
export class FolderLock {
  readonly #lock: FDLock

  private constructor(lock: FDLock) {
    this.#lock = lock
  }

  /** Takes the lock on `file`, which is made when it is not there. Throws `STORE_LOCKED` at once. */
  static async take(file: string): Promise<FolderLock> {
    const fd = fs.openSync(file, 'a+', 0o600)
    const lock = new FDLock(fd)
    try {
      await lock.ready()
    } catch (cause) {
      throw logError(
        'STORE_LOCKED',
        'this store is open already, in this process or another; close it there first',
        { cause },
      )
    }
    return new FolderLock(lock)
  }

  async close(): Promise<void> {
    await this.#lock.close()
  }
}
