import path from 'node:path'
import { effortOf } from '../stopwatch.ts'
import type { Subject, Task } from '../task.ts'
import { shuffled } from '../workload.ts'
import type { Drive, OpenDrive } from './drive.ts'
import { makeFolders, readSmall, writeSmall } from './file-workload.ts'

export interface WriteSmallParameters {
  readonly files: number
  /** Files that are being written at the same time. 1: each is awaited before the next. */
  readonly inFlight: number
}

export interface ReadSmallParameters {
  readonly files: number
}

/** Writes small files, after as many into another file system. */
export const writeSmallFiles: Task<WriteSmallParameters, Drive> = async (
  subject,
  { files, inFlight },
) => {
  const warm = await openEmpty(subject, 'warm-up')
  await writeSmall(warm, files, inFlight)
  await warm.close()
  const drive = await openEmpty(subject, 'measured')
  const effort = await effortOf(files, () => writeSmall(drive, files, inFlight))
  await readSmall(drive, shuffled(files))
  await drive.close()
  return { ...effort }
}

/**
 * Reads small files one after another in pseudo-random order, after the file system was closed and opened
 * again, and as many were read from another.
 */
export const readSmallFiles: Task<ReadSmallParameters, Drive> = async (subject, { files }) => {
  const warm = await openWritten(subject, 'warm-up', files)
  await readSmall(warm, shuffled(files, 2))
  await warm.close()
  const drive = await openWritten(subject, 'measured', files)
  const effort = await effortOf(files, () => readSmall(drive, shuffled(files)))
  await drive.close()
  return { ...effort }
}

async function openEmpty({ contender, folder }: Subject<Drive>, name: string): Promise<OpenDrive> {
  const drive = await contender.open(path.join(folder, name))
  await makeFolders(drive)
  return drive
}

async function openWritten(
  subject: Subject<Drive>,
  name: string,
  files: number,
): Promise<OpenDrive> {
  const drive = await openEmpty(subject, name)
  await writeSmall(drive, files)
  await drive.close()
  return subject.contender.open(path.join(subject.folder, name))
}
