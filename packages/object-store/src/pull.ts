import { isDatagramError } from '@datagram/errors'
import { concurrently, type WaitOptions } from '@datagram/stream'
import type { NamedHash } from './named-hash.ts'
import { objectStoreError } from './object-store-errors.ts'
import type { ObjectSource, StoredContent } from './object-source.ts'

/** How far a pull is. */
export interface PullProgress {
  /** What the source has and was missing here, when that is known. */
  readonly total: number
  /** How much of it is here now. */
  readonly pulled: number
  /** Bytes of it. */
  readonly bytes: number
}

/** Options of a pull. `timeoutMs` bounds each wait for the source. */
export interface PullOptions extends WaitOptions {
  readonly onProgress?: ((progress: PullProgress) => void) | undefined
}

/** What a pull brought. */
export interface PullSummary {
  readonly blobs: number
  readonly objects: number
  readonly bytes: number
}

/** Something that the source has and that was not taken. */
export interface Refusal {
  readonly namedHash: NamedHash
  readonly error: Error
}

/** Where what is pulled goes. */
export interface PullTarget {
  /** Those that are wanted: not here, and not forgotten. */
  missing(contents: readonly StoredContent[], wait: WaitOptions): Promise<readonly StoredContent[]>
  /** Verifies and stores one thing; how many bytes it has. */
  take(
    content: StoredContent,
    bytes: AsyncIterable<Uint8Array>,
    options: WaitOptions,
  ): Promise<number>
}

// Things on their way at a time: they share round trips, and appends.
const TAKEN_AT_ONCE = 64
const COMPARED_AT_ONCE = 512

// What is wrong with one thing alone: the others are pulled all the same.
const refusals = [
  'BLOB_MISMATCHED',
  'BLOB_DAMAGED',
  'BLOB_INCOMPLETE',
  'BLOB_NOT_FOUND',
  'BLOB_RECORD_UNKNOWN',
  'HASH_ALGORITHM_UNKNOWN',
  'NAMED_HASH_MALFORMED',
  'OBJECT_MALFORMED',
  'OBJECT_TOO_LARGE',
] as const

/**
 * Brings what the source has and the target lacks: blobs first, so that no object is there before what it
 * names. Each thing is verified and stored by itself; a pull that was cut off goes on where it was.
 *
 * Throws `PULL_INCOMPLETE` at its end when there was something that it had to refuse, and at once whatever
 * concerns more than one thing: the signal's reason, a full disk, a peer that is gone.
 */
export async function pull(
  target: PullTarget,
  source: ObjectSource,
  { onProgress, signal, timeoutMs }: PullOptions = {},
): Promise<PullSummary> {
  const wait = { signal, timeoutMs }
  const missing = await missingContents(target, source, wait)
  const summary = { blobs: 0, objects: 0, bytes: 0 }
  const refused: Refusal[] = []
  const take = async (content: StoredContent) => {
    signal?.throwIfAborted()
    const { namedHash, kind } = content
    try {
      summary.bytes += await target.take(content, source.streamBlob(namedHash, wait), wait)
    } catch (error) {
      if (!refusals.some((code) => isDatagramError(error, code))) throw error
      refused.push({ namedHash, error: error as Error })
      return
    }
    if (kind === 'data') summary.blobs++
    else summary.objects++
    const pulled = summary.blobs + summary.objects
    onProgress?.({ total: missing.length, pulled, bytes: summary.bytes })
  }
  for (const kind of ['data', 'object'] as const) {
    await concurrently(
      missing.filter((content) => content.kind === kind),
      TAKEN_AT_ONCE,
      take,
    )
  }
  if (refused.length > 0) throw incomplete(summary, refused)
  return summary
}

async function missingContents(
  target: PullTarget,
  source: ObjectSource,
  wait: WaitOptions,
): Promise<readonly StoredContent[]> {
  const missing: StoredContent[] = []
  let some: StoredContent[] = []
  const compare = async () => {
    missing.push(...(await target.missing(some, wait)))
    some = []
  }
  for await (const content of source.contents(wait)) {
    some.push(content)
    if (some.length >= COMPARED_AT_ONCE) await compare()
  }
  await compare()
  return missing
}

function incomplete(summary: PullSummary, refused: readonly Refusal[]): Error {
  const names = refused.map(({ namedHash }) => namedHash)
  return objectStoreError(
    'PULL_INCOMPLETE',
    `${refused.length} of the source's blobs and objects were refused, all others are here; ${refused[0]?.error.message}`,
    { cause: refused[0]?.error, details: { ...summary, refused: names } },
  )
}
