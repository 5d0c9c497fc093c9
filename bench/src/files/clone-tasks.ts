import path from 'node:path'
import { type Crossing, LinkedReplica } from '../linked-replica.ts'
import { collectGarbage, perSecond } from '../stopwatch.ts'
import type { Subject, Task } from '../task.ts'
import { shuffled } from '../workload.ts'
import type { Drive, DriveAuthor, DriveReplica } from './drive.ts'
import {
  expectBytes,
  LARGE,
  largePart,
  largePieces,
  makeFolders,
  readSmall,
  writeLarge,
  writeSmall,
} from './file-workload.ts'
import type { LargeParameters } from './large-tasks.ts'
import type { ReadSmallParameters } from './small-tasks.ts'

const MEGABYTE = 1_000_000
const WARM_UP_BYTES = 16 * MEGABYTE
const WARM_UP_FILES = 200

/** What is cloned, and how it is seen to have arrived. */
interface Content {
  readonly write: (author: DriveAuthor) => Promise<void>
  readonly expect: (replica: DriveReplica) => Promise<void>
}

/** Brings one large file to a new replica: both ends in this process, over a link in memory. */
export const cloneLarge: Task<LargeParameters, Drive> = async (subject, { bytes }) => {
  await clone(subject, 'warm-up', large(WARM_UP_BYTES))
  const { milliseconds, bytes: sent } = await clone(subject, 'measured', large(bytes))
  return {
    megabytesPerSecond: perSecond(bytes / MEGABYTE, milliseconds),
    bytesRatio: sent / bytes,
  }
}

/** Brings many small files to a new replica. */
export const cloneSmall: Task<ReadSmallParameters, Drive> = async (subject, { files }) => {
  await clone(subject, 'warm-up', small(WARM_UP_FILES))
  const { milliseconds, bytes } = await clone(subject, 'measured', small(files))
  return { perSecond: perSecond(files, milliseconds), bytesEach: bytes / files }
}

/** The author of a file system of one's own. */
export function openAuthor({ contender }: Subject<Drive>, folder: string): Promise<DriveAuthor> {
  if (contender.openAuthor === undefined) {
    throw new TypeError(`${contender.name} does not replicate`)
  }
  return contender.openAuthor(folder)
}

// What arrived is read and compared when the author is away, which is not timed.
async function clone(subject: Subject<Drive>, name: string, content: Content): Promise<Crossing> {
  const folder = path.join(subject.folder, name)
  const author = await openAuthor(subject, path.join(folder, 'author'))
  await content.write(author)
  const linked = await LinkedReplica.connect(author, path.join(folder, 'replica'), 0)
  collectGarbage()
  const crossing = await linked.crossing(async (replica) => {
    await replica.open()
    await replica.download()
  })
  linked.cut()
  await content.expect(linked.replica)
  await linked.close()
  await author.close()
  return crossing
}

function large(bytes: number): Content {
  return {
    write: (author) => writeLarge(author, largePieces(bytes)),
    expect: async (replica) => expectBytes(LARGE, await replica.read(LARGE), largePart(0, bytes)),
  }
}

function small(files: number): Content {
  return {
    write: async (author) => {
      await makeFolders(author)
      await writeSmall(author, files)
    },
    expect: (replica) => readSmall(replica, shuffled(files)),
  }
}
