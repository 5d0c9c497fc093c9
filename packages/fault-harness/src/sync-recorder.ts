import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { devNull } from 'node:os'

/**
 * How much of a file was on the disk at least, at some moment: all that had been written before the
 * last `fsync` or `fdatasync` of it began. The file is named by its inode, which a rename keeps.
 */
export interface SyncedFile {
  readonly inode: number
  readonly bytes: number
}

/**
 * Calls back after every successful `fsync` and `fdatasync` that this process makes through `node:fs`
 * (all three styles of it), until the returned function is called.
 *
 * A native add-on that syncs by itself is not seen. RocksDB syncs its tables, blobs and manifest so,
 * never its write-ahead log as hypercore-storage uses it; a simulated power loss may therefore take
 * the tail of the write-ahead log only.
 */
export async function recordSyncs(onSync: (synced: SyncedFile) => void): Promise<() => void> {
  const undo = [
    ...(['fsync', 'fdatasync'] as const).map((name) => patchCallback(name, onSync)),
    ...(['fsyncSync', 'fdatasyncSync'] as const).map((name) => patchSync(name, onSync)),
    ...(await patchFileHandle(onSync)),
  ]
  syncBuiltinESMExports()
  return () => {
    for (const one of undo) one()
    syncBuiltinESMExports()
  }
}

type OnSync = (synced: SyncedFile) => void
type Done = (error: NodeJS.ErrnoException | null) => void

function sizeNow(fd: number): SyncedFile {
  const { ino, size } = fs.fstatSync(fd)
  return { inode: ino, bytes: size }
}

function patchCallback(name: 'fsync' | 'fdatasync', onSync: OnSync): () => void {
  const original = fs[name]
  const patched = (fd: number, done: Done) => {
    const synced = sizeNow(fd)
    original(fd, (error) => {
      if (error === null || error === undefined) onSync(synced)
      done(error)
    })
  }
  Object.assign(fs, { [name]: patched })
  return () => Object.assign(fs, { [name]: original })
}

function patchSync(name: 'fsyncSync' | 'fdatasyncSync', onSync: OnSync): () => void {
  const original = fs[name]
  const patched = (fd: number) => {
    const synced = sizeNow(fd)
    original(fd)
    onSync(synced)
  }
  Object.assign(fs, { [name]: patched })
  return () => Object.assign(fs, { [name]: original })
}

async function patchFileHandle(onSync: OnSync): Promise<(() => void)[]> {
  const handle = await fs.promises.open(devNull)
  const prototype = Object.getPrototypeOf(handle) as fs.promises.FileHandle
  await handle.close()
  return (['sync', 'datasync'] as const).map((name) => {
    const original = prototype[name]
    const patched = async function (this: fs.promises.FileHandle) {
      const synced = sizeNow(this.fd)
      await original.call(this)
      onSync(synced)
    }
    Object.assign(prototype, { [name]: patched })
    return () => Object.assign(prototype, { [name]: original })
  })
}
