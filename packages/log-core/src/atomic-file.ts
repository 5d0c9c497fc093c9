import fs from 'node:fs/promises'
import path from 'node:path'

/**
 * Replaces a file's content so that a crash or power loss leaves the old content or the new, whole:
 * written beside it, synced, renamed over it, and the folder synced.
 */
export async function replaceFile(
  file: string,
  content: Uint8Array,
  { mode = 0o600 }: { readonly mode?: number } = {},
): Promise<void> {
  const temporary = `${file}.new`
  try {
    await writeSynced(temporary, content, mode)
    await fs.rename(temporary, file)
  } catch (error) {
    await fs.rm(temporary, { force: true })
    throw error
  }
  await syncFolder(path.dirname(file))
}

async function writeSynced(file: string, content: Uint8Array, mode: number): Promise<void> {
  const handle = await fs.open(file, 'w', mode)
  try {
    await handle.chmod(mode)
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the names in a folder survive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
