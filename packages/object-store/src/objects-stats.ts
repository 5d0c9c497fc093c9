import type { InterfaceStream, WaitOptions } from '@datagram/stream'
import {
  blobBounds,
  type Bounds,
  forgottenBounds,
  groupOf,
  largeBlobBounds,
  objectBounds,
  pinBounds,
  versionsBounds,
} from './object-key.ts'

/** How much there is in a store. */
export interface ObjectsStats {
  readonly blobs: number
  readonly objects: number
  /** Versions of all objects together. */
  readonly versions: number
  readonly pins: number
  /** Blobs and versions that were forgotten and have not come back. */
  readonly forgotten: number
}

/** Counts what is in a store. */
export async function objectsStats(
  { index }: InterfaceStream,
  wait?: WaitOptions,
): Promise<ObjectsStats> {
  const count = async (bounds: Bounds) => {
    let keys = 0
    for await (const _ of index.keys({ ...bounds, ...wait })) keys++
    return keys
  }
  const objects = new Set<string>()
  for await (const key of index.keys({ ...versionsBounds, ...wait })) objects.add(groupOf(key))
  return {
    blobs: (await count(blobBounds)) + (await count(largeBlobBounds)),
    objects: objects.size,
    versions: await count(objectBounds),
    pins: await count(pinBounds),
    forgotten: await count(forgottenBounds),
  }
}
