import type { Replicable, ReplicableStream } from '@datagram/container'

/** What a connection is told about the container's streams. */
export interface DirectoryListener {
  streamAdded(stream: ReplicableStream): void
  streamChanged(stream: ReplicableStream): void
  streamRemoved(id: Uint8Array): void
}

/** The streams that are open in the container, by id, kept up to date for all connections. */
export class StreamDirectory {
  readonly #replicable: Replicable
  readonly #streams = new Map<string, ReplicableStream>()
  readonly #listeners = new Set<DirectoryListener>()
  readonly #undo: readonly (() => void)[]

  constructor(replicable: Replicable) {
    this.#replicable = replicable
    for (const stream of replicable.streams()) this.#streams.set(idKey(stream.id), stream)
    this.#undo = [
      replicable.onStreamAdded((stream) => this.#put(stream)),
      replicable.onStreamChanged((stream) => this.#put(stream)),
      replicable.onStreamRemoved((id) => this.#remove(id)),
    ]
  }

  get root(): ReplicableStream {
    return this.#replicable.root
  }

  isRoot(id: Uint8Array): boolean {
    return idKey(id) === idKey(this.root.id)
  }

  /** The stream of this id, when it is open here. */
  get(id: Uint8Array): ReplicableStream | undefined {
    return this.isRoot(id) ? this.root : this.#streams.get(idKey(id))
  }

  /** Every stream but the root. */
  others(): ReplicableStream[] {
    return [...this.#streams.values()].filter(({ id }) => !this.isRoot(id))
  }

  /** Calls back for every change; returns the undo. */
  listen(listener: DirectoryListener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Stops listening to the container. */
  close(): void {
    for (const undo of this.#undo) undo()
    this.#listeners.clear()
  }

  #put(stream: ReplicableStream): void {
    const known = this.#streams.has(idKey(stream.id))
    this.#streams.set(idKey(stream.id), stream)
    for (const listener of [...this.#listeners]) {
      if (known) listener.streamChanged(stream)
      else listener.streamAdded(stream)
    }
  }

  #remove(id: Uint8Array): void {
    if (!this.#streams.delete(idKey(id))) return
    for (const listener of [...this.#listeners]) listener.streamRemoved(id)
  }
}

/** An id as a key of a Map. */
export function idKey(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1')
}
