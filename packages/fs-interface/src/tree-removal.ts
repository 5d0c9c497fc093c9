import type { HeldDirectory, TreeSide } from './held-directory.ts'
import { lookAt } from './tree-entry.ts'

/** Removes what stands under a name, with all below it; no link is followed, whatever is swapped meanwhile. */
export async function removeTree(
  side: TreeSide,
  directory: HeldDirectory,
  name: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted()
  const { calls } = side
  const there = await lookAt(side, directory, name)
  if (there === undefined) return
  if (!there.isDirectory()) return calls.unlink(directory.at(name))
  const inner = await side.hold(directory.at(name))
  try {
    for (const each of await calls.readdir(inner.at())) await removeTree(side, inner, each, signal)
  } finally {
    await inner.close()
  }
  await calls.rmdir(directory.at(name))
}
