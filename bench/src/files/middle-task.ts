import path from 'node:path'
import { LinkedReplica } from '../linked-replica.ts'
import type { Task } from '../task.ts'
import { openAuthor } from './clone-tasks.ts'
import type { Drive } from './drive.ts'
import { expectBytes, LARGE, largePart, largePieces, writeLarge } from './file-workload.ts'

export interface MiddleParameters {
  readonly bytes: number
  readonly read: number
  /** One way, of the link. */
  readonly delayMs: number
}

/**
 * A sparse replica that knows the lengths and has no block reads a little from the middle of a large file.
 * `open…`: what opening it in the newest state takes before.
 */
export const middleRead: Task<MiddleParameters, Drive> = async (
  subject,
  { bytes, read, delayMs },
) => {
  const author = await openAuthor(subject, path.join(subject.folder, 'author'))
  await writeLarge(author, largePieces(bytes))
  const folder = path.join(subject.folder, 'replica')
  const linked = await LinkedReplica.connect(author, folder, delayMs)
  const start = Math.floor((bytes - read) / 2)
  const opening = await linked.crossing((replica) => replica.open())
  const crossing = await linked.crossing(async (replica) => {
    expectBytes(LARGE, await replica.readPart(LARGE, start, read), largePart(start, read))
  })
  await linked.close()
  await author.close()
  return {
    roundTrips: crossing.roundTrips,
    bytes: crossing.bytes,
    ms: crossing.milliseconds,
    openRoundTrips: opening.roundTrips,
    openBytes: opening.bytes,
  }
}
