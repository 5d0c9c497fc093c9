import fs from 'node:fs/promises'
import path from 'node:path'

/** Bytes of all files in a folder and below. */
export async function folderBytes(folder: string): Promise<number> {
  const names = await fs.readdir(folder, { recursive: true })
  const sizes = await Promise.all(
    names.map(async (name) => {
      const stat = await fs.stat(path.join(folder, name))
      return stat.isFile() ? stat.size : 0
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
