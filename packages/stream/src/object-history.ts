import { type Batch, batches } from './batches.ts'
import { batchesBackwards } from './batches-backwards.ts'
import { assertObjectNumber } from './contents.ts'
import { isNumbered } from './frame-operation.ts'
import type { ObjectHistoryOptions, ObjectVersion } from './interface-stream.ts'
import { placeOf } from './place.ts'
import { StoredObject } from './stored-object.ts'
import type { StreamCore } from './stream-core.ts'

/** The versions of object `n`; see `InterfaceStream.history`. */
export async function* objectHistory(
  core: StreamCore,
  n: number,
  { reverse = false, signal, timeoutMs }: ObjectHistoryOptions,
): AsyncGenerator<ObjectVersion, void, undefined> {
  assertObjectNumber(n)
  const part = { from: 1, to: core.shown, signal, timeoutMs }
  try {
    const read = reverse ? batchesBackwards(core.blocks, part) : batches(core.blocks, part)
    for await (const batch of read) {
      const versions = versionsIn(core, batch, n)
      yield* reverse ? versions.reverse() : versions
    }
  } catch (error) {
    throw core.failure(error)
  }
}

function versionsIn(core: StreamCore, { frames, stamp }: Batch, wanted: number): ObjectVersion[] {
  const context = { bodies: core.bodies, assertOpen: core.assertUsable, failure: core.failure }
  const versions: ObjectVersion[] = []
  for (const { block, frame } of frames) {
    let next = frame.firstObject ?? 0
    for (const operation of frame.operations) {
      const n = operation.type === 'revision' ? operation.n : next
      if (isNumbered(operation)) next++
      if (n !== wanted) continue
      if (operation.type === 'lost') {
        const { descriptor, size } = operation
        const object = new StoredObject(n, { descriptor, size, place: undefined }, context)
        versions.push({ stamp, object })
      } else if (operation.type === 'object' || operation.type === 'revision') {
        const place = placeOf(operation.body, block)
        const isGone = core.blocks.isGone(place.block)
        const entry = { descriptor: operation.descriptor, size: place.size }
        const object = new StoredObject(n, { ...entry, place: isGone ? undefined : place }, context)
        versions.push({ stamp, object })
      }
    }
  }
  return versions
}
