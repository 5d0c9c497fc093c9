import type { IndexOperation } from '@datagram/indexer'
import { type ContentsEntry, contentsKey, encodeContents } from './contents-entry.ts'
import { movedOperation } from './dropped-blocks.ts'
import { inlineEntry, placeEntry } from './entry-value.ts'
import type { Frame } from './frame.ts'
import { type FrameBody, type FrameOperation, isChunked, isNumbered } from './frame-operation.ts'
import { INLINE_BYTES_MAX } from './limits.ts'
import { pendingKey } from './pending-forgets.ts'
import { placeOf } from './place.ts'
import { spacedKey } from './key-space.ts'

/**
 * What a frame means to the index: its puts and dels under their key spaces, a line of the table of contents
 * for each object, and what is to be forgotten. The writer and whoever replays the data log both come by it
 * here, so that they cannot differ. Throws `INDEX_ENTRY_DAMAGED` when chunks would begin before the log does.
 */
export function indexOperations(
  { firstObject = 0, operations }: Frame,
  block: number,
): IndexOperation[] {
  let n = firstObject
  return operations.flatMap((operation) => {
    const made = indexOperation(operation, block, n)
    if (isNumbered(operation)) n++
    return made ?? []
  })
}

/** The index entry of a value that the frame in `block` puts; it keeps nothing of the frame. */
export function putEntry(body: FrameBody, block: number): Uint8Array {
  return isInline(body) ? inlineEntry(body.bytes) : placeEntry(placeOf(body, block))
}

/** Whether the index itself holds a value, so that nothing points at the frame for it. */
export function isInline(body: FrameBody): body is Extract<FrameBody, { bytes: Uint8Array }> {
  return !isChunked(body) && body.bytes.byteLength <= INLINE_BYTES_MAX
}

function indexOperation(
  operation: FrameOperation,
  block: number,
  n: number,
): IndexOperation | undefined {
  switch (operation.type) {
    case 'put':
      return {
        type: 'put',
        key: spacedKey(operation.space, operation.key),
        value: putEntry(operation.body, block),
      }
    case 'del':
      return { type: 'del', key: spacedKey(operation.space, operation.key) }
    case 'object': {
      const place = placeOf(operation.body, block)
      return contentsOf(n, { descriptor: operation.descriptor, size: place.size, place })
    }
    case 'revision': {
      const place = placeOf(operation.body, block)
      const { descriptor } = operation
      return contentsOf(operation.n, { descriptor, size: place.size, place })
    }
    case 'lost': {
      const lay = { start: block, end: block + 1 }
      return contentsOf(n, { ...operation, place: undefined, lay })
    }
    case 'forgotten':
      return contentsOf(operation.n, { ...operation, place: undefined })
    case 'forget-entry':
    case 'forget-object':
    case 'forget-range':
      return { type: 'put', key: pendingKey(block), value: new Uint8Array(0) }
    case 'moved':
      return movedOperation(operation.block, block - operation.back)
    default:
      return undefined
  }
}

function contentsOf(n: number, entry: ContentsEntry): IndexOperation {
  return { type: 'put', key: contentsKey(n), value: encodeContents(entry) }
}
