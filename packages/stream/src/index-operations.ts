import type { IndexOperation } from '@datagram/indexer'
import { contentsKey, encodeContents } from './contents-entry.ts'
import { inlineEntry, placeEntry } from './entry-value.ts'
import type { Frame } from './frame.ts'
import { type FrameBody, isChunked } from './frame-operation.ts'
import { INLINE_BYTES_MAX } from './limits.ts'
import { placeOf } from './place.ts'
import { spacedKey } from './key-space.ts'

/**
 * What a frame means to the index: its puts and dels under their key spaces, and a line of the table of
 * contents for each object. The writer and whoever replays the data log both come by it here, so that
 * they cannot differ. Throws `INDEX_ENTRY_DAMAGED` when chunks would begin before the log does.
 */
export function indexOperations(
  { firstObject = 0, operations }: Frame,
  block: number,
): IndexOperation[] {
  let n = firstObject
  return operations.map((operation): IndexOperation => {
    if (operation.type === 'del') {
      return { type: 'del', key: spacedKey(operation.space, operation.key) }
    }
    const { body } = operation
    if (operation.type === 'object') {
      const { descriptor } = operation
      const value = encodeContents({ descriptor, place: placeOf(body, block) })
      return { type: 'put', key: contentsKey(n++), value }
    }
    const key = spacedKey(operation.space, operation.key)
    return { type: 'put', key, value: putEntry(body, block) }
  })
}

/** The index entry of a value that the frame in `block` puts; it keeps nothing of the frame. */
export function putEntry(body: FrameBody, block: number): Uint8Array {
  const inline = !isChunked(body) && body.bytes.byteLength <= INLINE_BYTES_MAX
  return inline ? inlineEntry(body.bytes) : placeEntry(placeOf(body, block))
}
