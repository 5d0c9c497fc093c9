import { concurrently, type InterfaceStream, type WaitOptions } from '@datagram/stream'
import type { BlobStore } from './blob-store.ts'
import { type BlobId, idOf, type NamedHash, namedHashOf } from './named-hash.ts'
import { idAtEnd, objectBounds, pinBounds } from './object-key.ts'
import { decodeObject } from './object-record.ts'
import { referencesOfBlob, referencesOfObject } from './references.ts'

const BLOBS_AT_ONCE = 16

/** What is kept besides objects and pins, and what is passed over. */
export interface ReachableOptions extends WaitOptions {
  /** Objects and pins that do not count. */
  readonly without?: ReadonlySet<NamedHash> | undefined
}

/** The blobs that objects and pins lead to: what a collection keeps. Those that are not here are among them. */
export async function reachableBlobs(
  stream: InterfaceStream,
  blobs: BlobStore,
  { without = new Set(), ...wait }: ReachableOptions = {},
): Promise<ReadonlySet<NamedHash>> {
  const roots = new Set<NamedHash>()
  for await (const [key, bytes] of stream.index.range({ ...objectBounds, ...wait })) {
    if (without.has(namedHashOf(idAtEnd(key)))) continue
    for (const named of referencesOfObject(decodeObject(bytes))) roots.add(named)
  }
  for await (const key of stream.index.keys({ ...pinBounds, ...wait })) {
    const namedHash = namedHashOf(idAtEnd(key))
    if (!without.has(namedHash)) roots.add(namedHash)
  }
  return reachableFrom(blobs, roots, wait)
}

/** The blobs that others lead to, themselves included. */
export async function reachableFrom(
  blobs: BlobStore,
  roots: Iterable<NamedHash>,
  wait: WaitOptions = {},
): Promise<ReadonlySet<NamedHash>> {
  const reached = new Set<NamedHash>(roots)
  let next: readonly NamedHash[] = [...reached]
  while (next.length > 0) {
    const found = new Set<NamedHash>()
    await concurrently(next, BLOBS_AT_ONCE, async (namedHash) => {
      wait.signal?.throwIfAborted()
      for (const named of await namedBy(blobs, idOf(namedHash), wait)) {
        if (!reached.has(named)) found.add(named)
      }
    })
    for (const named of found) reached.add(named)
    next = [...found]
  }
  return reached
}

async function namedBy(
  blobs: BlobStore,
  id: BlobId,
  wait: WaitOptions,
): Promise<Iterable<NamedHash>> {
  const json = await blobs.getReferring(id, wait)
  return json === undefined ? [] : referencesOfBlob(json)
}
