import type { ReadableLog, WaitOptions } from '@datagram/log-core'
import { type Batch, batches } from './batches.ts'
import { type Place, placeOf } from './place.ts'

/** An object as the data log itself has it. */
export interface ScannedObject {
  readonly n: number
  readonly descriptor: number
  readonly place: Place
}

/**
 * The objects of a data log, found by reading every frame of it and nothing else: what the table of
 * contents must say. The log's length is taken once, at the start.
 *
 * Throws `FRAME_DAMAGED`, `FRAME_FORMAT_UNKNOWN`, and what reading the log throws.
 */
export async function* scanObjects(
  log: ReadableLog,
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
      if (operation.type !== 'object') continue
      const { descriptor, body } = operation
      yield { n: n++, descriptor, place: placeOf(body, block) }
    }
  }
}
