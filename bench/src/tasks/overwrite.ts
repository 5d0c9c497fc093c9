import path from 'node:path'
import type { Replica } from '../contender.ts'
import { expectSample, expectScanned } from '../expectations.ts'
import { folderBytes } from '../folder-bytes.ts'
import { LinkedReplica } from '../linked-replica.ts'
import type { Subject, Task } from '../task.ts'
import { batchesOf, ENTRY_BYTES, shuffled } from '../workload.ts'
import { authorOf } from './remote-get.ts'

export interface OverwriteParameters {
  readonly keys: number
  readonly batch: number
  /** How often every key is written again after the first time. */
  readonly times: number
  /** One way, of the link. */
  readonly delayMs: number
}

/**
 * Writes every key, then every key again and again, each time in another order. As multiples of the bytes
 * of the keys and values that there are at the end: `downloadRatio`, what crosses a link until a new replica
 * has all blocks that it is to have; `scanRatio`, until it has read every entry; `diskRatio` and
 * `compactedRatio`, the folder before and after giving back what was dropped.
 */
export const overwrite: Task<OverwriteParameters> = async (subject, parameters) => {
  const { keys, delayMs } = parameters
  const fixture = path.join(subject.folder, 'author')
  await write({ ...subject, fixture }, parameters)
  const author = await authorOf({ ...subject, fixture })
  const live = keys * ENTRY_BYTES
  const diskRatio = (await folderBytes(fixture)) / live
  await author.compact?.()
  const compactedRatio = (await folderBytes(fixture)) / live
  const bytesOf = async (way: 'scan' | 'log') => {
    const folder = path.join(subject.folder, way)
    return newReplicaBytes(await LinkedReplica.connect(author, folder, delayMs), way, keys)
  }
  const downloadRatio = (await bytesOf('log')) / live
  const scanRatio = (await bytesOf('scan')) / live
  await author.close()
  return { downloadRatio, scanRatio, diskRatio, compactedRatio }
}

async function write(
  { contender, fixture }: Subject,
  { keys, batch, times }: OverwriteParameters,
): Promise<void> {
  const map = await contender.open(fixture)
  for (let version = 0; version <= times; version++) {
    for (const entries of batchesOf(shuffled(keys, version + 1), batch, version)) {
      await map.batch(entries)
    }
  }
  await expectSample(map, shuffled(keys), times)
  await map.close()
}

async function newReplicaBytes(
  linked: LinkedReplica<Replica>,
  way: 'scan' | 'log',
  keys: number,
): Promise<number> {
  const { bytes } = await linked.crossing(async (replica) => {
    await replica.open()
    if (way === 'log') await replica.download()
    expectScanned(await replica.scan(), keys)
  })
  await linked.close()
  return bytes
}
