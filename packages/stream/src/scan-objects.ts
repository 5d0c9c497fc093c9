import type { WaitOptions } from '@datagram/log-core'
import { type Batch, batches } from './batches.ts'
import { isNumbered } from './frame-operation.ts'
import { type Place, placeOf } from './place.ts'
import type { BlockReader } from './kept-blocks.ts'

/** An object as the data log itself has it. */
export interface ScannedObject {
  readonly n: number
  readonly descriptor: number
  /** Where its body lies; undefined when it was forgotten. */
  readonly place: Place | undefined
}

/**
 * The objects of a data log, found by reading every frame of it and nothing else: what the table of
 * contents must say. The log's length is taken once, at the start.
 *
 * Throws `FRAME_DAMAGED`, `FRAME_FORMAT_UNKNOWN`, and what reading the log throws.
 */
export async function* scanObjects(
  log: BlockReader,
  wait: WaitOptions = {},
): AsyncGenerator<ScannedObject, void, undefined> {
  for await (const batch of batches(log, { from: 0, to: log.length, ...wait })) {
    yield* objectsOf(batch)
  }
}

function* objectsOf({ frames }: Batch): Generator<ScannedObject, void, undefined> {
  for (const { block, frame } of frames) {
    let n = frame.firstObject ?? 0
    for (const operation of frame.operations) {
      if (operation.type === 'object') {
        const { descriptor, body } = operation
        yield { n, descriptor, place: placeOf(body, block) }
      } else if (operation.type === 'revision') {
        const { descriptor, body } = operation
        yield { n: operation.n, descriptor, place: placeOf(body, block) }
      } else if (operation.type === 'lost') {
        yield { n, descriptor: operation.descriptor, place: undefined }
      }
      if (isNumbered(operation)) n++
    }
  }
}
