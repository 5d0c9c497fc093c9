import type { WaitOptions } from './chat-backend.ts'
import { chatError } from './chat-errors.ts'
import { type ChunkContent, decodeMessages } from './chunk-content.ts'
import type { ChunkIdentifier, ContainerKeys } from './container-key.ts'
import type { ContainerStore } from './container-store.ts'
import type { ContainerEnd } from './sealed-piece.ts'
import type { StoredWords, WordIndex } from './word-index.ts'

/** A chunk as it is stored. */
export interface StoredChunk extends ChunkContent {
  readonly key: string
  readonly end: ContainerEnd
  /** Its words; absent while nobody looked whether they are there. */
  readonly words?: StoredWords | undefined
}

/** Reads chunks, and keeps those that were used last, up to `cacheBytes` of their content and the newest. */
export class ChunkStore {
  readonly containers: ContainerStore
  readonly keys: ContainerKeys
  readonly words: WordIndex
  readonly #cacheBytes: number
  // The one that was used last is the last.
  readonly #cached = new Map<string, StoredChunk>()
  #bytes = 0

  constructor(
    containers: ContainerStore,
    keys: ContainerKeys,
    words: WordIndex,
    cacheBytes: number,
  ) {
    this.containers = containers
    this.keys = keys
    this.words = words
    this.#cacheBytes = cacheBytes
  }

  /** A chunk that its conversation lists. Throws `CHAT_CONTAINER_MISSING`, `CHAT_CONTAINER_DAMAGED`. */
  async load(
    conversation: string,
    identifier: ChunkIdentifier,
    wait?: WaitOptions,
  ): Promise<StoredChunk> {
    const key = this.keys.chunk(conversation, identifier)
    const cached = this.#cached.get(key)
    const chunk = cached ?? (await this.#read(key, wait))
    this.keep(chunk)
    return chunk
  }

  /** Says what is stored now. */
  keep(chunk: StoredChunk): void {
    this.drop(chunk.key)
    this.#cached.set(chunk.key, chunk)
    this.#bytes += chunk.bytes
    for (const [key] of this.#cached) {
      if (this.#bytes <= this.#cacheBytes || key === chunk.key) return
      this.drop(key)
    }
  }

  drop(key: string): void {
    this.#bytes -= this.#cached.get(key)?.bytes ?? 0
    this.#cached.delete(key)
  }

  clear(): void {
    this.#cached.clear()
    this.#bytes = 0
  }

  async #read(key: string, wait: WaitOptions | undefined): Promise<StoredChunk> {
    const container = await this.containers.read(key, wait)
    if (container === undefined) {
      throw chatError(
        'CHAT_CONTAINER_MISSING',
        `the chunk ${key} is listed and not there; put it back from a copy`,
        { details: { key } },
      )
    }
    return { key, end: container.end, ...decodeMessages(key, container.contents) }
  }
}
