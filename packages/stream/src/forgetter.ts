import { type Block, type BlockRange, BlockSet, decode } from '@datagram/log-core'
import b4a from 'b4a'
import { blockOfKey } from './block-key.ts'
import { contentsKey, decodeContents } from './contents-entry.ts'
import { FRAME_KIND, type Frame, frame } from './frame.ts'
import { bodyOf, isChunked, isNumbered } from './frame-operation.ts'
import { STREAM_SPACE, unspaced } from './key-space.ts'
import { encodeMoved } from './moved-frame.ts'
import { pendingBounds, pendingKey } from './pending-forgets.ts'
import type { PendingOperation } from './pending-operation.ts'
import { placeOf, rangeOf } from './place.ts'
import { redactFrame } from './redact-frame.ts'
import type { CareContext } from './retention.ts'

const READ_AT_ONCE = 32
// Payload bytes of frames that one append moves.
const MOVED_BYTES_MAX = 4 * 1024 * 1024

/** Where in the data log something was said. */
interface Position {
  readonly block: number
  readonly at: number
}

/** What the pending frames say is to be forgotten. */
interface Targets {
  /** By key space and key: what comes up to here goes. */
  readonly entries: Map<string, Position>
  readonly objects: Set<number>
}

/**
 * Carries out what frames say is to be forgotten: moves what is left of the frames that hold it, rewrites the
 * index, drops the blocks. Each step may be cut off by a crash: a frame stays noted as pending until all is
 * done, and doing it again does no harm.
 */
export class Forgetter {
  readonly #core: CareContext
  readonly #listeners = new Set<() => Promise<void>>()
  readonly #inTurn: (work: () => Promise<void>) => Promise<void>

  /** `inTurn` runs one piece of work on the data log's blocks after another. */
  constructor(core: CareContext, inTurn: (work: () => Promise<void>) => Promise<void>) {
    this.#core = core
    this.#inTurn = inTurn
  }

  /** Resolves when all that was to be forgotten at the call is gone from here. */
  run(): Promise<void> {
    return this.#inTurn(async () => {
      const { index } = this.#core.parts
      const pending: number[] = []
      for await (const [key] of index.range(pendingBounds)) pending.push(blockOfKey(key) as number)
      if (pending.length === 0) return
      await this.#forget(pending)
      for (const listener of this.#listeners) await listener()
    })
  }

  /** Calls back when something was forgotten, and waits for the answer; returns the undo. */
  onForgotten(listener: () => Promise<void>): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #forget(pending: readonly number[]): Promise<void> {
    const { parts } = this.#core
    const targets = await this.#targetsOf(pending)
    const before = new BlockSet()
    const bodies = new BlockSet()
    await this.#moveFrames(targets, before, bodies)
    const forgotten = await this.#forgottenObjects(targets.objects, bodies)
    await this.#write(forgotten, bodies)
    await parts.index.flush()
    // Entries that were deleted lie in older runs, and their keys in older heads.
    await parts.index.compact()
    await parts.index.dropSuperseded()
    for (const range of [...before.ranges, ...bodies.ranges]) await parts.data.forget(range)
    this.#core.bodies.drop(before)
    await this.#core.writeOperations(
      pending.map((block) => {
        return { type: 'del', space: STREAM_SPACE, key: unspaced(pendingKey(block)) }
      }),
    )
  }

  async #targetsOf(pending: readonly number[]): Promise<Targets> {
    const targets: Targets = { entries: new Map(), objects: new Set() }
    for (const block of pending) {
      const { payload } = await this.#core.blocks.getBlock(block)
      decode(frame, payload).operations.forEach((operation, at) => {
        if (operation.type === 'forget-object') targets.objects.add(operation.n)
        if (operation.type === 'forget-entry') targets.entries.set(nameOf(operation), { block, at })
      })
    }
    return targets
  }

  // Appends what is left of each frame that holds something to be forgotten.
  async #moveFrames(targets: Targets, before: BlockSet, bodies: BlockSet): Promise<void> {
    const { blocks, dropped } = this.#core
    const all = dropped.gone()
    const wanted = new BlockSet(all).without({ start: 1, end: blocks.length })
    const numbers = wanted.flatMap(numbersOf)
    let operations: PendingOperation[] = []
    let bytes = 0
    for (let i = 0; i < numbers.length; i += READ_AT_ONCE) {
      for (const block of await blocks.getBlocks(numbers.slice(i, i + READ_AT_ONCE))) {
        const left = leftOf(block, targets, bodies)
        if (left === undefined) continue
        // It may have moved before; what stood for it goes as well.
        const at = dropped.moved.get(block.index)
        before.add({ start: block.index, end: block.index + 1 })
        if (at !== undefined) bodies.add({ start: at, end: at + 1 })
        const payload = encodeMoved(block, left)
        operations.push({ type: 'moved', space: STREAM_SPACE, block: block.index, payload })
        bytes += payload.byteLength
        if (bytes < MOVED_BYTES_MAX) continue
        await this.#write(operations, bodies)
        operations = []
        bytes = 0
      }
    }
    await this.#write(operations, bodies)
  }

  // What moves and what goes with it in one append: a frame that moved no longer says what was in it.
  #write(operations: readonly PendingOperation[], bodies: BlockSet): Promise<void> {
    const dropping = this.#core.dropped.dropping('bodies', bodies.ranges)
    return this.#core.writeOperations([...operations, ...dropping])
  }

  async #forgottenObjects(objects: ReadonlySet<number>, bodies: BlockSet) {
    const numbers = [...objects]
    const entries = await this.#core.parts.index.getMany(numbers.map((n) => contentsKey(n)))
    return entries.flatMap((value, i): PendingOperation[] => {
      const entry = value && decodeContents(value)
      if (entry?.place === undefined) return []
      const { descriptor, size, place } = entry
      if (place.chunkBytes !== undefined) bodies.add(rangeOf(place))
      const n = numbers[i] as number
      return [{ type: 'forgotten', space: STREAM_SPACE, n, descriptor, size }]
    })
  }
}

// The payload of a frame without what is to be forgotten; undefined when it has nothing of it.
function leftOf(block: Block, targets: Targets, bodies: BlockSet): Uint8Array | undefined {
  if (block.kind !== FRAME_KIND) return undefined
  const { index, payload } = block
  const one = decode(frame, payload)
  const numbers = objectNumbers(one)
  return redactFrame({ payload, frame: one }, (operation, at) => {
    if (operation.type === 'object') {
      const isInside = !isChunked(operation.body)
      return isInside && targets.objects.has(numbers[at] as number)
    }
    if (!('key' in operation)) return false
    const until = targets.entries.get(nameOf(operation))
    if (until === undefined || index > until.block || (index === until.block && at > until.at)) {
      return false
    }
    const body = bodyOf(operation)
    if (body !== undefined && isChunked(body)) bodies.add(rangeOf(placeOf(body, index)))
    return true
  })
}

// The number that each operation's object has, if it is one.
function objectNumbers({ firstObject = 0, operations }: Frame): number[] {
  let n = firstObject
  return operations.map((operation) => (isNumbered(operation) ? n++ : n))
}

function nameOf({ space, key }: { readonly space: number; readonly key: Uint8Array }): string {
  return `${space} ${b4a.toString(key, 'latin1')}`
}

function numbersOf({ start, end }: BlockRange): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i)
}
