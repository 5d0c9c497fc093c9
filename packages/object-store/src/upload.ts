import { randomBytes } from 'node:crypto'
import type { InterfaceStream, Transaction } from '@datagram/stream'
import { unmark } from './blob-marks.ts'
import { assertExpected } from './content-check.ts'
import type { PutOptions } from './content-parts.ts'
import { decodeLargeBlob, encodeLargeBlob } from './large-blob.ts'
import { type BlobId, ContentHash, idOfContent } from './named-hash.ts'
import {
  largeBlobKey,
  partBounds,
  partKey,
  rest,
  uploadBounds,
  type UploadId,
  uploadKey,
} from './object-key.ts'

/** Content of more than one part. */
export interface UploadOptions extends PutOptions {
  /** The parts that were read already. */
  readonly known: readonly Uint8Array[]
  /** Those that follow. */
  readonly parts: AsyncIterable<Uint8Array>
}

// Parts that are being written at a time: what is held of a stream of any size.
const WRITES_AT_ONCE = 4

/**
 * Stores a large blob part by part, and last its record, which makes it be there. When it fails, or was there
 * already, its parts are taken out again; after a crash {@link sweepUploads} does that.
 */
export async function upload(stream: InterfaceStream, options: UploadOptions): Promise<BlobId> {
  const { signal } = options
  const under = randomBytes(16)
  try {
    const { id, size, parts } = await writeParts(stream, under, options)
    assertExpected(id, options.expected)
    signal?.throwIfAborted()
    await stream.write(async (tx) => {
      await unmark(tx, id)
      const before = await tx.get(largeBlobKey(id))
      if (before !== undefined) {
        if (options.replaces !== true) return dropUpload(tx, under)
        await dropRecorded(tx, before)
      }
      tx.put(largeBlobKey(id), encodeLargeBlob({ size, upload: under, parts }))
      tx.del(uploadKey(under))
    })
    return id
  } catch (error) {
    // What hinders this too, such as a full disk, leaves them to the next open.
    await stream.write((tx) => dropUpload(tx, under)).catch(() => undefined)
    throw error
  }
}

/** Takes out the parts of uploads that a process which is gone had begun. */
export async function sweepUploads(stream: InterfaceStream): Promise<void> {
  for await (const key of stream.index.keys(uploadBounds)) {
    await stream.write((tx) => dropUpload(tx, rest(key)))
  }
}

async function writeParts(
  stream: InterfaceStream,
  under: UploadId,
  { known, parts: following, signal }: UploadOptions,
): Promise<{ id: BlobId; size: number; parts: BlobId[] }> {
  const whole = new ContentHash()
  const parts: BlobId[] = []
  const writing: Promise<void>[] = []
  let size = 0
  const write = async (bytes: Uint8Array) => {
    signal?.throwIfAborted()
    whole.update(bytes)
    size += bytes.byteLength
    const part = parts.push(idOfContent(bytes)) - 1
    if (writing.length >= WRITES_AT_ONCE) await writing.shift()
    const written = stream.write((tx) => {
      if (part === 0) tx.put(uploadKey(under), new Uint8Array(0))
      tx.put(partKey(under, part), bytes)
    })
    // A failure shows when it is awaited; until then it must not count as unhandled.
    written.catch(() => undefined)
    writing.push(written)
  }
  try {
    for (const bytes of known) await write(bytes)
    for await (const bytes of following) await write(bytes)
  } finally {
    await Promise.allSettled(writing)
  }
  await Promise.all(writing)
  return { id: whole.id(), size, parts }
}

async function dropUpload(tx: Transaction, under: UploadId): Promise<void> {
  for await (const key of tx.keys(partBounds(under))) tx.del(key)
  tx.del(uploadKey(under))
}

// The parts of what is replaced, if its record can be read.
async function dropRecorded(tx: Transaction, record: Uint8Array): Promise<void> {
  let under: UploadId
  try {
    under = decodeLargeBlob(record).upload
  } catch {
    return
  }
  await dropUpload(tx, under)
}
