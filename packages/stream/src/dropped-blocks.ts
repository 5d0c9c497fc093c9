import type { IndexOperation } from '@datagram/indexer'
import { type BlockRange, BlockSet, encode } from '@datagram/log-core'
import c from 'compact-encoding'
import { blockKey, blockOfKey } from './block-key.ts'
import { decodeUint } from './bounded-codec.ts'
import { inlineEntry, readEntry } from './entry-value.ts'
import type { PendingOperation } from './pending-operation.ts'
import { entryDamaged } from './place.ts'

/*
 * Blocks of the data log that are dropped for good, in key space 0.
 *
 *   key     offset  size  field
 *           0       1     0, key space of the stream itself
 *           1       1     16, all of them, history too; 17, bodies alone; 18, a frame that moved;
 *                         20, when something was last forgotten
 *           2       6     16, 17, 18: first block, big endian
 *   value   (after the tag)
 *   16, 17  0       1..9  uint, blocks, at least 1
 *   18      0       1..9  uint, the block that stands for it now, at least 1
 *   20      0       1..9  uint, length of the index log then, at least 1: what no head needs that is as long or
 *                         longer is to be dropped
 */
const HISTORY = 16
const BODIES = 17
const MOVED = 18
// 19 is taken, see pending-forgets.ts.
const FORGOTTEN = 20

/** Bounds of the entries in the index. */
export const droppedBounds = {
  gte: new Uint8Array([0, HISTORY]),
  lt: new Uint8Array([0, FORGOTTEN + 1]),
} as const

/** What the index keeps of a frame that moved. */
export function movedOperation(block: number, moved: number): IndexOperation {
  const value = inlineEntry(encode(c.uint, moved))
  return { type: 'put', key: blockKey(MOVED, block), value }
}

/** What says that something is forgotten, and that a head which lacks it makes the index log that long. */
export function forgottenOperation(indexLength: number): PendingOperation {
  const key = new Uint8Array([FORGOTTEN])
  return { type: 'put', space: 0, key, body: encode(c.uint, indexLength) }
}

/** What is dropped: blocks with the history in them, or bodies that nothing needs any more. */
export type DropKind = 'history' | 'bodies'

/** Which blocks of the data log are dropped for good, and which others stand for some of them. */
export class DroppedBlocks {
  #gone: Record<DropKind, BlockSet> = { history: new BlockSet(), bodies: new BlockSet() }
  readonly #moved = new Map<number, number>()
  #forgottenAt = 0

  /** How long the index log was when something was last forgotten; 0: nothing was. */
  get forgottenAt(): number {
    return this.#forgottenAt
  }

  /** Frames that moved, and where they lie now. */
  get moved(): ReadonlyMap<number, number> {
    return this.#moved
  }

  /** Ranges that nothing stands for. */
  gone(): BlockRange[] {
    const { history, bodies } = this.#gone
    return [...new BlockSet([...history.ranges, ...bodies.ranges]).ranges]
  }

  /** All blocks that are dropped, those that others stand for too. */
  all(): BlockSet {
    const all = new BlockSet(this.gone())
    for (const block of this.#moved.keys()) all.add({ start: block, end: block + 1 })
    return all
  }

  /** Where what is left of some blocks lies now. */
  standing(range: BlockRange): BlockRange[] {
    const left = this.all().without(range)
    const moved = [...this.#moved].filter(([block]) => range.start <= block && block < range.end)
    return [...left, ...moved.map(([, at]) => ({ start: at, end: at + 1 }))]
  }

  /** Whether nothing is left of a block. */
  isGone(block: number): boolean {
    return this.#gone.history.has(block) || this.#gone.bodies.has(block)
  }

  /** Whether what happened in some of these blocks is not known any more. */
  hasLostHistory(range: BlockRange): boolean {
    return this.#gone.history.within(range).length > 0
  }

  /** From which block on everything that happened before `position` is known. */
  historySince(position: number): number {
    return this.#gone.history.within({ start: 0, end: position }).at(-1)?.end ?? 0
  }

  /** Takes note of what the index is told, if it is about dropped blocks. */
  apply(operation: IndexOperation): void {
    const { key } = operation
    const record = key[1]
    if (key[0] !== 0) return
    if (record === FORGOTTEN && operation.type === 'put') {
      this.#forgottenAt = Math.max(this.#forgottenAt, uintOf(operation.value))
    }
    if (record !== HISTORY && record !== BODIES && record !== MOVED) return
    const block = blockOfKey(key)
    if (block === undefined) throw entryDamaged('a key of the dropped blocks is cut short')
    if (operation.type === 'del') {
      // Ranges are deleted only when they are joined with others.
      if (record === MOVED) this.#moved.delete(block)
      return
    }
    const value = uintOf(operation.value)
    if (record === MOVED) this.#moved.set(block, value)
    else
      this.#gone[record === HISTORY ? 'history' : 'bodies'].add({
        start: block,
        end: block + value,
      })
  }

  /** Replaces all that is known by what an index says. */
  reset(entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>): void {
    this.#gone = { history: new BlockSet(), bodies: new BlockSet() }
    this.#moved.clear()
    for (const [key, value] of entries) this.apply({ type: 'put', key, value })
  }

  /** The operations that drop more; ranges that touch what is gone already are joined with it. */
  dropping(kind: DropKind, ranges: readonly BlockRange[]): PendingOperation[] {
    const known = this.#gone[kind].ranges
    const left = new Map(known.map(({ start, end }) => [start, end]))
    const put: PendingOperation[] = []
    for (const { start, end } of new BlockSet([...known, ...ranges]).ranges) {
      const isKnown = left.get(start) === end
      left.delete(start)
      const body = encode(c.uint, end - start)
      if (!isKnown) put.push({ type: 'put', space: 0, key: keyOf(kind, start), body })
    }
    const joined = [...left.keys()].map(
      (start): PendingOperation => ({ type: 'del', space: 0, key: keyOf(kind, start) }),
    )
    return [...joined, ...put, ...this.#unmoving(kind, ranges)]
  }

  // Of a frame that moved and is dropped now, nothing stands for it any more.
  #unmoving(kind: DropKind, ranges: readonly BlockRange[]): PendingOperation[] {
    if (kind === 'bodies' || this.#moved.size === 0) return []
    const dropped = new BlockSet(ranges)
    return [...this.#moved.keys()]
      .filter((block) => dropped.has(block))
      .map((block) => ({ type: 'del', space: 0, key: blockKey(MOVED, block).subarray(1) }))
  }
}

function uintOf(value: Uint8Array): number {
  const entry = readEntry(value)
  if (!(entry instanceof Uint8Array)) throw entryDamaged('what is dropped does not lie elsewhere')
  const state = { start: 0, end: entry.byteLength, buffer: entry }
  return decodeUint(state, 'count or block', entryDamaged, { min: 1 })
}

// Within the key space.
function keyOf(kind: DropKind, block: number): Uint8Array {
  return blockKey(kind === 'history' ? HISTORY : BODIES, block).subarray(1)
}
