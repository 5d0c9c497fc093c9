import type { InterfaceStream, WaitOptions } from '@datagram/stream'
import { contentNotFound } from './content-check.ts'
import { idOf, type NamedHash, namedHashOf } from './named-hash.ts'
import { idAtEnd, pinBounds, pinKey } from './object-key.ts'
import { reachableFrom } from './reachable.ts'
import type { StoreParts } from './store-parts.ts'

/** Pins a blob that is here with all that it leads to; throws `BLOB_NOT_FOUND` when it is not. */
export async function pin(
  { stream, blobs, shelf }: StoreParts,
  namedHash: NamedHash,
  wait?: WaitOptions,
): Promise<void> {
  const below = await reachableFrom(blobs, [namedHash], wait)
  await stream.write(async (tx) => {
    for (const named of below) {
      const id = idOf(named)
      if ((await blobs.keysOf(tx, id)).length === 0) throw contentNotFound(id)
    }
    shelf.noteUse()
    tx.put(pinKey(idOf(namedHash)), new Uint8Array(0))
  }, wait)
}

/** Takes a pin away; false when there was none. */
export function unpin(
  stream: InterfaceStream,
  namedHash: NamedHash,
  wait?: WaitOptions,
): Promise<boolean> {
  const key = pinKey(idOf(namedHash))
  return stream.write(async (tx) => {
    const isPinned = await tx.has(key)
    if (isPinned) tx.del(key)
    return isPinned
  }, wait)
}

/** What is pinned. */
export async function* pins(
  stream: InterfaceStream,
  wait?: WaitOptions,
): AsyncGenerator<NamedHash, void, undefined> {
  for await (const key of stream.index.keys({ ...pinBounds, ...wait })) {
    yield namedHashOf(idAtEnd(key))
  }
}
