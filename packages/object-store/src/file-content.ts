import { PART_BYTES } from './large-blob.ts'
import { objectStoreError } from './object-store-errors.ts'
import { hasSystemCode, READ_FLAGS, type TreeFile, type TreeFs, type TreeStats } from './tree-fs.ts'

/** The content of a plain file in parts of 1 MiB, the last one less; throws `TREE_CHANGED` when it is none, or changes meanwhile. */
export async function* fileContent(
  fs: Pick<TreeFs, 'open'>,
  at: string,
  flags: string | number = READ_FLAGS,
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await opened(fs, at, flags)
  try {
    const before = await file.stat()
    if (!before.isFile()) throw treeChanged(at)
    for (let from = 0; from < before.size; from += PART_BYTES) {
      const part = await readPart(file, at, Math.min(PART_BYTES, before.size - from))
      // Before the last part is given, so that nobody has all of it before it is certain.
      if (from + PART_BYTES >= before.size) assertSame(before, await file.stat(), at)
      yield part
    }
  } finally {
    await file.close()
  }
}

async function opened(fs: Pick<TreeFs, 'open'>, at: string, flags: string | number) {
  try {
    return await fs.open(at, flags)
  } catch (cause) {
    throw isGone(cause) ? treeChanged(at, cause) : cause
  }
}

/** Whether a call of the system failed as nothing, or something else, is at the path. */
export function isGone(error: unknown): boolean {
  return hasSystemCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO')
}

/** Reads the next `length` bytes of an open file. */
async function readPart(file: TreeFile, at: string, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, null)
    if (bytesRead === 0) throw treeChanged(at)
    filled += bytesRead
  }
  return bytes
}

/** Throws `TREE_CHANGED` unless what there is at a path is what it was. */
export function assertSame(before: TreeStats, after: TreeStats, at: string): void {
  const keys = ['size', 'mtimeMs', 'ctimeMs', 'dev', 'ino'] as const
  if (keys.some((key) => before[key] !== after[key])) throw treeChanged(at)
}

/** The error of a file or directory that is not what it was a moment ago. */
export function treeChanged(at: string, cause?: unknown): Error {
  return objectStoreError(
    'TREE_CHANGED',
    `${at} changed while it was read; import it again when nobody writes to it`,
    { cause, details: { path: at } },
  )
}
