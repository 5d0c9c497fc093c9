import { isDatagramError } from '@datagram/errors'
import {
  type AttachableLog,
  encode,
  type KeyPair,
  type Log,
  type Store,
  untilLength,
  type WaitOptions,
} from '@datagram/log-core'
import {
  authorBinding,
  bindAuthor,
  openStream,
  ownLogs,
  readHeader,
  type Stream,
  streamKeys,
} from '@datagram/stream'
import type { ReplicableStream } from './replicable.ts'
import { appendToRoster, fetchRoster } from './roster.ts'
import { containerError } from './container-errors.ts'
import { type MetaDatabase, metaInterface } from './meta-database.ts'
import type { Origin } from './origin.ts'

/** The logs of a container's own stream, as far as they are known. */
interface RootParts {
  data: Log
  roster: Log
  stream: Stream<MetaDatabase>
}

/**
 * The container's own stream: the meta database in an indexer and a data log, and the roster. For a clone
 * only the indexer is known at first; {@link follow} finds the others by reading.
 */
export class Root implements ReplicableStream {
  readonly type = 'container'
  readonly labels: readonly string[] = []
  readonly #store: Store
  readonly #index: Log
  /** Opens the meta database, and every other stream's record with it. 32 bytes. */
  readonly streamKey: Uint8Array
  #parts: Partial<RootParts> = {}
  #following: Promise<void> | undefined
  #authorKey: Uint8Array | undefined
  #onChanged: () => void = () => undefined

  private constructor(store: Store, index: Log, streamKey: Uint8Array) {
    this.#store = store
    this.#index = index
    this.streamKey = streamKey
  }

  /** The root of our own container, made on first open; `author`: who makes its streams, or nobody. */
  static async openOwn(store: Store, author: KeyPair | undefined): Promise<Root> {
    const streamKey = store.derive('datagram/1/stream/container')
    const keys = streamKeys(streamKey)
    const index = await store.open('container/index', { cipherKey: keys.indexKey })
    const data = await store.open('container/data', { cipherKey: keys.dataKey })
    const roster = await store.open('roster', { cipherKey: null })
    const root = new Root(store, index, streamKey)
    const stream = await openStream({ name: '', data, index, definition: metaInterface })
    root.#parts = { data, roster, stream }
    // Each step by itself: a crash between two of them is mended by the next open.
    if (roster.length === 0)
      await appendToRoster(roster, { indexKey: index.key, dataKey: data.key })
    if ((await stream.api.rosterKey()) === undefined) await stream.api.setRosterKey(roster.key)
    if (author !== undefined) await root.#bind(author)
    return root
  }

  /** The root of somebody's container; what is here of it is opened, the rest by {@link follow}. */
  static async openReplica(store: Store, { key, streamKey }: Origin): Promise<Root> {
    const { indexKey } = streamKeys(streamKey)
    const index = await store.openRemote(key, { cipherKey: indexKey })
    const root = new Root(store, index, streamKey)
    // Nobody is connected yet, so what is not here is not waited for.
    if (index.length === 0) return root
    await root.follow({ timeoutMs: RESUME_MS }).catch(ignoreUnavailable)
    return root
  }

  get id(): Uint8Array {
    return this.#index.discoveryKey
  }

  get key(): Uint8Array {
    return this.#index.key
  }

  get readKey(): Uint8Array {
    return this.streamKey
  }

  /** Public key of who makes the container's streams, where that is proven. */
  get authorKey(): Uint8Array | undefined {
    return this.#authorKey
  }

  get logs(): readonly AttachableLog[] {
    const { data, roster } = this.#parts
    return [this.#index, data, roster].filter((log) => log !== undefined)
  }

  /** The meta database; undefined until {@link follow} has found it. */
  get meta(): MetaDatabase | undefined {
    return this.#parts.stream?.api
  }

  /** Its stream and logs; undefined until {@link follow} has found them. */
  get whole(): { stream: Stream<MetaDatabase>; index: Log; data: Log } | undefined {
    const { stream, data } = this.#parts
    return stream && data && { stream, data, index: this.#index }
  }

  get roster(): Log | undefined {
    return this.#parts.roster
  }

  /** Calls back when more of its logs are known, or who makes its streams. */
  onChanged(listener: () => void): void {
    this.#onChanged = listener
  }

  /**
   * Finds the data log, the meta database and the roster of a clone, as far as they are not known, from
   * here or from the connected peers. Throws what reading throws; a later call goes on.
   */
  follow(wait: WaitOptions): Promise<void> {
    this.#following ??= this.#follow(wait).finally(() => {
      this.#following = undefined
    })
    return this.#following
  }

  /** Reads who makes the container's streams, once that is proven. Throws what reading throws. */
  async learnAuthor(wait: WaitOptions): Promise<void> {
    const { stream, data } = this.#parts
    if (this.#authorKey !== undefined || stream === undefined || data === undefined) return
    this.#authorKey = await stream.api.author({ indexKey: this.key, dataKey: data.key }, wait)
    if (this.#authorKey !== undefined) this.#onChanged()
  }

  /** Records that the container's streams are the author's, where that is not there. */
  async #bind(author: KeyPair): Promise<void> {
    await this.learnAuthor({})
    const { stream, data } = this.#parts
    if (this.#authorKey !== undefined || stream === undefined || data === undefined) return
    // What was put back from an old copy opens to be read.
    if (!data.writable || !this.#index.writable) return
    const binding = bindAuthor(author, { indexKey: this.key, dataKey: data.key })
    await stream.api.setAuthor(this.key, encode(authorBinding, binding))
    this.#authorKey = author.publicKey
  }

  /** Brings the roster here, so that this clone can serve hosts that cannot read. */
  async fetchRoster(wait: WaitOptions): Promise<void> {
    const { roster } = this.#parts
    if (roster === undefined) return
    await untilLength(roster, 1, wait)
    await fetchRoster(roster, wait)
  }

  async close(): Promise<void> {
    await this.#parts.stream?.close()
  }

  async #follow(wait: WaitOptions): Promise<void> {
    await this.#findStream(wait)
    const { stream, roster } = this.#parts
    if (stream === undefined) return
    await this.learnAuthor(wait).catch(ignoreUnavailable)
    if (roster !== undefined) return
    let rosterKey = await stream.api.rosterKey(wait)
    if (rosterKey === undefined && (await stream.update(wait))) {
      rosterKey = await stream.api.rosterKey(wait)
    }
    if (rosterKey === undefined) return
    this.#parts.roster = await this.#store.openRemote(rosterKey, { cipherKey: null })
    this.#onChanged()
  }

  async #findStream(wait: WaitOptions): Promise<void> {
    if (this.#parts.stream !== undefined) return
    await untilLength(this.#index, 1, wait)
    if (this.#parts.data === undefined) {
      const { dataKey } = ownLogs(await readHeader(this.#index, wait))
      const cipherKey = streamKeys(this.streamKey).dataKey
      this.#parts.data = await this.#store.openRemote(dataKey, { cipherKey })
      this.#onChanged()
    }
    const { data } = this.#parts
    await untilLength(data, 1, wait)
    this.#parts.stream = await openStream({
      name: '',
      data,
      index: this.#index,
      definition: metaInterface,
      ...wait,
    })
  }
}

// Long enough to read what is on this disk.
const RESUME_MS = 200
const ABSENT = ['WAIT_TIMEOUT', 'BLOCK_UNAVAILABLE', 'STREAM_UNAVAILABLE'] as const

/** Lets pass that nobody who is connected has what was asked for; what is here is read then. */
export function ignoreUnavailable(error: unknown): void {
  if (!ABSENT.some((code) => isDatagramError(error, code))) throw error
}

/** The error of a clone that has not read enough yet. */
export function notReady(what: string): Error {
  return containerError(
    'CONTAINER_NOT_READY',
    `this clone has not yet read ${what}; connect to a peer and update() first`,
  )
}
