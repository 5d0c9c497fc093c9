import type { InterfaceStream, WaitOptions } from '@datagram/stream'
import b4a from 'b4a'
import type { BlobStore } from './blob-store.ts'
import { assertContent, assertExpected } from './content-check.ts'
import type { Checkable, CheckedContent } from './fsck.ts'
import {
  type BlobId,
  idOf,
  idOfContent,
  isNamedHash,
  type NamedHash,
  namedHashOf,
} from './named-hash.ts'
import { forgottenKey, idAtEnd, objectBounds, objectKey } from './object-key.ts'
import { assertObjectSize, decodeObject, OBJECT_BYTES_MAX } from './object-record.ts'
import type { ObjectSource, StoredContent } from './object-source.ts'
import type { ObjectShelf } from './object-shelf.ts'
import type { PullTarget } from './pull.ts'
import {
  mayRefer,
  REFERRING_BYTES_MAX,
  referencesOfBlob,
  referencesOfObject,
} from './references.ts'

/** A store as one side of a pull: everything in it by its hash, whatever it means. */
export class StoredContents implements ObjectSource, PullTarget, Checkable {
  readonly #stream: InterfaceStream
  readonly #blobs: BlobStore
  readonly #shelf: ObjectShelf

  constructor(stream: InterfaceStream, blobs: BlobStore, shelf: ObjectShelf) {
    this.#stream = stream
    this.#blobs = blobs
    this.#shelf = shelf
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
      // What cannot be named here is refused when its turn comes.
      contents.map(async (one) => isNamedHash(one.namedHash) && !(await this.#isWanted(one, wait))),
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

  async check({ namedHash, kind }: StoredContent, wait: WaitOptions): Promise<CheckedContent> {
    const id = idOf(namedHash)
    if (kind === 'object') {
      const bytes = await this.#stream.index.get(objectKey(id), wait)
      // Somebody has forgotten it meanwhile.
      if (bytes === undefined) return { bytes: 0, references: [] }
      assertContent(bytes, id)
      return { bytes: bytes.byteLength, references: referencesOfObject(decodeObject(bytes)) }
    }
    let bytes = 0
    const json: Uint8Array[] = []
    for await (const piece of this.#blobs.stream(id, wait)) {
      bytes += piece.byteLength
      if (mayRefer(json[0] ?? piece) && bytes <= REFERRING_BYTES_MAX) json.push(piece)
    }
    return { bytes, references: referencesOfBlob(b4a.concat(json)) }
  }

  async accountsFor(namedHash: NamedHash, wait: WaitOptions): Promise<boolean> {
    const id = idOf(namedHash)
    return (await this.#blobs.has(id, wait)) || this.#stream.index.has(forgottenKey(id), wait)
  }

  async replace(
    { namedHash, kind }: StoredContent,
    bytes: AsyncIterable<Uint8Array>,
    wait: WaitOptions,
  ): Promise<void> {
    const id = idOf(namedHash)
    if (kind === 'data') await this.#blobs.put(bytes, { expected: id, replaces: true, ...wait })
    else await this.#takeObject(id, bytes, wait, true)
  }

  // Not here, and not forgotten: what was forgotten comes back by nobody's pull.
  async #isWanted({ namedHash, kind }: StoredContent, wait: WaitOptions): Promise<boolean> {
    const id = idOf(namedHash)
    const { index } = this.#stream
    if (await index.has(forgottenKey(id), wait)) return false
    const isHere =
      kind === 'object' ? index.has(objectKey(id), wait) : this.#blobs.hasBlob(id, wait)
    return !(await isHere)
  }

  async #takeObject(
    id: BlobId,
    pieces: AsyncIterable<Uint8Array>,
    wait: WaitOptions,
    replaces = false,
  ): Promise<number> {
    const bytes = await gathered(pieces)
    assertObjectSize(bytes.byteLength)
    assertExpected(idOfContent(bytes), id)
    const record = decodeObject(bytes)
    await this.#stream.write((tx) => {
      const object = { id, bytes }
      return replaces
        ? this.#shelf.replace(tx, object, record)
        : this.#shelf.store(tx, object, record)
    }, wait)
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
