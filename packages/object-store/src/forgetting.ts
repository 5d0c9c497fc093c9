import type { Transaction, WaitOptions } from '@datagram/stream'
import { type BlobId, idOf, type NamedHash } from './named-hash.ts'
import { forgottenKey, objectKey, pinKey, unreferencedKey } from './object-key.ts'
import { reachableBlobs, reachableFrom } from './reachable.ts'
import { referencesOfObject } from './references.ts'
import type { StoreParts } from './store-parts.ts'
import { findObject } from './stored-object.ts'

/**
 * Forgets versions and blobs for good, and the blobs that only they led to; see `Objects.forget`. All of it goes
 * in one write, with a note of each hash, so that no pull brings it back.
 */
export async function forget(
  store: StoreParts,
  namedHashes: readonly NamedHash[],
  wait: WaitOptions = {},
): Promise<readonly NamedHash[]> {
  const { stream, blobs, shelf } = store
  const targets = new Set(namedHashes)
  const led = new Set<NamedHash>()
  for (const namedHash of targets) {
    const object = await findObject(stream.index, idOf(namedHash), wait)
    for (const named of object === undefined ? [namedHash] : referencesOfObject(object))
      led.add(named)
  }
  for (;;) {
    const before = shelf.stored
    const below = await reachableFrom(blobs, led, wait)
    const kept = await reachableBlobs(stream, blobs, { without: targets, ...wait })
    const gone = [...below].filter((namedHash) => !kept.has(namedHash) && !targets.has(namedHash))
    const all = [...targets, ...gone]
    const isDone = await stream.write(async (tx) => {
      if (shelf.stored !== before) return false
      for (const namedHash of all) await forgetOne(tx, store, idOf(namedHash))
      return true
    }, wait)
    if (!isDone) continue
    // Waits until nothing of it is left in the blocks that are here.
    await stream.forget()
    return all
  }
}

async function forgetOne(tx: Transaction, { blobs, shelf }: StoreParts, id: BlobId): Promise<void> {
  const object = await findObject(tx, id)
  const keys = await blobs.keysOf(tx, id)
  if (object !== undefined) keys.push(objectKey(id))
  if (keys.length === 0) return
  for (const key of keys) tx.forget(key)
  for (const key of [pinKey(id), unreferencedKey(id)]) if (await tx.has(key)) tx.del(key)
  if (object === undefined) tx.put(forgottenKey(id), new Uint8Array(0))
  else shelf.forget(tx, id, object)
}
