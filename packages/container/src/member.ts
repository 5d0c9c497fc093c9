import type { AttachableLog, Log } from '@datagram/log-core'
import type { StreamLogs } from './member-logs.ts'
import type { ReplicableStream } from './replicable.ts'
import type { StreamRecord } from './stream-record.ts'

/** The datagram that a stream is recorded in. */
export interface Home {
  readonly id: Uint8Array
  /** Public key of who makes its streams, where that is proven. */
  readonly authorKey: Uint8Array | undefined
}

/** One of a container's streams: its record and its two logs, open. */
export class Member implements ReplicableStream {
  readonly name: string
  readonly index: Log
  readonly data: Log
  readonly #home: Home
  #record: StreamRecord
  readonly #leaving = new AbortController()
  /** Its own roster, for who hosts it alone; undefined where it has none, or it is not open. */
  roster: Log | undefined
  /** Of an attached stream: its author, where that is proven. */
  readonly #author: Uint8Array | undefined

  constructor(
    name: string,
    record: StreamRecord,
    { index, data }: StreamLogs,
    { home, author }: { readonly home: Home; readonly author: Uint8Array | undefined },
  ) {
    this.name = name
    this.#record = record
    this.index = index
    this.data = data
    this.#home = home
    this.#author = author
  }

  get record(): StreamRecord {
    return this.#record
  }

  get id(): Uint8Array {
    return this.index.discoveryKey
  }

  get key(): Uint8Array {
    return this.index.key
  }

  get type(): string {
    return this.#record.type
  }

  get author(): Uint8Array | undefined {
    return this.#record.attached ? this.#author : this.#home.authorKey
  }

  get origin(): Uint8Array | undefined {
    return this.#record.attached ? undefined : this.#home.id
  }

  get labels(): readonly string[] {
    return this.#record.labels
  }

  get logs(): readonly AttachableLog[] {
    return this.roster === undefined
      ? [this.index, this.data]
      : [this.index, this.data, this.roster]
  }

  /** Aborted when it has left the container: its author has let it go, or it was detached. */
  get left(): AbortSignal {
    return this.#leaving.signal
  }

  /** It has left the container: nobody is to wait for it any more. */
  leave(): void {
    this.#leaving.abort()
  }

  /** Takes a newer record of the same stream. */
  describe(record: StreamRecord): void {
    this.#record = record
  }
}
