import type { FaultyLink } from '@datagram/fault-harness'
import { type Kv, kvInterface } from '@datagram/kv-interface'
import type { Store } from '@datagram/log-core'
import { openStream, type Stream, type StreamKeys } from '@datagram/stream'
import type { Author, Replica, Scanned, ScanRange } from '../contender.ts'
import { connectReplicaLogs, type OurReplicaLogs } from './our-replica-logs.ts'
import { scanKv } from './our-scan.ts'

/** What an author is made of. */
export interface AuthorParts {
  readonly store: Store
  readonly stream: Stream<Kv>
  readonly keys: StreamKeys
  close(): Promise<void>
}

/** Our stream at its author's. */
export class OurAuthor implements Author {
  readonly #own: AuthorParts

  constructor(own: AuthorParts) {
    this.#own = own
  }

  async connect(folder: string, link: FaultyLink): Promise<Replica> {
    const { stream, keys } = this.#own
    const logs = { data: stream.data, index: stream.indexLog, keys }
    return new OurReplica(await connectReplicaLogs(logs, folder, link))
  }

  compact(): Promise<void> {
    return this.#own.store.compact()
  }

  close(): Promise<void> {
    return this.#own.close()
  }
}

class OurReplica implements Replica {
  readonly #logs: OurReplicaLogs
  #stream: Stream<Kv> | undefined

  constructor(logs: OurReplicaLogs) {
    this.#logs = logs
  }

  async open(): Promise<void> {
    const { data, index } = this.#logs
    this.#stream = await openStream({ name: 'kv', data, index, definition: kvInterface })
    await this.#stream.update()
  }

  get(key: string): Promise<string | undefined> {
    return this.#opened.api.get(key)
  }

  scan(range?: ScanRange): Promise<Scanned> {
    return scanKv(this.#opened.api, range)
  }

  async download(): Promise<void> {
    await this.#opened.download()
  }

  async close(): Promise<void> {
    await this.#stream?.close()
    await this.#logs.close()
  }

  get #opened(): Stream<Kv> {
    if (this.#stream === undefined) throw new Error('open() comes first')
    return this.#stream
  }
}
