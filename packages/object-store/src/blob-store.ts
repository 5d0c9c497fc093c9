import type { EntryReader, InterfaceStream, ReadOptions, WaitOptions } from '@datagram/stream'
import b4a from 'b4a'
import { type BlobContent, contentParts, type PutOptions } from './content-parts.ts'
import { decodeLargeBlob, type LargeBlob, PART_BYTES } from './large-blob.ts'
import {
  assertContent,
  assertExpected,
  contentDamaged,
  contentIncomplete,
  contentNotFound,
} from './content-check.ts'
import { type BlobId, ContentHash, idOfContent } from './named-hash.ts'
import {
  blobBounds,
  blobKey,
  idAtEnd,
  largeBlobBounds,
  largeBlobKey,
  objectKey,
  partBounds,
  partKey,
  unreferencedKey,
} from './object-key.ts'
import { unmark } from './blob-marks.ts'
import { mayRefer, REFERRING_BYTES_MAX } from './references.ts'
import { upload } from './upload.ts'

/** A blob that is here whole, with its id. */
export interface WholeBlob {
  readonly id: BlobId
  readonly bytes: Uint8Array
}

// Parts of one read that are on their way at a time: 4 MiB.
const PARTS_AT_ONCE = 4

/** The blobs of a stream: each stored once, under the hash of its content, and verified by every read. */
export class BlobStore {
  readonly #stream: InterfaceStream

  constructor(stream: InterfaceStream) {
    this.#stream = stream
  }

  /** Stores content and gives its id; what is there already is not stored again. */
  async put(
    content: BlobContent,
    { expected, replaces = false, ...wait }: PutOptions = {},
  ): Promise<BlobId> {
    const parts = contentParts(content)
    try {
      const first = await nextPart(parts)
      const second = first?.byteLength === PART_BYTES ? await nextPart(parts) : undefined
      wait.signal?.throwIfAborted()
      if (second !== undefined) {
        const known = [first as Uint8Array, second]
        return await upload(this.#stream, { known, parts, expected, replaces, ...wait })
      }
      const bytes = first ?? new Uint8Array(0)
      const id = idOfContent(bytes)
      assertExpected(id, expected)
      await this.putAll([{ id, bytes }], { replaces, ...wait })
      return id
    } finally {
      await parts.return()
    }
  }

  /** Stores blobs of at most a part each in one write, those that are not here; their ids are taken as said. */
  async putAll(
    blobs: readonly WholeBlob[],
    { replaces = false, ...wait }: Pick<PutOptions, 'replaces'> & WaitOptions = {},
  ): Promise<void> {
    const { index } = this.#stream
    const due = replaces ? blobs : await filtered(blobs, ({ id }) => isDue(index, id, wait))
    if (due.length === 0) return
    await this.#stream.write(async (tx) => {
      for (const { id, bytes } of due) {
        if (replaces || !(await tx.has(blobKey(id)))) tx.put(blobKey(id), bytes)
        await unmark(tx, id)
      }
    }, wait)
  }

  /** The keys under which a blob lies, its parts included; none when it is not here. */
  async keysOf(reader: EntryReader, id: BlobId): Promise<Uint8Array[]> {
    const keys: Uint8Array[] = []
    if (await reader.has(blobKey(id))) keys.push(blobKey(id))
    const record = await reader.get(largeBlobKey(id))
    if (record === undefined) return keys
    keys.push(largeBlobKey(id))
    const { upload: under } = decodeLargeBlob(record)
    for await (const key of reader.keys(partBounds(under))) keys.push(key)
    return keys
  }

  /** A blob that may name others, as JSON does; undefined for all other content, which is not read. */
  async getReferring(id: BlobId, wait: WaitOptions = {}): Promise<Uint8Array | undefined> {
    const first = { start: 0, end: 1, ...wait }
    const { index } = this.#stream
    let beginning = await index.getPart(blobKey(id), first)
    if (beginning === undefined) {
      const large = await this.#large(id, wait)
      beginning = large && (await index.getPart(partKey(large.upload, 0), first))
    }
    if (beginning === undefined || !mayRefer(beginning)) return undefined
    return this.get(id, { ...wait, end: REFERRING_BYTES_MAX + 1 })
  }

  /** Whether content is here, as a blob or as the bytes of an object. */
  async has(id: BlobId, wait?: WaitOptions): Promise<boolean> {
    return (await this.hasBlob(id, wait)) || this.#stream.index.has(objectKey(id), wait)
  }

  /** Whether a blob is here. */
  async hasBlob(id: BlobId, wait?: WaitOptions): Promise<boolean> {
    const { index } = this.#stream
    return (await index.has(blobKey(id), wait)) || index.has(largeBlobKey(id), wait)
  }

  /** The content, or a part of it; undefined when it is not here. Throws `BLOB_DAMAGED`. */
  async get(id: BlobId, options: ReadOptions = {}): Promise<Uint8Array | undefined> {
    const whole = await this.#whole(id, options)
    if (whole !== undefined) return partOf(whole, options)
    const large = await this.#large(id, options)
    if (large === undefined) return undefined
    const bounds = boundsIn(large.size, options)
    const bytes = new Uint8Array(bounds.end - bounds.start)
    let filled = 0
    for await (const piece of this.#parts(id, large, options)) {
      bytes.set(piece, filled)
      filled += piece.byteLength
    }
    return bytes
  }

  /** The content in pieces of at most a part, each verified before it is given. Throws `BLOB_NOT_FOUND`. */
  async *stream(
    id: BlobId,
    options: ReadOptions = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const whole = await this.#whole(id, options)
    if (whole !== undefined) {
      const part = partOf(whole, options)
      if (part.byteLength > 0) yield part
      return
    }
    const large = await this.#large(id, options)
    if (large === undefined) throw contentNotFound(id)
    yield* this.#parts(id, large, options)
  }

  /** Every blob, those of at most a part first; objects are none. */
  async *ids(wait: WaitOptions = {}): AsyncGenerator<BlobId, void, undefined> {
    for (const bounds of [blobBounds, largeBlobBounds]) {
      for await (const key of this.#stream.index.keys({ ...bounds, ...wait })) yield idAtEnd(key)
    }
  }

  async #whole(id: BlobId, { signal, timeoutMs }: WaitOptions): Promise<Uint8Array | undefined> {
    const { index } = this.#stream
    const wait = { signal, timeoutMs }
    const bytes = (await index.get(blobKey(id), wait)) ?? (await index.get(objectKey(id), wait))
    if (bytes !== undefined) assertContent(bytes, id)
    return bytes
  }

  async #large(id: BlobId, { signal, timeoutMs }: WaitOptions): Promise<LargeBlob | undefined> {
    const record = await this.#stream.index.get(largeBlobKey(id), { signal, timeoutMs })
    return record && decodeLargeBlob(record)
  }

  // A part proves itself; that the parts make the whole was proved when it was stored, and is again by whoever
  // reads all of it.
  async *#parts(
    id: BlobId,
    large: LargeBlob,
    options: ReadOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { start, end } = boundsIn(large.size, options)
    const isAll = start === 0 && end === large.size
    const whole = isAll ? new ContentHash() : undefined
    const last = Math.ceil(end / PART_BYTES)
    let next = Math.floor(start / PART_BYTES)
    const ahead: { readonly part: number; readonly bytes: Promise<Uint8Array> }[] = []
    for (;;) {
      while (next < last && ahead.length < PARTS_AT_ONCE) {
        const bytes = this.#part(id, large, next, options)
        // A failure shows when it is awaited; until then it must not count as unhandled.
        bytes.catch(() => undefined)
        ahead.push({ part: next++, bytes })
      }
      const first = ahead.shift()
      if (first === undefined) break
      const bytes = await first.bytes
      whole?.update(bytes)
      const at = first.part * PART_BYTES
      yield bytes.subarray(Math.max(0, start - at), Math.min(bytes.byteLength, end - at))
    }
    if (whole !== undefined && !b4a.equals(whole.id(), id)) throw contentDamaged(id)
  }

  async #part(
    whole: BlobId,
    { upload: under, parts }: LargeBlob,
    part: number,
    { signal, timeoutMs }: WaitOptions,
  ): Promise<Uint8Array> {
    const bytes = await this.#stream.index.get(partKey(under, part), { signal, timeoutMs })
    if (bytes === undefined) throw contentIncomplete(whole)
    if (!b4a.equals(idOfContent(bytes), parts[part] as BlobId)) throw contentDamaged(whole)
    return bytes
  }
}

// Whether there is something to write for a blob that is put: it is not here, or was found to be of no use.
async function isDue(reader: EntryReader, id: BlobId, wait: WaitOptions): Promise<boolean> {
  return !(await reader.has(blobKey(id), wait)) || reader.has(unreferencedKey(id), wait)
}

async function filtered<T>(
  items: readonly T[],
  isWanted: (item: T) => Promise<boolean>,
): Promise<readonly T[]> {
  const wanted = await Promise.all(items.map(isWanted))
  return items.filter((_, i) => wanted[i])
}

async function nextPart(
  parts: AsyncGenerator<Uint8Array, void, undefined>,
): Promise<Uint8Array | undefined> {
  const { value } = await parts.next()
  return value ?? undefined
}

/** The part of `size` bytes that is meant, within them. */
function boundsIn(size: number, { start = 0, end = size }: ReadOptions) {
  for (const bound of [start, end]) {
    if (!Number.isSafeInteger(bound) || bound < 0) {
      throw new TypeError('start and end are non-negative integers')
    }
  }
  const to = Math.min(end, size)
  return { start: Math.min(start, to), end: to }
}

function partOf(whole: Uint8Array, options: ReadOptions): Uint8Array {
  const { start, end } = boundsIn(whole.byteLength, options)
  return whole.subarray(start, end)
}
