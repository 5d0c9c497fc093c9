import path from 'node:path'
import { collectGarbage, type Effort, effortOf } from '../stopwatch.ts'
import type { Figures, Subject, Task } from '../task.ts'
import type { Drive, OpenDrive } from './drive.ts'
import { expectBytes, LARGE, largePart, largePieces, writeLarge } from './file-workload.ts'

const MEGABYTE = 1_000_000
const WARM_UP_BYTES = 16 * MEGABYTE

export interface LargeParameters {
  readonly bytes: number
}

/** Writes one large file as a stream, from opening it to its end: acknowledged and closed. */
export const writeLargeFile: Task<LargeParameters, Drive> = async (subject, { bytes }) => {
  const warm = await openLarge(subject, 'warm-up', WARM_UP_BYTES)
  await warm.close()
  const pieces = largePieces(bytes)
  const drive = await subject.contender.open(path.join(subject.folder, 'measured'))
  const effort = await effortOf(bytes / MEGABYTE, () => writeLarge(drive, pieces))
  await expectLarge(drive, bytes)
  await drive.close()
  return perMegabyte(effort)
}

/** Reads one large file as a stream, after the file system was closed and opened again. */
export const readLarge: Task<LargeParameters, Drive> = async (subject, { bytes }) => {
  const warm = await openLarge(subject, 'warm-up', WARM_UP_BYTES)
  await read(warm, WARM_UP_BYTES)
  await warm.close()
  const before = await openLarge(subject, 'measured', bytes)
  await before.close()
  const drive = await subject.contender.open(path.join(subject.folder, 'measured'))
  const effort = await effortOf(bytes / MEGABYTE, () => read(drive, bytes))
  await expectLarge(drive, bytes)
  await drive.close()
  return perMegabyte(effort)
}

async function openLarge(
  { contender, folder }: Subject<Drive>,
  name: string,
  bytes: number,
): Promise<OpenDrive> {
  const drive = await contender.open(path.join(folder, name))
  await writeLarge(drive, largePieces(bytes))
  collectGarbage()
  return drive
}

async function read(drive: OpenDrive, bytes: number): Promise<void> {
  let read = 0
  for await (const piece of drive.readStream(LARGE)) read += piece.byteLength
  if (read !== bytes) throw new Error(`${LARGE} gave ${read} bytes, expected ${bytes}`)
}

/** Not part of what is timed. */
async function expectLarge(drive: OpenDrive, bytes: number): Promise<void> {
  expectBytes(LARGE, await drive.read(LARGE), largePart(0, bytes))
}

function perMegabyte({ perSecond, cpuMicroseconds }: Effort): Figures {
  return { megabytesPerSecond: perSecond, cpuMs: cpuMicroseconds / 1000 }
}
