import type { Log } from '@datagram/log-core'
import type { Index, IndexOperation, IndexOptions } from '../../src/index.ts'

/** Sizes at which a few frames flush, merge and drop. */
export const SIZES: IndexOptions = {
  flushBytes: 4000,
  leafBytes: 800,
  groupBytes: 3000,
  runsMax: 3,
  graceMs: 0,
  idleMs: 10,
}

/** What frame `number` does: the same in every process. */
export function frameOperations(number: number): IndexOperation[] {
  return Array.from({ length: 20 }, (_, i): IndexOperation => {
    const mixed = Math.imul(number * 20 + i + 1, 0x9e3779b1) >>> 0
    const key = new Uint8Array(Buffer.from(`user:${mixed % 300}`))
    if (mixed % 7 === 0) return { type: 'del', key }
    return { type: 'put', key, value: new Uint8Array(mixed % 90).fill(number) }
  })
}

/** Applies the frames of the data log that the index does not cover. */
export async function replay(data: Log, index: Index): Promise<void> {
  for await (const block of data.range({ start: index.covers })) {
    index.apply(frameOperations(block.index), { position: block.index + 1, stamp: block.stamp })
    await index.ready()
  }
}
