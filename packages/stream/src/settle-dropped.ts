import type { Index } from '@datagram/indexer'
import type { Log, WaitOptions } from '@datagram/log-core'
import { type DroppedBlocks, droppedBounds } from './dropped-blocks.ts'

/** Reads what is dropped out of an index. */
export async function readDropped(
  index: Index,
  dropped: DroppedBlocks,
  wait: WaitOptions,
): Promise<void> {
  const entries: (readonly [Uint8Array, Uint8Array])[] = []
  for await (const entry of index.range({ ...droppedBounds, ...wait })) entries.push(entry)
  dropped.reset(entries)
}

/**
 * Drops from this machine what is dropped for good, and sees to it that it is never asked for again. A frame
 * that moved stays until what stands for it is here.
 */
export async function settleDropped(data: Log, dropped: DroppedBlocks): Promise<void> {
  for (const range of dropped.gone()) await data.forget(range)
  for (const [block, moved] of dropped.moved) {
    if (!(await data.has(block)) || (await data.has(moved))) {
      await data.forget({ start: block, end: block + 1 })
    }
  }
}

/**
 * Drops from a replica the older runs and heads, which hold keys and values that were forgotten, once a head is here
 * that lacks them. `done`: up to which length of the index log that was done before; gives it as it is now.
 */
export async function sweepForgotten(
  index: Index,
  { forgottenAt }: DroppedBlocks,
  done: number,
): Promise<number> {
  if (index.writable || forgottenAt <= done) return done
  const isHere = index.stats().headBlock + 1 >= forgottenAt
  if (!isHere) return done
  await index.dropSuperseded()
  return forgottenAt
}
