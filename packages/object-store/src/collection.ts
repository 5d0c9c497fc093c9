import type { Transaction, WaitOptions } from '@datagram/stream'
import type { BlobStore } from './blob-store.ts'
import { type BlobId, idOf, type NamedHash, namedHashOf } from './named-hash.ts'
import { idAtEnd, unreferencedBounds, unreferencedKey } from './object-key.ts'
import { reachableBlobs } from './reachable.ts'
import type { StoreParts } from './store-parts.ts'

/** Options of a collection of garbage. */
export interface GcOptions extends WaitOptions {
  /** Only tell what would be removed; default true: removing is asked for with `false`. */
  readonly dryRun?: boolean | undefined
  /**
   * Milliseconds for which a blob must have been without a use before it is removed, counted from the first
   * collection that found it so; default 24 hours. Whoever has put a blob has that long to commit what names it.
   */
  readonly graceMs?: number | undefined
}

/** What a collection found. */
export interface GcReport {
  readonly dryRun: boolean
  /** Blobs that nothing uses, and that were removed, or would be. */
  readonly removed: readonly NamedHash[]
  /** Blobs that nothing uses, and whose grace has not ended. */
  readonly waiting: readonly NamedHash[]
}

const DAY_MS = 86_400_000
const REMOVED_AT_ONCE = 256

/** Finds blobs that no object and no pin leads to, and removes them; see `Objects.gc`. */
export async function collectGarbage(
  store: StoreParts,
  { dryRun = true, graceMs = DAY_MS, ...wait }: GcOptions = {},
): Promise<GcReport> {
  if (!(graceMs >= 0)) throw new TypeError('graceMs is a number of milliseconds from 0')
  for (;;) {
    const before = store.shelf.stored
    const found = await findGarbage(store, graceMs, wait)
    const isAsBefore = () => store.shelf.stored === before
    if (dryRun || (await remove(store, found, isAsBefore, wait))) {
      const { removed, waiting } = found
      return { dryRun, removed: removed.map(namedHashOf), waiting: waiting.map(namedHashOf) }
    }
    // Something was stored meanwhile that may use what was garbage a moment ago.
    wait.signal?.throwIfAborted()
  }
}

interface Garbage {
  readonly removed: readonly BlobId[]
  readonly waiting: readonly BlobId[]
  /** Those of both that no collection has noted yet. */
  readonly unnoted: readonly BlobId[]
  /** Those that were noted and are in use again. */
  readonly used: readonly BlobId[]
}

async function findGarbage(
  { stream, blobs }: StoreParts,
  graceMs: number,
  wait: WaitOptions,
): Promise<Garbage> {
  const reachable = await reachableBlobs(stream, blobs, wait)
  const since = new Map<NamedHash, number>()
  for await (const [key, value] of stream.index.range({ ...unreferencedBounds, ...wait })) {
    since.set(namedHashOf(idAtEnd(key)), readTime(value))
  }
  const now = Date.now()
  const removed: BlobId[] = []
  const waiting: BlobId[] = []
  const unnoted: BlobId[] = []
  for await (const id of blobs.ids(wait)) {
    const namedHash = namedHashOf(id)
    if (reachable.has(namedHash)) continue
    const first = since.get(namedHash)
    if (first === undefined) unnoted.push(id)
    if (now - (first ?? now) >= graceMs) removed.push(id)
    else waiting.push(id)
  }
  const used = [...since.keys()].filter((namedHash) => reachable.has(namedHash)).map(idOf)
  return { removed, waiting, unnoted, used }
}

// Removes what was found, in short writes; false when `isAsBefore` says that it may be in use now.
async function remove(
  { stream, blobs }: StoreParts,
  { removed, unnoted, used }: Garbage,
  isAsBefore: () => boolean,
  wait: WaitOptions,
): Promise<boolean> {
  await stream.write((tx) => {
    for (const id of unnoted) tx.put(unreferencedKey(id), timeValue(Date.now()))
    for (const id of used) tx.del(unreferencedKey(id))
  }, wait)
  for (let at = 0; at < removed.length; at += REMOVED_AT_ONCE) {
    const some = removed.slice(at, at + REMOVED_AT_ONCE)
    const isDone = await stream.write(async (tx) => {
      if (!isAsBefore()) return false
      for (const id of some) await removeUnused(tx, blobs, id)
      return true
    }, wait)
    if (!isDone) return false
  }
  return true
}

// Who has put it again meanwhile has taken the note away.
async function removeUnused(tx: Transaction, blobs: BlobStore, id: BlobId): Promise<void> {
  if (!(await tx.has(unreferencedKey(id)))) return
  tx.del(unreferencedKey(id))
  for (const key of await blobs.keysOf(tx, id)) tx.del(key)
}

function timeValue(ms: number): Uint8Array {
  const value = new Uint8Array(8)
  new DataView(value.buffer).setFloat64(0, ms)
  return value
}

function readTime(value: Uint8Array): number {
  return new DataView(value.buffer, value.byteOffset).getFloat64(0)
}
