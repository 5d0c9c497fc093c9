import type { InterfaceStream, WaitOptions } from '@datagram/stream'
import b4a from 'b4a'
import type { BlobStore } from './blob-store.ts'
import { assertExpected } from './content-check.ts'
import { type BlobId, idOf, idOfContent, isNamedHash, namedHashOf } from './named-hash.ts'
import { idAtEnd, objectBounds, objectKey } from './object-key.ts'
import { assertObjectSize, decodeObject, OBJECT_BYTES_MAX } from './object-record.ts'
import type { ObjectSource, StoredContent } from './object-source.ts'
import { storeObject } from './projection.ts'
import type { PullTarget } from './pull.ts'

/** A store as one side of a pull: everything in it by its hash, whatever it means. */
export class StoredContents implements ObjectSource, PullTarget {
  readonly #stream: InterfaceStream
  readonly #blobs: BlobStore

  constructor(stream: InterfaceStream, blobs: BlobStore) {
    this.#stream = stream
    this.#blobs = blobs
  }

  async *contents(wait: WaitOptions = {}): AsyncGenerator<StoredContent, void, undefined> {
    for await (const id of this.#blobs.ids(wait)) yield { namedHash: namedHashOf(id), kind: 'data' }
    for await (const key of this.#stream.index.keys({ ...objectBounds, ...wait })) {
      yield { namedHash: namedHashOf(idAtEnd(key)), kind: 'object' }
    }
  }

  async *streamBlob(
    namedHash: string,
    options?: WaitOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.#blobs.stream(idOf(namedHash), options)
  }

  async missing(
    contents: readonly StoredContent[],
    wait: WaitOptions,
  ): Promise<readonly StoredContent[]> {
    const here = await Promise.all(
      contents.map(async ({ namedHash, kind }) => {
        // What cannot be named here is refused when its turn comes.
        if (!isNamedHash(namedHash)) return false
        const id = idOf(namedHash)
        return kind === 'object'
          ? this.#stream.index.has(objectKey(id), wait)
          : this.#blobs.hasBlob(id, wait)
      }),
    )
    return contents.filter((_, i) => here[i] === false)
  }

  async take(
    { namedHash, kind }: StoredContent,
    bytes: AsyncIterable<Uint8Array>,
    wait: WaitOptions,
  ): Promise<number> {
    const expected = idOf(namedHash)
    if (kind === 'object') return this.#takeObject(expected, bytes, wait)
    let size = 0
    const counted = async function* () {
      for await (const piece of bytes) {
        size += piece.byteLength
        yield piece
      }
    }
    await this.#blobs.put(counted(), { expected, ...wait })
    return size
  }

  async #takeObject(
    id: BlobId,
    pieces: AsyncIterable<Uint8Array>,
    wait: WaitOptions,
  ): Promise<number> {
    const bytes = await gathered(pieces)
    assertObjectSize(bytes.byteLength)
    assertExpected(idOfContent(bytes), id)
    const record = decodeObject(bytes)
    await this.#stream.write((tx) => storeObject(tx, { id, bytes }, record), wait)
    return bytes.byteLength
  }
}

// What is larger than an object can be need not come whole to be refused.
async function gathered(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const piece of pieces) {
    parts.push(piece)
    bytes += piece.byteLength
    if (bytes > OBJECT_BYTES_MAX) break
  }
  return b4a.concat(parts)
}
