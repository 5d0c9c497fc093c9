import { isDatagramError } from '@datagram/errors'
import { type Block, decode, type WaitOptions } from '@datagram/log-core'
import { type Batch, type BatchesOptions, type PlacedFrame } from './batches.ts'
import { CHUNK_KIND, FRAME_KIND, type Frame, frame } from './frame.ts'
import { bodyOf, chunkCount, isChunked } from './frame-operation.ts'
import type { BlockReader } from './kept-blocks.ts'

// Blocks asked for at once, at most. The first window is one block, each next one twice as wide.
const WINDOW_MAX = 64

interface ReadBlock {
  readonly block: Block
  readonly frame: Frame | undefined
}

/**
 * The batches of frames in a part of a data log, the last first. A frame names the chunks before it, so
 * these are gone past: where a window brought some all the same, the next one is small again.
 */
export async function* batchesBackwards(
  log: BlockReader,
  options: BatchesOptions,
): AsyncGenerator<Batch, void, undefined> {
  let frames: PlacedFrame[] = []
  let last: Block | undefined
  let next: number | undefined
  for await (const { block, frame: decoded } of blocksBackwards(log, options)) {
    // The end of its append may be dropped: then it ends where nothing is left.
    const isCut = next !== undefined && block.index < next && log.isGone?.(block.index + 1) === true
    next = block.index - 1
    if (block.batchEnd || isCut) {
      if (last !== undefined && frames.length > 0) yield batchOf(frames, last)
      frames = []
      last = block
    }
    if (decoded !== undefined) frames.push({ block: block.index, frame: decoded })
  }
  if (last !== undefined && frames.length > 0) yield batchOf(frames, last)
}

function batchOf(backwards: readonly PlacedFrame[], { index, stamp, writer }: Block): Batch {
  return { frames: [...backwards].reverse(), end: index + 1, stamp, writer }
}

async function* blocksBackwards(
  log: BlockReader,
  { from, to, ...wait }: BatchesOptions,
): AsyncGenerator<ReadBlock, void, undefined> {
  const chunks = new ChunksBelow()
  let widest = WINDOW_MAX
  let width = 1
  await log.known?.(from, wait)
  for (let at = to; ; ) {
    // What is on this machine is read without a wait that the signal could end.
    wait.signal?.throwIfAborted()
    const indexes = chunks.rest(at, {
      from,
      width,
      isGone: (index) => log.isGone?.(index) === true,
    })
    if (indexes.length === 0) return
    const blocks = await read(log, indexes, wait)
    if (blocks === undefined) {
      // It may be a chunk that is missing, which is not needed: one by one, none is asked for.
      widest = 1
      width = 1
      continue
    }
    for (const block of blocks) {
      const decoded = block.kind === FRAME_KIND ? decode(frame, block.payload) : undefined
      if (decoded !== undefined) chunks.add(decoded, block.index)
      yield { block, frame: decoded }
    }
    at = indexes.at(-1) as number
    const isSparse = blocks.some(({ kind }) => kind === CHUNK_KIND)
    width = isSparse ? 1 : Math.min(widest, width * 2)
  }
}

// Undefined when one of several blocks is not to be had.
async function read(
  log: BlockReader,
  indexes: readonly number[],
  wait: WaitOptions,
): Promise<Block[] | undefined> {
  try {
    return await log.getBlocks(indexes, wait)
  } catch (error) {
    if (indexes.length > 1 && isDatagramError(error, 'BLOCK_UNAVAILABLE')) return undefined
    throw error
  }
}

interface BlocksBelow {
  readonly from: number
  readonly width: number
  readonly isGone: (index: number) => boolean
}

/** The chunks that frames name, on the way down a log. */
class ChunksBelow {
  #ranges: { readonly start: number; readonly end: number }[] = []

  add({ operations }: Frame, block: number): void {
    for (const operation of operations) {
      const body = bodyOf(operation)
      if (body === undefined || !isChunked(body)) continue
      const { back, size, chunkBytes } = body
      const start = block - back
      this.#ranges.push({ start, end: start + chunkCount(size, chunkBytes) })
    }
  }

  /** Up to `width` indexes below `at` that are no known chunks, downwards. */
  rest(at: number, { from, width, isGone }: BlocksBelow): readonly number[] {
    this.#ranges = this.#ranges.filter(({ start }) => start < at)
    const indexes: number[] = []
    for (let i = at - 1; i >= from && indexes.length < width; ) {
      const chunks = this.#ranges.find(({ start, end }) => start <= i && i < end)
      if (chunks !== undefined) i = chunks.start - 1
      else if (isGone(i)) i--
      else indexes.push(i--)
    }
    return indexes
  }
}
