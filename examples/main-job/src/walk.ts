import fs from 'node:fs/promises'
import path from 'node:path'

// What tools make again by themselves. A folder that is named on the command line is taken whole.
const REMADE = new Set(['node_modules', '.git', 'dist', '.turbo', 'coverage', '.datagram-start'])

/** Whether a path, relative to the folder, is of something that tools do not make again by themselves. */
export function isWanted(relative: string): boolean {
  return !REMADE.has(path.basename(relative))
}

/** Paths of the regular files below a folder, relative to it, in order. */
export async function listFiles(
  folder: string,
  { whole }: { readonly whole: boolean },
): Promise<string[]> {
  const found: string[] = []
  const visit = async (relative: string): Promise<void> => {
    const entries = await fs.readdir(path.join(folder, relative), { withFileTypes: true })
    for (const entry of entries) {
      const name = path.join(relative, entry.name)
      if (!whole && !isWanted(name)) continue
      if (entry.isFile()) found.push(name)
      else if (entry.isDirectory()) await visit(name)
    }
  }
  await visit('')
  return found.sort()
}

/** The path of a file in the datagram, by its path relative to the folder. */
export function pathOf(name: string): string {
  return `/${name.split(path.sep).join('/')}`
}
