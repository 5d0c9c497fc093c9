import { type Block, decode, type Stamp, type WaitOptions } from '@datagram/log-core'
import { FRAME_KIND, type Frame, frame } from './frame.ts'
import { bodyOf, chunkCount, isChunked } from './frame-operation.ts'
import type { BlockReader } from './kept-blocks.ts'

// Blocks asked for at once. A window is at most 16 MiB of chunks, or 4 MiB of frames.
const WINDOW = 64

/** A frame and where it lies. */
export interface PlacedFrame {
  readonly block: number
  readonly frame: Frame
}

/** The frames that were appended together; they are applied together. */
export interface Batch {
  readonly frames: readonly PlacedFrame[]
  /** Length of the data log after it. */
  readonly end: number
  /** Stamp of its last block. */
  readonly stamp: Stamp
  readonly writer: number
}

/** Which part of the data log to read batches of. */
export interface BatchesOptions extends WaitOptions {
  /** Where a batch begins. */
  readonly from: number
  /** A length of the log: what is beyond is not read. */
  readonly to: number
}

/**
 * The batches of frames in a part of a data log, in order. A batch whose end is not there is not given.
 * Blocks that are dropped are passed over. Blocks are asked for in windows, so a tail of up to 64 blocks costs one round trip.
 */
export async function* batches(
  log: BlockReader,
  { from, to, ...wait }: BatchesOptions,
): AsyncGenerator<Batch, void, undefined> {
  await log.known?.(from, wait)
  const skipped = await chunksBefore(log, from, to, wait)
  let frames: PlacedFrame[] = []
  let before: Block | undefined
  for (let at = from; at < to; at += WINDOW) {
    const indexes: number[] = []
    for (let i = at; i < Math.min(at + WINDOW, to); i++) {
      if (!skipped.has(i) && !isGone(log, i)) indexes.push(i)
    }
    for (const block of await log.getBlocks(indexes, wait)) {
      if (frames.length > 0 && before !== undefined && isGone(log, block.index - 1)) {
        yield batchOf(frames, before)
        frames = []
      }
      before = block
      if (block.kind === FRAME_KIND) {
        frames.push({ block: block.index, frame: decode(frame, block.payload) })
      }
      if (!block.batchEnd) continue
      if (frames.length > 0) yield batchOf(frames, block)
      frames = []
    }
  }
  if (frames.length > 0 && before !== undefined && isGone(log, to - 1))
    yield batchOf(frames, before)
}

function isGone(log: BlockReader, index: number): boolean {
  return log.isGone?.(index) === true
}

function batchOf(frames: readonly PlacedFrame[], last: Block): Batch {
  return { frames, end: last.index + 1, stamp: last.stamp, writer: last.writer }
}

// A large body's chunks come before the frame that names them. Replaying needs the frame alone, and the
// index is brought up to date after each large body: so where a long tail has chunks, its last frame
// names them. One block more is asked for, and none of them.
async function chunksBefore(
  log: BlockReader,
  from: number,
  to: number,
  wait: WaitOptions,
): Promise<ReadonlySet<number>> {
  const skipped = new Set<number>()
  if (to - from <= WINDOW) return skipped
  const last = await log.getBlock(to - 1, wait)
  if (last.kind !== FRAME_KIND) return skipped
  for (const operation of decode(frame, last.payload).operations) {
    const body = bodyOf(operation)
    if (body === undefined || !isChunked(body)) continue
    const { back, size, chunkBytes } = body
    const first = last.index - back
    for (let i = 0; i < chunkCount(size, chunkBytes); i++) skipped.add(first + i)
  }
  return skipped
}
