import type { OrderedReader } from '@datagram/indexer'
import { decode, type WaitOptions } from '@datagram/log-core'
import type { Batch } from './batches.ts'
import { blockOfKey } from './block-key.ts'
import { FRAME_KIND, type Frame, frame } from './frame.ts'
import type { FrameOperation } from './frame-operation.ts'
import type { Moment } from './interface-stream.ts'
import type { KeptBlocks } from './kept-blocks.ts'
import { spacedKey, STREAM_SPACE } from './key-space.ts'
import { isPendingKey, pendingBlocks } from './pending-forgets.ts'

const READ_AT_ONCE = 64

/**
 * What was forgotten after a moment of what was there at it, as far as the log tells. A forgotten key leaves no name,
 * so the entries of such a moment cannot be told any more, not even which are missing.
 *
 * The author's forgetting writes, in this order: the frames that say what is to go; a `moved` for each frame that
 * held some of it, those among them; that the first are done. This meets them from the end.
 */
export class ForgottenSince {
  readonly #space: number
  readonly #moment: Moment
  // Whether the forgetting that is being met was said after the moment, and whether its end was met just now.
  #isLater = false
  #isInEnds = false
  readonly #said: number[]
  readonly #moved: number[] = []
  #end: number

  private constructor(space: number, moment: Moment, pending: readonly number[]) {
    this.#space = space
    this.#moment = moment
    this.#end = moment.position
    this.#said = pending.filter((block) => block >= moment.position)
    this.#isLater = this.#said.length > 0
  }

  /** `index`: as it is at the end of the log's part that will be gone through. */
  static async of(space: number, moment: Moment, index: OrderedReader): Promise<ForgottenSince> {
    return new ForgottenSince(space, moment, await pendingBlocks(index))
  }

  /** Takes a batch that ended after the moment; the last one first. */
  take({ frames, end }: Batch): void {
    const isSplit = this.#moment.transactions > 0 && frames[0]?.block === this.#moment.position
    if (isSplit) this.#end = end
    for (const one of [...frames].reverse()) {
      for (const operation of [...one.frame.operations].reverse()) this.#takeOne(operation)
    }
  }

  /** Whether something of the moment's entries is gone, or may be; `since`: block from which on all history is known. */
  async isAny(blocks: KeptBlocks, since: number, wait: WaitOptions): Promise<boolean> {
    // What was in blocks that are dropped nobody can tell.
    const read = since > 0 ? [...this.#said] : []
    for (const block of this.#moved) {
      if (block >= this.#end) continue
      if (blocks.isGone(block)) return true
      read.push(block)
    }
    for (let i = 0; i < read.length; i += READ_AT_ONCE) {
      const kept = read.slice(i, i + READ_AT_ONCE).filter((block) => !blocks.isGone(block))
      for (const { kind, payload } of await blocks.getBlocks(kept, wait)) {
        if (kind === FRAME_KIND && this.#isTouched(decode(frame, payload))) return true
      }
    }
    return false
  }

  #takeOne(operation: FrameOperation): void {
    const isEnd =
      operation.type === 'del' &&
      operation.space === STREAM_SPACE &&
      isPendingKey(spacedKey(STREAM_SPACE, operation.key))
    if (isEnd) {
      if (!this.#isInEnds) this.#isLater = false
      const said = blockOfKey(spacedKey(STREAM_SPACE, operation.key)) as number
      if (said >= this.#moment.position) {
        this.#isLater = true
        this.#said.push(said)
      }
    }
    this.#isInEnds = isEnd
    if (operation.type === 'moved' && this.#isLater) this.#moved.push(operation.block)
  }

  // A gap is where an entry was, or what forgot one.
  #isTouched({ operations }: Frame): boolean {
    return operations.some(({ type, space }) => {
      return space === this.#space && ['gap', 'forget-entry', 'forget-range'].includes(type)
    })
  }
}
