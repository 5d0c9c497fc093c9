import { type Block, BlockSet, decode } from '@datagram/log-core'
import type { BodyReader } from './body-reader.ts'
import { contentsKey, decodeContents } from './contents-entry.ts'
import type { DropListeners } from './drop-listeners.ts'
import type { DroppedBlocks } from './dropped-blocks.ts'
import { FRAME_KIND, frame } from './frame.ts'
import { type FrameUse, useOf } from './frame-use.ts'
import type { Retain } from './interface-stream.ts'
import type { BlockReader } from './kept-blocks.ts'
import { STREAM_SPACE } from './key-space.ts'
import type { PendingOperation } from './pending-operation.ts'
import { rangeOf } from './place.ts'
import { assertRetain, type MayGo, mayGo } from './retain.ts'
import type { StreamParts } from './stream-parts.ts'

// How long after a write the background looks for what may go.
const DELAY_MS = 500
// Fewer blocks are not worth a frame that says so.
const BLOCKS_MIN = 16
// How long a value that was overwritten stays for scans that have come past its entry.
const GRACE_MS = 10_000
// Blocks looked at in one step: each step is one small write.
const STEP_BLOCKS = 512
const READ_AT_ONCE = 32

/** What is needed of a stream to drop parts of its data log. */
export interface CareContext {
  readonly parts: Pick<StreamParts, 'data' | 'index' | 'logger' | 'onForget'>
  readonly blocks: BlockReader
  readonly bodies: BodyReader
  readonly dropped: DroppedBlocks
  readonly dropListeners: DropListeners
  readonly writable: boolean
  /** How far the slowest reader of changes has come; infinite when there is none. */
  readonly oldestReader: number
  /** How many snapshots are open: what they show is not dropped, unless it is forgotten. */
  readonly snapshots: number
  /** Commits operations as they are, in a transaction of their own. */
  writeOperations(operations: readonly PendingOperation[]): Promise<void>
}

/** What a step has found. */
interface Findings {
  readonly history: BlockSet
  readonly bodies: BlockSet
  readonly retired: Set<number>
  /** Something that is more than a frame which says what was dropped. */
  isWorthwhile: boolean
}

/**
 * Drops from the data log what the stream does not retain, in steps. A frame goes when a head of the index that
 * lies in its log covers it, and nothing points into it any more.
 */
export class Retention {
  readonly #core: CareContext
  #policy: Retain = 'all'
  #timer: NodeJS.Timeout | undefined
  #running: Promise<unknown> = Promise.resolve()
  // What is below it was looked at; some frames had to stay.
  #looked = 1
  #stayed: number[] = []
  // Frames that nothing points into any more, since when.
  readonly #condemned = new Map<number, number>()
  #isClosed = false

  constructor(core: CareContext) {
    this.#core = core
  }

  /** Takes a policy from now on. Throws a TypeError for what is none. */
  set(policy: Retain = 'all'): void {
    assertRetain(policy)
    this.#policy = policy
    this.#looked = 1
    this.#stayed = []
    this.applied()
  }

  /** To be called after a write. */
  applied(): void {
    const isIdle = this.#policy === 'all' || this.#isClosed || !this.#core.writable
    if (isIdle || this.#timer !== undefined) return
    this.#timer = setTimeout(() => this.#inBackground(), DELAY_MS).unref()
  }

  /** Drops all that may go now, without grace. */
  async sweepAll(): Promise<void> {
    if (this.#policy === 'all' || !this.#core.writable) return
    await this.inTurn(async () => {
      // What one pass has freed may free more: an object that was not needed lay in an earlier frame.
      for (let freed = true; freed; ) {
        await this.#core.parts.index.flush()
        this.#looked = 1
        this.#stayed = []
        freed = false
        const to = this.#end()
        while (this.#looked < to) freed = (await this.#step(to, true)) || freed
      }
    })
  }

  /** Ends the background's work; resolves when what is under way has come to an end. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #inBackground(): void {
    this.inTurn(async () => {
      this.#timer = undefined
      const to = this.#end()
      if (this.#isClosed || to - this.#looked < BLOCKS_MIN) return
      await this.#step(to, false)
      this.applied()
    }).catch((error: unknown) => {
      if (this.#isClosed) return
      this.#core.parts.logger?.warn('what is not retained could not be dropped', error)
    })
  }

  /** Runs one piece of work on the log's blocks after another. */
  readonly inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = this.#running.then(work)
    this.#running = turn.catch(() => undefined)
    return turn
  }

  // How far frames may go: readers of changes have to have seen them.
  #end(): number {
    return Math.min(this.#core.parts.index.covers, this.#core.oldestReader)
  }

  // Looks at some frames and drops what it finds; true when that may free more.
  async #step(to: number, all: boolean): Promise<boolean> {
    const findings: Findings = {
      history: new BlockSet(),
      bodies: new BlockSet(),
      retired: new Set(),
      isWorthwhile: false,
    }
    const isOld = await mayGo(this.#policy, this.#core.blocks, to)
    // Those that stayed are looked at again as new ones come, the oldest first.
    const again = this.#stayed.splice(0, STEP_BLOCKS)
    const until = Math.min(to, this.#looked + STEP_BLOCKS)
    for (let block = this.#looked; block < until; block++) again.push(block)
    this.#looked = until
    const { blocks, dropped } = this.#core
    const left = again.filter((block) => !dropped.isGone(block))
    for (let at = 0; at < left.length; at += READ_AT_ONCE) {
      for (const block of await blocks.getBlocks(left.slice(at, at + READ_AT_ONCE))) {
        if (block.kind === FRAME_KIND) await this.#lookAt(block, isOld, { all, findings })
      }
    }
    return this.#carryOut(findings)
  }

  async #lookAt(
    { index: block, payload, stamp }: Block,
    isOld: MayGo,
    { all, findings }: { readonly all: boolean; readonly findings: Findings },
  ): Promise<void> {
    const placed = { block, frame: decode(frame, payload) }
    const use = await useOf(this.#core.parts.index, placed)
    if (isOld(placed, stamp.ms)) this.#judge(use, all, findings)
    else this.#stayed.push(block)
  }

  #judge(use: FrameUse, all: boolean, findings: Findings): void {
    const { history, bodies, retired } = findings
    for (const n of use.retired) retired.add(n)
    const isFree = this.#isRipe(use, all)
    if (use.isNeeded || use.isPending || !isFree) this.#stayed.push(use.block)
    else {
      history.add({ start: use.block, end: use.block + 1 })
      if (!use.isOwn) findings.isWorthwhile = true
    }
    if (!isFree) return
    for (const chunks of use.freeChunks) {
      if (this.#core.dropped.isGone(chunks.start)) continue
      findings.isWorthwhile = true
      const kind = use.isNeeded ? bodies : history
      kind.add(chunks)
    }
  }

  // Scans and snapshots hold what lies in the index itself; bodies wait for those that have come past them.
  #isRipe({ block, hadBodies }: FrameUse, all: boolean): boolean {
    if (!hadBodies) return true
    if (this.#core.snapshots > 0) return false
    const now = Date.now()
    const since = this.#condemned.get(block) ?? now
    this.#condemned.set(block, since)
    return all || now - since >= GRACE_MS
  }

  async #carryOut({ history, bodies, retired, isWorthwhile }: Findings): Promise<boolean> {
    const { dropped, parts } = this.#core
    const { forgotten, chunks } = await this.#forgottenOf(retired)
    for (const range of chunks) bodies.add(range)
    for (const { start, end } of dropped.gone()) bodies.delete({ start, end })
    for (const [block, moved] of dropped.moved) {
      if (history.has(block)) bodies.add({ start: moved, end: moved + 1 })
    }
    const operations: PendingOperation[] = [
      ...dropped.dropping('history', history.ranges),
      ...dropped.dropping('bodies', bodies.ranges),
      ...forgotten,
    ]
    if (!isWorthwhile && forgotten.length === 0) return false
    await this.#core.writeOperations(operations)
    // Whoever reads from a head that does not know what is dropped would ask for it.
    await parts.index.flush()
    for (const { start, end } of [...history.ranges, ...bodies.ranges]) {
      await parts.data.forget({ start, end })
      for (let block = start; block < end; block++) this.#condemned.delete(block)
    }
    for (const blocks of [history, bodies]) this.#core.bodies.drop(blocks)
    // Where nothing was ever forgotten, nobody has to be told: what is left over is no secret.
    if (dropped.forgottenAt > 0) await this.#core.dropListeners.tell('not-retained')
    return forgotten.length > 0
  }

  async #forgottenOf(retired: ReadonlySet<number>) {
    const numbers = [...retired]
    const { index } = this.#core.parts
    const entries = await index.getMany(numbers.map((n) => contentsKey(n)))
    const forgotten: PendingOperation[] = []
    const chunks: { start: number; end: number }[] = []
    entries.forEach((value, i) => {
      const entry = value && decodeContents(value)
      if (entry?.place === undefined) return
      const { descriptor, size, place } = entry
      forgotten.push({
        type: 'forgotten',
        space: STREAM_SPACE,
        n: numbers[i] as number,
        descriptor,
        size,
        lay: rangeOf(place),
      })
      if (place.chunkBytes !== undefined) chunks.push(rangeOf(place))
    })
    return { forgotten, chunks }
  }
}
