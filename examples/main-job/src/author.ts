// What the author of the main job does: takes a folder into a datagram.
import type { Datagram } from 'datagram'
import { bytes, showProgress } from './progress.ts'
import { isWanted } from './walk.ts'

/** What was taken in. */
export interface Intake {
  readonly files: number
  readonly bytes: number
  readonly ms: number
}

/** What is taken in of a folder. */
export interface IntakeOptions {
  /** Everything below it; otherwise what tools make again is left out. */
  readonly whole: boolean
  /** How many files there are. */
  readonly files: number
}

/** Takes the files of `source` into the datagram. */
export async function takeIn(
  datagram: Datagram,
  source: string,
  { whole, files }: IntakeOptions,
): Promise<Intake> {
  const began = performance.now()
  const progress = showProgress('taking in')
  const drive = await datagram.fs('files')
  const done = await drive.importFolder(source, {
    filter: whole ? undefined : isWanted,
    onProgress: (far) => progress.update(far.files + far.links, files, bytes(far.bytes)),
  })
  progress.end()
  return { files, bytes: done.bytes, ms: performance.now() - began }
}
