import { execFile } from 'node:child_process'
import { mkdtemp, open, rm, rmdir, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const FILLER = 'filler'
const PIECE_BYTES = 64 * 1024

/** A file system of its own, in memory, that a test can fill up. */
export interface SmallDisk extends AsyncDisposable {
  /** Where it is mounted. */
  readonly path: string
  join(...names: string[]): string
  /** Fills it until only `bytesLeft` (rounded to whole pages) can be written; default none. */
  fill(bytesLeft?: number): Promise<void>
  /** Takes away what {@link fill} put there. */
  makeRoom(): Promise<void>
  /** Lets nothing be written any more (EROFS), or again. No file may be open for writing. */
  setReadOnly(readOnly: boolean): Promise<void>
}

/**
 * Mounts a small tmpfs: writes beyond its size fail with ENOSPC, as on any full disk. Needs Linux and
 * the right to mount (root, as in CI's containers); without it this throws, and nothing is skipped.
 */
export async function smallDisk(bytes: number): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), 'datagram-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path])
  } catch (cause) {
    await rmdir(path)
    throw new Error('a small disk could not be mounted; run these tests as root on Linux', {
      cause,
    })
  }
  const filler = join(path, FILLER)
  return {
    path,
    join: (...names) => join(path, ...names),
    fill: (bytesLeft = 0) => fill(filler, bytesLeft),
    makeRoom: () => rm(filler, { force: true }),
    setReadOnly: async (readOnly) => {
      await run('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, path])
    },
    [Symbol.asyncDispose]: async () => {
      // Lazily, since a process that was just killed may hold it for another moment.
      await run('umount', ['-l', path])
      await rmdir(path)
    },
  }
}

async function fill(filler: string, bytesLeft: number): Promise<void> {
  await writeFile(filler, '', { flag: 'a' })
  const piece = new Uint8Array(PIECE_BYTES)
  const file = await open(filler, 'a')
  try {
    for (let size = PIECE_BYTES; size >= 1; ) {
      try {
        const { bytesWritten } = await file.write(piece, 0, size)
        if (bytesWritten < size) size = Math.floor(size / 2)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
        size = Math.floor(size / 2)
      }
    }
  } finally {
    await file.close()
  }
  if (bytesLeft > 0) await truncate(filler, Math.max(0, (await stat(filler)).size - bytesLeft))
}
