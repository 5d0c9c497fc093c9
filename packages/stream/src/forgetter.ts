import { type Block, BlockSet } from '@datagram/log-core'
import { type ContentsEntry, contentsKey, decodeContents, liesAt } from './contents-entry.ts'
import { ForgetTargets, type FoundTargets } from './forget-targets.ts'
import { FRAME_KIND } from './frame.ts'
import { FrameNames } from './frame-names.ts'
import { STREAM_SPACE, unspaced } from './key-space.ts'
import { encodeMoved } from './moved-frame.ts'
import { forgottenOperation } from './dropped-blocks.ts'
import { pendingBlocks, pendingKey } from './pending-forgets.ts'
import type { PendingOperation } from './pending-operation.ts'
import { rangeOf } from './place.ts'
import type { CareContext } from './retention.ts'

const READ_AT_ONCE = 32
// Payload bytes of frames that one append moves.
const MOVED_BYTES_MAX = 4 * 1024 * 1024

/** What one run drops. */
interface Dropping {
  /** Frames that moved. */
  readonly frames: BlockSet
  /** Chunks, and what stood for frames that moved again. */
  readonly bodies: BlockSet
  /** What the table of contents says of the objects that go. */
  readonly contents: ReadonlyMap<number, ContentsEntry>
}

/**
 * Carries out what frames say is to be forgotten: moves what is left of the frames that hold it, rewrites the
 * index, drops the blocks. Each step may be cut off by a crash: a frame stays noted as pending until all is
 * done, and doing it again does no harm.
 */
export class Forgetter {
  readonly #core: CareContext
  readonly #names = new FrameNames()
  readonly #inTurn: (work: () => Promise<void>) => Promise<void>

  /** `inTurn` runs one piece of work on the data log's blocks after another. */
  constructor(core: CareContext, inTurn: (work: () => Promise<void>) => Promise<void>) {
    this.#core = core
    this.#inTurn = inTurn
  }

  /** Resolves when all that was to be forgotten at the call is gone from here. */
  run(): Promise<void> {
    return this.#inTurn(async () => {
      const { index, onForget } = this.#core.parts
      const pending = await pendingBlocks(index)
      if (pending.length === 0) return
      await onForget?.()
      await this.#forget(pending)
      await this.#core.dropListeners.tell('forgotten')
    })
  }

  async #forget(pending: readonly number[]): Promise<void> {
    const { parts, blocks, bodies } = this.#core
    const targets = await ForgetTargets.of(blocks, pending)
    const dropping: Dropping = {
      frames: new BlockSet(),
      bodies: new BlockSet(),
      contents: await this.#contentsOf(targets.objects),
    }
    await this.#moveFrames(await this.#framesOf(targets, pending), targets, dropping)
    await parts.index.flush()
    // Entries that were deleted lie in older runs, and their keys in older heads.
    await parts.index.compact()
    await parts.index.dropSuperseded()
    for (const range of [...dropping.frames.ranges, ...dropping.bodies.ranges]) {
      await parts.data.forget(range)
    }
    for (const blocks of [dropping.frames, dropping.bodies]) bodies.drop(blocks)
    await this.#core.writeOperations([
      ...pending.map((block): PendingOperation => {
        return { type: 'del', space: STREAM_SPACE, key: unspaced(pendingKey(block)) }
      }),
      forgottenOperation(parts.index.log.length),
    ])
  }

  // The frames that may hold something of it, those that say so among them.
  async #framesOf(targets: ForgetTargets, pending: readonly number[]): Promise<number[]> {
    const { blocks, dropped } = this.#core
    await this.#names.advance(blocks, blocks.length)
    const named =
      targets.names === undefined ? this.#names.all() : this.#names.framesOf(targets.names)
    const frames = [...new Set([...named, ...pending])].sort((a, b) => a - b)
    return frames.filter((block) => !dropped.isGone(block))
  }

  // Appends what is left of each frame that holds something to be forgotten.
  async #moveFrames(
    frames: readonly number[],
    targets: ForgetTargets,
    dropping: Dropping,
  ): Promise<void> {
    const { blocks } = this.#core
    let operations: PendingOperation[] = []
    let bytes = 0
    for (let i = 0; i < frames.length; i += READ_AT_ONCE) {
      for (const block of await blocks.getBlocks(frames.slice(i, i + READ_AT_ONCE))) {
        if (block.kind !== FRAME_KIND) continue
        const found = targets.findIn(block.index, block.payload)
        operations.push(...this.#operationsFor(block, found, dropping))
        bytes += found.left?.byteLength ?? 0
        if (bytes < MOVED_BYTES_MAX) continue
        await this.#write(operations, dropping)
        operations = []
        bytes = 0
      }
    }
    await this.#write(operations, dropping)
  }

  #operationsFor(
    block: Block,
    { left, chunks, objects }: FoundTargets,
    dropping: Dropping,
  ): PendingOperation[] {
    const operations: PendingOperation[] = []
    // It may have moved before; what stood for it goes as well.
    const at = this.#core.dropped.moved.get(block.index)
    for (const range of chunks) dropping.bodies.add(range)
    for (const { n, place } of objects) {
      const entry = dropping.contents.get(n)
      if (entry === undefined || !liesAt(entry, place)) continue
      const { descriptor, size } = entry
      const isMoved = at !== undefined && place.chunkBytes === undefined
      const lay = isMoved ? { start: at, end: at + 1 } : rangeOf(place)
      operations.push({ type: 'forgotten', space: STREAM_SPACE, n, descriptor, size, lay })
    }
    if (left === undefined) return operations
    if (at !== undefined) dropping.bodies.add({ start: at, end: at + 1 })
    dropping.frames.add({ start: block.index, end: block.index + 1 })
    const payload = encodeMoved(block, left)
    operations.push({ type: 'moved', space: STREAM_SPACE, block: block.index, payload })
    return operations
  }

  // What moves and what goes with it in one append: a frame that moved no longer says what was in it.
  #write(operations: readonly PendingOperation[], { bodies }: Dropping): Promise<void> {
    const dropping = this.#core.dropped.dropping('bodies', bodies.ranges)
    return this.#core.writeOperations([...operations, ...dropping])
  }

  async #contentsOf(numbers: readonly number[]): Promise<ReadonlyMap<number, ContentsEntry>> {
    const values = await this.#core.parts.index.getMany(numbers.map((n) => contentsKey(n)))
    const contents = new Map<number, ContentsEntry>()
    values.forEach((value, i) => {
      if (value !== undefined) contents.set(numbers[i] as number, decodeContents(value))
    })
    return contents
  }
}
