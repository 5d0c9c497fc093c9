import { isDatagramError } from '@datagram/errors'
import { Lifecycle, type Log, type Store, type WaitOptions } from '@datagram/log-core'
import b4a from 'b4a'
import { ByteBudget } from './byte-budget.ts'
import { containerError } from './container-errors.ts'
import { type DropRecord, decodeDropRecord } from './drop-record.ts'
import { HostedDrops } from './dropped-logs.ts'
import { readHosted } from './hosted-record.ts'
import { HostedStream } from './hosted-stream.ts'
import type { BlindLink } from './link.ts'
import { Listeners } from './listeners.ts'
import { LogKeeper } from './log-keeper.ts'
import { Places } from './places.ts'
import type { Replicable, ReplicableStream } from './replicable.ts'
import { decodeLeaving, decodeRosterEntry, type RosterEntry } from './roster.ts'

/** Most streams that a roster may name to a host: as many as a multiplexer offers one peer. */
const STREAMS_MAX = 10_000
// How long a peer may take to tell of the roster of a stream that is hosted alone.
const ROSTER_MS = 2000
// Logs that fetch at the same time; each has hundreds of requests under way by itself.
const LOGS_AT_ONCE = 16

/** Options of {@link HostedContainer.open}. */
export interface HostedOptions {
  /** Bytes of blocks that are kept; default: no limit. Exceeded by no more than the blocks under way. */
  readonly quotaBytes?: number | undefined
  /** Hears of what no call is waiting for, once each: `HOST_QUOTA_REACHED`, `LOG_FORKED`, `DISK_FULL`, …. */
  readonly onProblem?: ((problem: unknown) => void) | undefined
}

/** What is hosted, as it is now. */
export interface HostedFigures {
  /** Streams, the container's own included. */
  readonly streams: number
  /** Blocks that the logs are known to have, here or elsewhere. */
  readonly blocks: number
  /** Bytes of the blocks that are here, sealed as they are. */
  readonly bytes: number
  /** `Infinity` where there is no limit. */
  readonly quotaBytes: number
  readonly isFull: boolean
}

interface Keeping {
  readonly keeper: LogKeeper
  readonly leaving: AbortController
  readonly ended: Promise<void>
}

/**
 * A container that is kept and served, and cannot be read: a blind replica. Its roster names the logs; each
 * log is copied, sealed as it is, from whoever has it. Or one stream alone, whose own roster says what of it is
 * dropped, and names nothing else.
 */
export class HostedContainer implements Replicable {
  readonly root: HostedStream
  readonly #store: Store
  /** Of a container, or of the stream that is hosted alone; of that one an older link names none. */
  readonly #roster: Log | undefined
  readonly #isWhole: boolean
  readonly #streams = new Map<string, HostedStream>()
  readonly #keepers = new Map<Log, Keeping>()
  readonly #added = new Listeners<ReplicableStream>()
  readonly #altered = new Listeners<ReplicableStream>()
  readonly #removed = new Listeners<Uint8Array>()
  readonly #lifecycle = new Lifecycle('the hosted datagram', 'CONTAINER_CLOSED')
  readonly #places = new Places(LOGS_AT_ONCE)
  readonly #budget: ByteBudget
  readonly #onProblem: (problem: unknown) => void
  readonly #drops = new HostedDrops()
  #rosterRead = 0
  #reading: Promise<void> = Promise.resolve()
  #hasSaidFull = false

  private constructor(
    store: Store,
    root: HostedStream,
    { roster, isWhole }: { readonly roster: Log | undefined; readonly isWhole: boolean },
    { quotaBytes = Number.POSITIVE_INFINITY, onProblem = () => undefined }: HostedOptions,
  ) {
    this.#store = store
    this.root = root
    this.#roster = roster
    this.#isWhole = isWhole
    this.#budget = new ByteBudget(quotaBytes)
    this.#onProblem = onProblem
    this.#lifecycle.opened()
  }

  /** What is hosted in a store that was claimed with `claimHosted`, as far as it is here. */
  static async open(store: Store, options: HostedOptions = {}): Promise<HostedContainer> {
    assertQuota(options.quotaBytes)
    const { kind, key, otherKey, rosterKey } = readHosted(store) as BlindLink
    const index = await store.openRemote(key)
    const isWhole = kind === 'container'
    const other = await store.openRemote(otherKey, isWhole ? { cipherKey: null } : {})
    const own = rosterKey && (await store.openRemote(rosterKey, { cipherKey: null }))
    const root = new HostedStream(index, other, ...(own ? [own] : []))
    const kept = { roster: isWhole ? other : own, isWhole }
    const hosted = new HostedContainer(store, root, kept, options)
    for (const log of root.logs) await hosted.#keep(log)
    await hosted.#readRoster()
    return hosted
  }

  get figures(): HostedFigures {
    const { used, max, isFull } = this.#budget
    const blocks = [...this.#keepers.keys()].reduce((sum, { length }) => sum + length, 0)
    return { streams: this.#streams.size + 1, blocks, bytes: used, quotaBytes: max, isFull }
  }

  streams(): readonly ReplicableStream[] {
    return [this.root, ...this.#streams.values()]
  }

  onStreamAdded(listener: (stream: ReplicableStream) => void): () => void {
    return this.#added.listen(listener)
  }

  onStreamChanged(listener: (stream: ReplicableStream) => void): () => void {
    return this.#altered.listen(listener)
  }

  onStreamRemoved(listener: (id: Uint8Array) => void): () => void {
    return this.#removed.listen(listener)
  }

  /** Everything is ready to be replicated from the start. */
  async prepare(): Promise<void> {
    this.#lifecycle.assertOpen()
  }

  /** Looks at once for what peers may have: one has come. */
  wake(): void {
    for (const { keeper } of this.#keepers.values()) keeper.wake()
  }

  /**
   * Resolves when all is here that the connected peers have, as far as the quota lets it. Throws
   * `WAIT_TIMEOUT` when no peer tells of a log, within `timeoutMs` (default 30,000).
   */
  async update(wait: WaitOptions = {}): Promise<void> {
    this.#lifecycle.assertOpen()
    const roster = this.#roster
    if (roster !== undefined) {
      await this.#catchUpRoster(roster, wait)
      await this.#readRoster()
    }
    const others = [...this.#keepers].filter(([log]) => log !== roster)
    await Promise.all(others.map(([, { keeper }]) => keeper.catchUp(wait)))
    await this.#inTurn(() => this.#settleDrops())
    this.#tellFull()
  }

  close(): Promise<void> {
    return this.#lifecycle.close(async () => {
      this.wake()
      await Promise.all([...this.#keepers.values()].map(({ ended }) => ended))
      await this.#reading
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // Who shares one stream alone, or is of an older version, may not have the stream's roster.
  async #catchUpRoster(roster: Log, wait: WaitOptions): Promise<void> {
    const keeper = this.#keepers.get(roster)?.keeper
    if (this.#isWhole) return keeper?.catchUp(wait)
    const brief = { ...wait, timeoutMs: Math.min(wait.timeoutMs ?? ROSTER_MS, ROSTER_MS) }
    await keeper?.catchUp(brief).catch((error: unknown) => {
      if (!isDatagramError(error, 'WAIT_TIMEOUT')) throw error
    })
  }

  async #keep(log: Log): Promise<void> {
    // Hostile rosters name a log twice.
    if (this.#keepers.has(log)) return
    this.#budget.add(await log.heldBytes())
    const leaving = new AbortController()
    const keeper = new LogKeeper(log, {
      budget: this.#budget,
      places: this.#places,
      signal: AbortSignal.any([this.#lifecycle.signal, leaving.signal]),
      onFetched: () => {
        this.#tellFull()
        if (log === this.#roster) void this.#readRoster()
        else void this.#inTurn(() => this.#settleDrops())
      },
      onProblem: this.#onProblem,
    })
    this.#keepers.set(log, { keeper, leaving, ended: keeper.run() })
  }

  /** A stream has left the container: it is neither kept nor served any more. The root stays. */
  async #leave(name: string): Promise<void> {
    const stream = this.#streams.get(name)
    if (stream === undefined) return
    this.#streams.delete(name)
    this.#removed.tell(stream.id)
    for (const log of stream.logs) await this.#letGo(log)
  }

  async #letGo(log: Log): Promise<void> {
    // Hostile rosters name a log twice.
    const others = [this.root, ...this.#streams.values()]
    if (others.some(({ logs }) => logs.includes(log))) return
    const keeping = this.#keepers.get(log)
    this.#keepers.delete(log)
    keeping?.leaving.abort()
    keeping?.keeper.wake()
    await keeping?.ended
    this.#budget.add(-(await log.heldBytes()))
    await log.evict({ start: 0, end: log.length })
  }

  /** Reads those entries of the roster that are here and were not read yet; never rejects. */
  #readRoster(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#readOn()
      await this.#settleDrops()
    })
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#reading = this.#reading
      .then(() => (this.#lifecycle.signal.aborted ? undefined : work()))
      .catch(this.#onProblem)
    return this.#reading
  }

  async #readOn(): Promise<void> {
    const roster = this.#roster
    if (roster === undefined || this.#lifecycle.signal.aborted) return
    while (this.#rosterRead < roster.length && (await roster.has(this.#rosterRead))) {
      const payload = await roster.get(this.#rosterRead)
      const entry = decodeRosterEntry(payload)
      if (entry !== undefined && this.#isWhole) await this.#take(entry)
      const record = decodeDropRecord(payload)
      if (record !== undefined) await this.#drop(record)
      const left = decodeLeaving(payload)
      if (left !== undefined && this.#isWhole) await this.#leave(b4a.toString(left, 'hex'))
      this.#rosterRead++
    }
  }

  // What a roster says of logs that it did not name is nothing.
  async #drop(record: DropRecord): Promise<void> {
    const name = b4a.toString(record.indexKey, 'hex')
    const isRoot = b4a.equals(record.indexKey, this.root.key)
    const { logs = [] } = isRoot ? this.root : (this.#streams.get(name) ?? {})
    const [index, data] = logs.filter((log) => log !== this.#roster)
    if (index === undefined || data === undefined) return
    await this.#drops.take(record, { index, data })
  }

  async #settleDrops(): Promise<void> {
    const bytes = await this.#drops.settle(this.#budget.isFull)
    this.#budget.add(-bytes)
  }

  async #take({ indexKey, dataKey }: RosterEntry): Promise<void> {
    const isRoot = b4a.equals(indexKey, this.root.key)
    const name = b4a.toString(indexKey, 'hex')
    if (isRoot ? this.root.logs.length > 2 : this.#streams.has(name)) return
    if (this.#streams.size >= STREAMS_MAX) throw tooManyStreams()
    const data = await this.#store.openRemote(dataKey)
    if (isRoot) {
      // As in every container: the indexer, the data log, the roster.
      this.root.logs.splice(1, 0, data)
      await this.#keep(data)
      return this.#altered.tell(this.root)
    }
    const stream = new HostedStream(await this.#store.openRemote(indexKey), data)
    this.#streams.set(name, stream)
    for (const log of stream.logs) await this.#keep(log)
    this.#added.tell(stream)
  }

  #tellFull(): void {
    if (!this.#budget.isFull || this.#hasSaidFull) return
    this.#hasSaidFull = true
    const { used, max } = this.#budget
    this.#onProblem(
      containerError(
        'HOST_QUOTA_REACHED',
        `the host keeps ${used} bytes and may keep ${max}: nothing more is taken, what is here is served; raise quotaBytes`,
        { details: { bytes: used, quotaBytes: max } },
      ),
    )
  }
}

function tooManyStreams(): Error {
  return containerError(
    'HOST_STREAMS_EXHAUSTED',
    `the roster names more than ${STREAMS_MAX} streams; those beyond are not hosted`,
  )
}

function assertQuota(quotaBytes: number | undefined): void {
  if (quotaBytes === undefined || (typeof quotaBytes === 'number' && quotaBytes > 0)) return
  throw new TypeError('quotaBytes is a number of bytes above 0')
}
