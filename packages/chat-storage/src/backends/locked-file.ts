/// <reference path="../declarations.d.ts" />
import fs from 'node:fs'
import FDLock from 'fd-lock'
import { chatError } from '../chat-errors.ts'

/** An open file that this process alone has: the lock is the operating system's and goes with the process. */
export interface LockedFile {
  readonly fd: number
  /** Closes the file, and so gives it back. */
  close(): Promise<void>
}

/** Opens `path` as `open` of `node:fs` does, and locks it. Throws `CHAT_LOCKED` at once. */
export async function lockedFile(path: string, flags: 'a+' | 'r+'): Promise<LockedFile> {
  const fd = fs.openSync(path, flags, 0o600)
  const lock = new FDLock(fd)
  try {
    await lock.ready()
  } catch (cause) {
    throw chatError(
      'CHAT_LOCKED',
      'this chat is open already, in this process or another; close it there first',
      { cause },
    )
  }
  return { fd, close: () => lock.close() }
}
