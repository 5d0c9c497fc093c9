import type { BackendChange, ChangeOptions, ChatBackend, WaitOptions } from './chat-backend.ts'
import { fromBackend } from './chat-errors.ts'
import {
  type ContainerEnd,
  NO_PIECES,
  openContainer,
  type OpenedContainer,
  sealPiece,
} from './sealed-piece.ts'

/** A change of a container, sealed, and where the container ends once it is made. */
export interface SealedChange {
  readonly change: BackendChange
  readonly end: ContainerEnd
}

/** Containers in a backend, opened and sealed with the storage key. */
export class ContainerStore {
  readonly #backend: ChatBackend
  readonly #storageKey: Uint8Array

  constructor(backend: ChatBackend, storageKey: Uint8Array) {
    this.#backend = backend
    this.#storageKey = storageKey
  }

  get appends(): boolean {
    return this.#backend.appends
  }

  /** The container `key`, or undefined. Throws as {@link openContainer}, and what the backend throws. */
  async read(key: string, wait: WaitOptions = {}): Promise<OpenedContainer | undefined> {
    wait.signal?.throwIfAborted()
    const bytes = await fromBackend(() => this.#backend.get(key, wait))
    return bytes && openContainer(this.#storageKey, key, bytes)
  }

  put(key: string, content: Uint8Array): SealedChange {
    const { piece, end } = sealPiece(this.#storageKey, key, NO_PIECES, content)
    return { change: { type: 'put', key, value: piece }, end }
  }

  append(key: string, before: ContainerEnd, content: Uint8Array): SealedChange {
    const { piece, end } = sealPiece(this.#storageKey, key, before, content)
    return { change: { type: 'append', key, value: piece, piece: before.pieces }, end }
  }

  async commit(changes: readonly BackendChange[], options?: ChangeOptions): Promise<void> {
    await fromBackend(() => this.#backend.putMany(changes, options))
  }

  /** See `ChatBackend.version`. */
  async version(key: string, wait: WaitOptions = {}): Promise<string | undefined> {
    return fromBackend(() => this.#backend.version?.(key, wait))
  }

  /** See `ChatBackend.news`. */
  news(signal: AbortSignal): AsyncIterable<void> | undefined {
    return this.#backend.isReadOnly === true ? this.#backend.news?.(signal) : undefined
  }

  revision(): unknown {
    return this.#backend.revision?.()
  }
}
