import path from 'node:path'
import { type BlockInput, type Log, openStore } from '@datagram/log-core'
import { FRAME_KIND } from '@datagram/stream'
import { OurStreamMap } from '../contenders/our-stream.ts'
import { type Effort, effortOf } from '../stopwatch.ts'
import type { Task } from '../task.ts'
import { entryOf } from '../workload.ts'

export interface BareAppendParameters {
  readonly appends: number
}

const PROBES = 100

/**
 * One awaited append after another to a log with nothing above it: blocks as large as those that our
 * single puts make, encrypted as they are.
 */
export const bareAppend: Task<BareAppendParameters> = async ({ folder }, { appends }) => {
  const blockBytes = await bytesOfPutBlock(path.join(folder, 'probe'))
  const store = await openStore(path.join(folder, 'measured'))
  const log = await store.open('bare')
  const payload = new Uint8Array(blockBytes - (await overheadOf(log))).fill(1)
  const block = { kind: FRAME_KIND, payload }
  await append(log, block, Math.ceil(appends / 10))
  const before = log.byteLength
  const effort = await append(log, block, appends)
  if (log.byteLength - before !== appends * blockBytes) {
    throw new Error(`the bare blocks are not of the ${blockBytes} bytes that a put's block has`)
  }
  await store.close()
  return { ...effort, blockBytes }
}

async function bytesOfPutBlock(folder: string): Promise<number> {
  const map = await OurStreamMap.open(folder)
  const { data } = map.stream
  const before = data.byteLength
  for (let i = 0; i < PROBES; i++) await map.put(...entryOf(i))
  const bytes = Math.round((data.byteLength - before) / PROBES)
  await map.close()
  return bytes
}

// What envelope and seal add to a payload.
async function overheadOf(log: Log): Promise<number> {
  await log.append({ kind: FRAME_KIND, payload: new Uint8Array(100) })
  return log.byteLength - 100
}

function append(log: Log, block: BlockInput, count: number): Promise<Effort> {
  return effortOf(count, async () => {
    for (let i = 0; i < count; i++) await log.append(block)
  })
}
