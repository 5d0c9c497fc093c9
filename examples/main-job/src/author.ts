// What the author of the main job does: takes a folder into a datagram.
import path from 'node:path'
import type { Datagram } from 'datagram'
import { type EntryFacts, entriesOf, filesOf } from './streams.ts'
import { bytes, showProgress } from './progress.ts'

// Files that are read and written at the same time. What arrives together shares an append.
const FILES_AT_ONCE = 16

/** What was taken in. */
export interface Intake {
  readonly files: number
  readonly bytes: number
  readonly ms: number
}

/** Takes the named files of `source` into the datagram. */
export async function takeIn(
  datagram: Datagram,
  source: string,
  names: readonly string[],
): Promise<Intake> {
  const began = performance.now()
  const files = await filesOf(datagram)
  const entries = await entriesOf(datagram)
  const progress = showProgress('taking in')
  let next = 0
  let done = 0
  let total = 0
  const worker = async () => {
    while (next < names.length) {
      const name = names[next++] as string
      const facts: EntryFacts = await files.add(name, path.join(source, name))
      await entries.set(name, facts)
      total += facts.size
      progress.update(++done, names.length, bytes(total))
    }
  }
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, worker))
  progress.end()
  return { files: names.length, bytes: total, ms: performance.now() - began }
}
