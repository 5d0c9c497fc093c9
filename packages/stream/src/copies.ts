import type { Index } from '@datagram/indexer'
import { type BlockRange, BlockSet, type Log, type WaitOptions } from '@datagram/log-core'
import b4a from 'b4a'
import type { BodyReader } from './body-reader.ts'
import { contentsKey, decodeContents } from './contents-entry.ts'
import { dropAlone } from './drop-alone.ts'
import type { DroppedBlocks } from './dropped-blocks.ts'
import { readEntry } from './entry-value.ts'
import { ForgetTargets } from './forget-targets.ts'
import type { ForgottenAlone, LeftOfFrame, StillForgotten } from './forgotten-alone.ts'
import { FRAME_KIND } from './frame.ts'
import { bodyAt, leftWithout } from './frame-body.ts'
import type { KeptBlocks } from './kept-blocks.ts'
import { spacedKey } from './key-space.ts'
import { standFor } from './moved-frame.ts'
import { type Place, rangeOf } from './place.ts'
import { streamError } from './stream-errors.ts'
import type { KeptState, Target, TargetStatus } from './target.ts'

const READ_AT_ONCE = 32

/** What is needed of a stream to tell, drop and bring back copies. */
export interface CopiesContext {
  readonly parts: {
    readonly data: Log
    readonly indexLog: Log
    readonly index: Index
    readonly alone: ForgottenAlone | undefined
  }
  readonly blocks: KeptBlocks
  readonly bodies: BodyReader
  readonly dropped: DroppedBlocks
  readonly writable: boolean
}

/** What the index says of a target. */
interface Found {
  readonly size: number
  /** Where its body lies; undefined when it was forgotten, or lies in the index itself. */
  readonly place: Place | undefined
  /** The blocks of the data log that its bytes lie, or lay, in; undefined: the index has them. */
  readonly blocks: BlockRange | undefined
  readonly isForgotten: boolean
}

/** The copies on this machine of what one key space of a stream holds. */
export class Copies {
  readonly #core: CopiesContext
  readonly #space: number

  constructor(core: CopiesContext, space: number) {
    this.#core = core
    this.#space = space
  }

  /** How a target stands; undefined when there is no such object or entry. */
  async status(target: Target, wait?: WaitOptions): Promise<TargetStatus | undefined> {
    const { data, indexLog } = this.#core.parts
    const found = await this.#find(target, wait)
    if (found === undefined) return undefined
    const { size, blocks } = found
    if (blocks === undefined) {
      const head = { start: indexLog.length - 1, end: indexLog.length }
      return { state: 'stored', size, holders: await indexLog.holdersOf(head, wait) }
    }
    const isAnywhere = blocks.start < blocks.end
    const holders = isAnywhere ? await data.holdersOf(blocks, wait) : 0
    return { state: await this.#state(found, blocks), size, holders }
  }

  /**
   * Drops the copies on this machine. Of a stream of one's own only large bodies go, and only those that a
   * connected peer has: throws `COPY_ONLY_HERE`.
   */
  async evict(targets: readonly Target[], wait?: WaitOptions): Promise<void> {
    const { parts, bodies, writable } = this.#core
    const going = new BlockSet()
    // The next open reads what the index does not cover.
    if (writable) await parts.index.flush()
    for (const target of targets) {
      const found = await this.#find(target, wait)
      if (found?.place === undefined || found.blocks === undefined) continue
      if (found.place.block >= parts.index.covers) continue
      if (!writable) going.add(found.blocks)
      else if (found.place.chunkBytes !== undefined) {
        await this.#assertHeld(found.blocks, wait)
        going.add(found.blocks)
      }
    }
    for (const range of going.ranges) await parts.data.evict(range)
    bodies.drop(going)
  }

  /**
   * Forgets on this machine alone: the blocks go, and what is left of frames is kept beside. Throws
   * `FORGET_NEEDS_AUTHOR` for what lies in the index.
   */
  async forgetAlone(targets: readonly Target[], alone: ForgottenAlone, wait?: WaitOptions) {
    const { parts, bodies } = this.#core
    const all = await this.#targets(targets, wait)
    const chunks = new BlockSet()
    const left: LeftOfFrame[] = []
    for (const target of targets) {
      const place = (await this.#find(target, wait))?.place
      if (place === undefined) continue
      // What is not here is not to come either; but what lies beside it is.
      if (place.chunkBytes !== undefined) chunks.add(rangeOf(place))
      else await this.#core.blocks.getBlock(place.block, wait)
    }
    for await (const frame of this.#framesHere()) {
      const found = all.findIn(frame.index, frame.payload)
      for (const range of found.chunks) chunks.add(range)
      if (found.left !== undefined) left.push({ frame, payload: found.left })
    }
    await alone.forget(chunks.ranges, left)
    const gone = new BlockSet(chunks.ranges)
    for (const { frame } of left) gone.add({ start: frame.index, end: frame.index + 1 })
    await dropAlone(parts.data, gone.ranges)
    bodies.drop(gone)
  }

  /**
   * Brings back what was forgotten alone. What its author forgot does not come back. Where the author has moved a
   * frame since, it comes from where it lies now. When something of it cannot be had, all stays as it was.
   */
  async refetch(targets: readonly Target[], alone: ForgottenAlone, wait?: WaitOptions) {
    const { parts, bodies, dropped } = this.#core
    const wanted = new BlockSet()
    const frames = new Map<number, Place[]>()
    for (const target of targets) {
      const place = (await this.#find(target, wait))?.place
      if (place === undefined) continue
      for (const range of new BlockSet(alone.ranges).within(rangeOf(place))) wanted.add(range)
      if (!alone.hasLeft(place.block)) continue
      frames.set(place.block, [...(frames.get(place.block) ?? []), place])
    }
    const lying = wanted.ranges.flatMap((range) => dropped.standing(range))
    try {
      for (const range of lying) parts.data.recall(range)
      await parts.data.download({ ranges: lying, ...wait })
    } catch (error) {
      await dropAlone(parts.data, lying)
      throw error
    }
    // What else was forgotten of the same frames stays so.
    const still = await this.#stillForgotten(frames, alone, wait)
    await alone.want([...wanted.ranges, ...lying], still)
    await dropAlone(parts.data, still.ranges)
    bodies.drop(wanted)
  }

  async #stillForgotten(
    frames: ReadonlyMap<number, readonly Place[]>,
    alone: ForgottenAlone,
    wait?: WaitOptions,
  ): Promise<StillForgotten> {
    const { parts, dropped } = this.#core
    const ranges: BlockRange[] = []
    const left: LeftOfFrame[] = []
    for (const [block, wanted] of frames) {
      const at = dropped.moved.get(block) ?? block
      const whole = await parts.data.getBlock(at, wait)
      const frame = at === block ? whole : standFor(block, whole)
      const payload = leftWithout(frame.payload, (await alone.left(block)).payload, wanted)
      if (payload === undefined) continue
      ranges.push({ start: at, end: at + 1 })
      left.push({ frame, payload })
    }
    return { ranges, left }
  }

  async #find(target: Target, wait?: WaitOptions): Promise<Found | undefined> {
    const { index } = this.#core.parts
    if (!(target instanceof Uint8Array)) {
      const entry = await index.get(contentsKey(target.n), wait)
      if (entry === undefined) return undefined
      const { size, place, lay } = decodeContents(entry)
      if (place !== undefined) await this.#core.blocks.known(place.block, wait)
      const blocks = place === undefined ? (lay ?? { start: 0, end: 0 }) : this.#blocksOf(place)
      return { size, place, blocks, isForgotten: place === undefined }
    }
    const value = await index.get(spacedKey(this.#space, target), wait)
    const entry = value && readEntry(value)
    if (entry === undefined) return undefined
    if (entry instanceof Uint8Array) {
      return { size: entry.byteLength, place: undefined, blocks: undefined, isForgotten: false }
    }
    await this.#core.blocks.known(entry.block, wait)
    return { size: entry.size, place: entry, blocks: this.#blocksOf(entry), isForgotten: false }
  }

  // Where it lies now: its frame may have moved.
  #blocksOf(place: Place): BlockRange {
    const moved = this.#core.dropped.moved.get(place.block)
    return moved === undefined ? rangeOf(place) : { start: moved, end: moved + 1 }
  }

  async #state({ place, isForgotten }: Found, blocks: BlockRange): Promise<KeptState> {
    const { data, alone } = this.#core.parts
    if (isForgotten || place === undefined) return 'forgotten'
    if (alone?.has(place.block) === true) {
      const isLeft = alone.hasLeft(place.block)
      const payload = isLeft ? (await alone.left(place.block)).payload : undefined
      return payload !== undefined && bodyAt(payload, place) ? 'stored' : 'forgotten'
    }
    const [here] = data.here(blocks)
    return here?.start === blocks.start && here.end === blocks.end ? 'stored' : 'evicted'
  }

  async #assertHeld(blocks: BlockRange, wait?: WaitOptions): Promise<void> {
    const { data } = this.#core.parts
    await data.holdersOf(blocks, wait)
    for (let block = blocks.start; block < blocks.end; block++) {
      if (data.holders(block) > 0) continue
      throw streamError(
        'COPY_ONLY_HERE',
        `no connected peer has block ${block}, so dropping it here would lose it; connect to a peer that has all of it, or forget it`,
        { details: { block } },
      )
    }
  }

  // Each with all that it ever was, as far as it is here.
  async #targets(targets: readonly Target[], wait?: WaitOptions): Promise<ForgetTargets> {
    const { index } = this.#core.parts
    const all = new ForgetTargets()
    const always = { block: Number.POSITIVE_INFINITY, at: 0 }
    const common = { space: this.#space, last: true }
    for (const target of targets) {
      const found = await this.#find(target, wait)
      const isInIndex = found !== undefined && found.blocks === undefined
      if (isInIndex || (found?.place?.block ?? 0) >= index.covers) throw needsAuthor(target)
      if (target instanceof Uint8Array) {
        all.add({ type: 'forget-entry', ...common, key: target }, always)
      } else all.add({ type: 'forget-object', ...common, n: target.n }, always)
    }
    return all
  }

  async *#framesHere() {
    const { parts, blocks } = this.#core
    await blocks.known(0)
    const alone = parts.alone
    const here = new BlockSet(parts.data.here({ start: 1, end: parts.data.length }))
    for (const range of alone?.ranges ?? []) here.add(range)
    for (const block of this.#core.dropped.moved.keys()) here.add({ start: block, end: block + 1 })
    for (const { start, end } of here.ranges) {
      for (let at = start; at < end; at += READ_AT_ONCE) {
        const indexes: number[] = []
        for (let i = at; i < Math.min(end, at + READ_AT_ONCE); i++) {
          if (!blocks.isGone(i)) indexes.push(i)
        }
        for (const block of await blocks.getBlocks(indexes)) {
          if (block.kind === FRAME_KIND) yield block
        }
      }
    }
  }
}

function needsAuthor(target: Target): Error {
  const name =
    target instanceof Uint8Array
      ? `the value of the key ${JSON.stringify(b4a.toString(target))}`
      : `object ${target.n}`
  return streamError(
    'FORGET_NEEDS_AUTHOR',
    `${name} lies in the index, which everybody shares, or is so new that the index does not cover it yet; its author can forget it, or try again later`,
  )
}
