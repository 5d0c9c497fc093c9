import { invalidType } from './argument.ts'
import { errnoError } from './errno-error.ts'
import type { OpenFile } from './open-file.ts'

// Far beyond those of the system, so that neither is taken for the other.
const FIRST = 0x10_0000

/** The open files by number, as the callback API names them. */
export class Descriptors {
  readonly #files = new Map<number, OpenFile>()
  #next = FIRST

  add(file: OpenFile): number {
    const fd = this.#next++
    this.#files.set(fd, file)
    return fd
  }

  /** Throws `EBADF`, and `ERR_INVALID_ARG_TYPE` for what is no number. */
  get(fd: unknown, syscall: string): OpenFile {
    if (typeof fd !== 'number') throw invalidType('fd', 'of type number', fd)
    const file = this.#files.get(fd)
    if (file === undefined) throw errnoError('EBADF', { syscall })
    return file
  }

  async close(fd: unknown): Promise<void> {
    const file = this.get(fd, 'close')
    this.#files.delete(fd as number)
    await file.close()
  }

  /** Closes what is still open. */
  async closeAll(): Promise<void> {
    const files = [...this.#files.values()]
    this.#files.clear()
    for (const file of files) await file.close()
  }
}
