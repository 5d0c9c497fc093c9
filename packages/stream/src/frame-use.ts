import type { Index } from '@datagram/indexer'
import type { BlockRange } from '@datagram/log-core'
import b4a from 'b4a'
import type { PlacedFrame } from './batches.ts'
import { contentsKey, decodeContents, liesAt } from './contents-entry.ts'
import { type FrameOperation, isNumbered } from './frame-operation.ts'
import { isInline, putEntry } from './index-operations.ts'
import { spacedKey, STREAM_SPACE } from './key-space.ts'
import { pendingKey } from './pending-forgets.ts'
import { type Place, placeOf, rangeOf } from './place.ts'

/** What the index still needs of a frame. */
export interface FrameUse {
  readonly block: number
  /** Something in the index points at a body of the frame. */
  readonly isNeeded: boolean
  /** It is about the stream itself alone, as a frame that says what was dropped. */
  readonly isOwn: boolean
  /** Values or bodies lay in it, or in chunks of its own. */
  readonly hadBodies: boolean
  /** It says what is to be forgotten, and that is not done yet. */
  readonly isPending: boolean
  /** Chunks of bodies that nothing points at any more. */
  readonly freeChunks: readonly BlockRange[]
  /** Numbers of objects that it says are not needed any more. */
  readonly retired: readonly number[]
}

interface Pointing {
  /** Of the entry that points at a body as long as that is needed. */
  readonly key: Uint8Array
  readonly place: Place
  readonly pointsAt: (entry: Uint8Array) => boolean
}

/** Looks up what the index needs of a frame. */
export async function useOf(index: Index, { block, frame }: PlacedFrame): Promise<FrameUse> {
  const pointings = pointingsOf({ block, frame })
  const keys = pointings.map(({ key }) => key)
  const [pending, ...entries] = await index.getMany([pendingKey(block), ...keys])
  const freeChunks: BlockRange[] = []
  let isNeeded = false
  pointings.forEach(({ place, pointsAt }, i) => {
    const entry = entries[i]
    if (entry !== undefined && pointsAt(entry)) isNeeded = true
    else if (place.chunkBytes !== undefined) freeChunks.push(rangeOf(place))
  })
  const { operations } = frame
  return {
    block,
    isNeeded,
    isOwn: operations.every(({ space }) => space === STREAM_SPACE),
    hadBodies: pointings.length > 0,
    isPending: pending !== undefined,
    freeChunks,
    retired: operations.flatMap((operation) => (operation.type === 'retire' ? operation.n : [])),
  }
}

function pointingsOf({ block, frame }: PlacedFrame): Pointing[] {
  let n = frame.firstObject ?? 0
  return frame.operations.flatMap((operation) => {
    const pointing = pointingOf(operation, block, n)
    if (isNumbered(operation)) n++
    return pointing ?? []
  })
}

function pointingOf(operation: FrameOperation, block: number, n: number): Pointing | undefined {
  if (operation.type === 'object' || operation.type === 'revision') {
    const place = placeOf(operation.body, block)
    const pointsAt = (entry: Uint8Array) => liesAt(decodeContents(entry), place)
    return { key: contentsKey(operation.type === 'object' ? n : operation.n), place, pointsAt }
  }
  if (operation.type !== 'put' || isInline(operation.body)) return undefined
  const expected = putEntry(operation.body, block)
  const place = placeOf(operation.body, block)
  const key = spacedKey(operation.space, operation.key)
  return { key, place, pointsAt: (entry) => b4a.equals(entry, expected) }
}
