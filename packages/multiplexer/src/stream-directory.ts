import type { Replicable, ReplicableStream } from '@datagram/container'
import type { AttachableLog, ForkNews } from '@datagram/log-core'

/** What a connection is told about the container's streams. */
export interface DirectoryListener {
  streamAdded(stream: ReplicableStream): void
  streamChanged(stream: ReplicableStream): void
  streamRemoved(id: Uint8Array): void
  /** One of its logs has become longer here. */
  streamGrew(stream: ReplicableStream): void
  /** A peer has proved that one of its logs has a second history; that log is about to close here. */
  streamForked(stream: ReplicableStream, logId: Uint8Array, news: ForkNews): void
  /** A read waits for blocks of one of its logs. */
  streamWanted(stream: ReplicableStream): void
  /** Whether a peer is about to be there who may have some. */
  isComing(stream: ReplicableStream): boolean
  /** Resolves when the peer has told how long its logs of the stream are. Never rejects. */
  refresh(stream: ReplicableStream): Promise<void>
}

/** The streams that are open in the container, by id, kept up to date for all connections. */
export class StreamDirectory {
  readonly #replicable: Replicable
  readonly #streams = new Map<string, ReplicableStream>()
  readonly #byLog = new Map<string, ReplicableStream>()
  readonly #watched = new Map<AttachableLog, () => void>()
  readonly #listeners = new Set<DirectoryListener>()
  readonly #undo: readonly (() => void)[]

  constructor(replicable: Replicable) {
    this.#replicable = replicable
    for (const stream of [replicable.root, ...replicable.streams()]) {
      this.#streams.set(idKey(stream.id), stream)
      this.#watch(stream)
    }
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

  /** The stream that a log belongs to, by the log's discovery key. */
  ofLog(logId: Uint8Array): ReplicableStream | undefined {
    return this.#byLog.get(idKey(logId))
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
    for (const undo of [...this.#undo, ...this.#watched.values()]) undo()
    this.#listeners.clear()
  }

  #put(stream: ReplicableStream): void {
    const known = this.#streams.has(idKey(stream.id))
    this.#streams.set(idKey(stream.id), stream)
    this.#watch(stream)
    for (const listener of [...this.#listeners]) {
      if (known) listener.streamChanged(stream)
      else listener.streamAdded(stream)
    }
  }

  #remove(id: Uint8Array): void {
    const stream = this.#streams.get(idKey(id))
    if (stream === undefined) return
    this.#streams.delete(idKey(id))
    for (const listener of [...this.#listeners]) listener.streamRemoved(id)
    for (const log of stream.logs) {
      this.#byLog.delete(idKey(log.discoveryKey))
      this.#watched.get(log)?.()
      this.#watched.delete(log)
    }
  }

  #watch({ id, logs }: ReplicableStream): void {
    for (const log of logs) {
      this.#byLog.set(idKey(log.discoveryKey), this.get(id) as ReplicableStream)
      if (!this.#watched.has(log)) this.#watched.set(log, this.#watchLog(id, log))
    }
  }

  #watchLog(id: Uint8Array, log: AttachableLog): () => void {
    const tell = (what: (listener: DirectoryListener, stream: ReplicableStream) => void) => {
      const stream = this.get(id)
      if (stream !== undefined) for (const listener of [...this.#listeners]) what(listener, stream)
    }
    const isComing = () => {
      const stream = this.get(id)
      return stream !== undefined && [...this.#listeners].some((one) => one.isComing(stream))
    }
    const undo = [
      log.onAppend(() => tell((listener, stream) => listener.streamGrew(stream))),
      log.onForked?.((news) =>
        tell((listener, stream) => listener.streamForked(stream, log.discoveryKey, news)),
      ) ?? (() => undefined),
      log.supplyFrom({
        wanted: () => tell((listener, stream) => listener.streamWanted(stream)),
        refresh: async () => {
          const stream = this.get(id)
          if (stream === undefined) return
          await Promise.all([...this.#listeners].map((listener) => listener.refresh(stream)))
        },
        get isComing() {
          return isComing()
        },
      }),
    ]
    return () => {
      for (const one of undo) one()
    }
  }
}

/** An id as a key of a Map. */
export function idKey(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1')
}
