import type { FaultyLink } from '@datagram/fault-harness'
import { type Kv, kvInterface } from '@datagram/kv-interface'
import { type Log, openStore, type Store } from '@datagram/log-core'
import { openStream, type Stream, type StreamKeys } from '@datagram/stream'
import type { Author, Replica, Scanned, ScanRange } from '../contender.ts'
import { muxerOver, noiseStream, type NoiseStream } from '../holepunch.ts'
import { scanKv } from './our-scan.ts'

const ASK_AGAIN_MS = 20

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

  async connect(folder: string, { a, b }: FaultyLink): Promise<Replica> {
    const { stream, keys } = this.#own
    const store = await openStore(folder)
    const data = await store.openRemote(stream.data.key, { cipherKey: keys.dataKey })
    const index = await store.openRemote(stream.indexLog.key, { cipherKey: keys.indexKey })
    const ends = [noiseStream(false, a), noiseStream(true, b)] as const
    const [own, remote] = [muxerOver(ends[0]), muxerOver(ends[1])]
    for (const log of [stream.data, stream.indexLog]) log.attach(own)
    for (const log of [data, index]) log.attach(remote)
    await Promise.all([
      knownLength(data, stream.data.length),
      knownLength(index, stream.indexLog.length),
    ])
    return new OurReplica(store, { data, index }, ends)
  }

  compact(): Promise<void> {
    return this.#own.store.compact()
  }

  close(): Promise<void> {
    return this.#own.close()
  }
}

class OurReplica implements Replica {
  readonly #store: Store
  readonly #logs: { readonly data: Log; readonly index: Log }
  readonly #ends: readonly NoiseStream[]
  #stream: Stream<Kv> | undefined

  constructor(
    store: Store,
    logs: { readonly data: Log; readonly index: Log },
    ends: readonly NoiseStream[],
  ) {
    this.#store = store
    this.#logs = logs
    this.#ends = ends
  }

  async open(): Promise<void> {
    this.#stream = await openStream({ name: 'kv', ...this.#logs, definition: kvInterface })
    await this.#stream.update()
  }

  get(key: string): Promise<string | undefined> {
    return this.#opened.api.get(key)
  }

  scan(range?: ScanRange): Promise<Scanned> {
    return scanKv(this.#opened.api, range)
  }

  download(): Promise<void> {
    return this.#opened.download()
  }

  async close(): Promise<void> {
    for (const end of this.#ends) end.destroy()
    await this.#stream?.close()
    await this.#store.close()
  }

  get #opened(): Stream<Kv> {
    if (this.#stream === undefined) throw new Error('open() comes first')
    return this.#stream
  }
}

async function knownLength(log: Log, length: number): Promise<void> {
  while (log.length < length) {
    await log.update()
    if (log.length < length) await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
  }
}
