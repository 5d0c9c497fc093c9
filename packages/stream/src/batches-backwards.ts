import { isDatagramError } from '@datagram/errors'
import { type Block, decode, type ReadableLog, type WaitOptions } from '@datagram/log-core'
import { type Batch, type BatchesOptions, type PlacedFrame } from './batches.ts'
import { CHUNK_KIND, FRAME_KIND, type Frame, frame } from './frame.ts'
import { chunkCount, isChunked } from './frame-operation.ts'

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
  log: ReadableLog,
  options: BatchesOptions,
): AsyncGenerator<Batch, void, undefined> {
  let frames: PlacedFrame[] = []
  let last: Block | undefined
  for await (const { block, frame: decoded } of blocksBackwards(log, options)) {
    if (block.batchEnd) {
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
  log: ReadableLog,
  { from, to, ...wait }: BatchesOptions,
): AsyncGenerator<ReadBlock, void, undefined> {
  const chunks = new ChunksBelow()
  let widest = WINDOW_MAX
  let width = 1
  for (let at = to; ; ) {
    // What is on this machine is read without a wait that the signal could end.
    wait.signal?.throwIfAborted()
    const indexes = chunks.rest(at, { from, width })
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
  log: ReadableLog,
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

/** The chunks that frames name, on the way down a log. */
class ChunksBelow {
  #ranges: { readonly start: number; readonly end: number }[] = []

  add({ operations }: Frame, block: number): void {
    for (const operation of operations) {
      if (operation.type === 'del' || !isChunked(operation.body)) continue
      const { back, size, chunkBytes } = operation.body
      const start = block - back
      this.#ranges.push({ start, end: start + chunkCount(size, chunkBytes) })
    }
  }

  /** Up to `width` indexes below `at` that are no known chunks, downwards. */
  rest(
    at: number,
    { from, width }: { readonly from: number; readonly width: number },
  ): readonly number[] {
    this.#ranges = this.#ranges.filter(({ start }) => start < at)
    const indexes: number[] = []
    for (let i = at - 1; i >= from && indexes.length < width; ) {
      const chunks = this.#ranges.find(({ start, end }) => start <= i && i < end)
      if (chunks === undefined) indexes.push(i--)
      else i = chunks.start - 1
    }
    return indexes
  }
}
