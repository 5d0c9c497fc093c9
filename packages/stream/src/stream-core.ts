import { isDatagramError } from '@datagram/errors'
import type { AppliedAt, IndexOperation } from '@datagram/indexer'
import {
  bounded,
  HybridClock,
  Lifecycle,
  reachableEnd,
  reachStep,
  type WaitOptions,
} from '@datagram/log-core'
import { type Batch, batches } from './batches.ts'
import { BodyReader } from './body-reader.ts'
import { DropList } from './drop-list.ts'
import { DropListeners } from './drop-listeners.ts'
import type { DroppedBlocks } from './dropped-blocks.ts'
import { Forgetter } from './forgetter.ts'
import { indexOperations } from './index-operations.ts'
import type { LiveReader, StreamStatus, Transaction } from './interface-stream.ts'
import { KeptBlocks } from './kept-blocks.ts'
import { STREAM_SPACE } from './key-space.ts'
import type { Numbering } from './numbering.ts'
import type { OpenTransaction } from './open-transaction.ts'
import { appendPacked } from './append-packed.ts'
import { pack } from './pack.ts'
import type { PendingOperation } from './pending-operation.ts'
import { type CareContext, Retention } from './retention.ts'
import { type EntrySource, SpaceReader } from './space-reader.ts'
import { streamError } from './stream-errors.ts'
import type { StreamParts } from './stream-parts.ts'
import { storedFieldKeys } from './stored-fields.ts'
import { StreamTypes } from './stream-type.ts'
import { type CommitOutcome, type WriteOptions, WriteQueue } from './write-queue.ts'

/**
 * A data log and its index as one state: what reads show is the data log up to `position`, of which the
 * index has everything, in its blocks up to `covers` and in memory beyond.
 *
 * Invariant: `index.covers ≤ position ≤ data.length`, except on a replica whose index log is ahead of
 * its data log; then `position` is `covers`. `position` is always the end of a batch.
 */
export class StreamCore implements CareContext {
  readonly parts: StreamParts
  readonly lifecycle = new Lifecycle('the stream', 'STREAM_CLOSED')
  /** What is dropped of the data log for good. */
  readonly drops: DropList
  /** The data log as it reads. */
  readonly blocks: KeptBlocks
  readonly bodies: BodyReader
  readonly types: StreamTypes
  readonly dropListeners = new DropListeners()
  readonly retention = new Retention(this)
  readonly forgetter = new Forgetter(this, this.retention.inTurn)
  /** How many snapshots are open: what they show is not dropped, unless it is forgotten. */
  snapshots = 0
  readonly #readers = new Set<{ readonly at: number }>()
  readonly #clock = new HybridClock()
  readonly #listeners = new Set<() => void>()
  #position = 0
  #queue: WriteQueue | undefined
  #problem: Error | undefined
  #checkState: () => Promise<void> = async () => undefined
  #following: Promise<unknown> = Promise.resolve()

  constructor(parts: StreamParts) {
    this.parts = parts
    this.drops = new DropList(parts, this.lifecycle.signal)
    this.blocks = new KeptBlocks(parts.data, this.drops, parts.alone)
    this.bodies = new BodyReader(this.blocks, this.lifecycle.signal)
    this.types = new StreamTypes(this.reader(STREAM_SPACE))
  }

  get writable(): boolean {
    return this.parts.data.writable && this.parts.indexLog.writable
  }

  get dropped(): DroppedBlocks {
    return this.drops.blocks
  }

  /** Length of the data log that reads show. */
  get position(): number {
    return this.#position
  }

  /**
   * Length of the data log that the index shows at this instant. On a replica the index may have gone on to
   * a head that `position` is about to follow.
   */
  get shown(): number {
    return Math.max(this.#position, this.parts.index.covers)
  }

  /** Brings the state up to what is on this machine. */
  async load(wait: WaitOptions): Promise<void> {
    const { data, index } = this.parts
    if (this.writable && index.covers > data.length) throw mismatched(index.covers, data.length)
    this.#position = index.covers
    const to = this.writable ? data.length : this.#lengthHere()
    await this.#replay(to, wait)
    await this.drops.settle(wait)
  }

  /** Makes it ready to be used; `numbering` says where the numbers of a writable stream stand. */
  opened(numbering: Numbering): void {
    if (this.writable) {
      this.#queue = new WriteQueue({
        numbering,
        reader: (space) => this.reader(space),
        fieldsOf: (n) => storedFieldKeys(this, n),
        commit: (transactions, firstObject) => this.#commit(transactions, firstObject),
      })
    }
    this.lifecycle.opened()
  }

  /** Throws `STREAM_CLOSED`, or why the stream can no longer be used. */
  readonly assertUsable = (): void => {
    if (this.lifecycle.signal.aborted) throw this.lifecycle.closedError()
    if (this.#problem !== undefined) throw this.#problem
  }

  /** What to throw for an error of a log or index: our own when they were closed under a call. */
  readonly failure = (error: unknown): unknown =>
    this.lifecycle.signal.aborted ? this.lifecycle.closedError() : error

  /** The committed entries of a key space, out of the index or of a snapshot of it. */
  reader(space: number, source: EntrySource = this.parts.index): LiveReader {
    return new SpaceReader(source, space, {
      bodies: this.bodies,
      assertOpen: this.assertUsable,
      failure: this.failure,
    })
  }

  /** Commits operations as they are, in a transaction of their own. */
  async writeOperations(operations: readonly PendingOperation[]): Promise<void> {
    const refusal = this.#refusal()
    if (refusal !== undefined) throw refusal
    await (this.#queue as WriteQueue).enqueue((transaction) => {
      for (const operation of operations) transaction.add(operation)
    })
  }

  write<T>(
    space: number,
    fn: (tx: Transaction) => T | Promise<T>,
    options?: WriteOptions,
  ): Promise<T> {
    const refusal = this.#refusal()
    if (refusal !== undefined) return Promise.reject(refusal)
    return (this.#queue as WriteQueue).write(space, fn, options)
  }

  /**
   * Runs `check` whenever a replica has moved to another state. When it throws `STREAM_VERSION_NEWER`, the
   * stream can no longer be used: everything is refused with that error.
   */
  checkStates(check: () => Promise<void>): void {
    this.#checkState = check
  }

  /** How far the slowest reader of changes has come; infinite when there is none. */
  get oldestReader(): number {
    return Math.min(...[...this.#readers].map(({ at }) => at))
  }

  /** Keeps what a reader of changes has not seen; returns the undo. */
  addReader(reader: { readonly at: number }): () => void {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }

  /** Calls back when `position` has moved, and on a replica on news of either log; returns the undo. */
  onNews(listener: () => void): () => void {
    const { data, indexLog } = this.parts
    this.#listeners.add(listener)
    const undo = this.writable ? [] : [data.onAppend(listener), indexLog.onAppend(listener)]
    return () => {
      this.#listeners.delete(listener)
      for (const off of undo) off()
    }
  }

  /** Asks the connected peers for news and moves to the newest state; true when it moved. */
  async update(wait: WaitOptions = {}): Promise<boolean> {
    this.assertUsable()
    if (this.writable) return false
    const { data, indexLog } = this.parts
    const before = this.#position
    try {
      await Promise.all([data.update(wait), indexLog.update(wait)])
      await this.follow(wait)
    } catch (error) {
      throw this.failure(error)
    }
    return this.#position > before
  }

  /** Moves a replica to the newest state that is here or with the connected peers. Calls run one after another. */
  async follow(wait: WaitOptions = {}): Promise<void> {
    if (this.writable) return
    const turn = this.#following.then(async () => {
      this.assertUsable()
      const { index } = this.parts
      const before = this.#position
      const hasNewHead = await index.update(wait)
      this.#moveTo(Math.max(this.#position, index.covers))
      await this.#replay(await this.#reachableEnd(wait), wait)
      await this.drops.settle(wait)
      if (hasNewHead || this.#position > before) await this.#check()
    })
    this.#following = turn.catch(() => undefined)
    await bounded(turn, 'waiting for another update of the stream', wait, this.lifecycle.signal)
  }

  status(): StreamStatus {
    const { data, indexLog, index } = this.parts
    return {
      writable: this.writable,
      durability: data.durability ?? 'process',
      dataLength: data.length,
      indexLength: indexLog.length,
      position: this.#position,
      covers: index.covers,
      pendingWrites: this.#queue?.pending ?? 0,
    }
  }

  /** Refuses what has not begun, commits what has finished, and lets go of the index; not of the logs. */
  close(): Promise<void> {
    return this.lifecycle.close(async () => {
      try {
        await this.retention.close()
        await this.#queue?.close(this.lifecycle.closedError())
      } finally {
        await this.parts.index.close()
      }
    })
  }

  #refusal(): Error | undefined {
    if (this.lifecycle.state !== 'open') return this.lifecycle.closedError()
    if (this.#problem !== undefined) return this.#problem
    if (this.#queue !== undefined) return undefined
    const { data, indexLog, name } = this.parts
    const problem = data.problem ?? indexLog.problem
    if (problem !== undefined) return problem
    return streamError(
      'STREAM_NOT_WRITABLE',
      `the stream ${JSON.stringify(name)} is a replica; only its author can write to it`,
    )
  }

  async #commit(
    transactions: readonly OpenTransaction[],
    firstObject: number,
  ): Promise<CommitOutcome> {
    const { data } = this.parts
    const packed = pack(
      transactions.map(({ operations }) => operations),
      firstObject,
    )
    await this.parts.index.ready()
    reachStep('stream.append.before')
    let first: number
    try {
      first = await appendPacked(data, packed)
    } catch (error) {
      if (await this.#isThere(error)) return { failure: error }
      throw error
    }
    reachStep('stream.append.after')
    const position = first + packed.blocks.length
    try {
      this.#apply(packed.indexOperations(first), { position, stamp: this.#clock.next() })
    } catch (error) {
      throw this.#fail(error)
    }
    this.#moveTo(position)
    reachStep('stream.apply.after')
    this.retention.applied()
    if (transactions.some(({ forgets }) => forgets)) this.forgetSoon()
    if (packed.chunks > 0) this.#flushSoon()
    return { failure: undefined }
  }

  // An append can fail after its blocks were written, when they could not be made durable. The log is what
  // replicas see: so the state follows the log, whatever the caller is told.
  async #isThere(cause: unknown): Promise<boolean> {
    const before = this.#position
    try {
      await this.#replay(this.parts.data.length, {})
    } catch (error) {
      throw this.#fail(
        new AggregateError([cause, error], 'an append failed, and so did reading back'),
      )
    }
    return this.#position > before
  }

  /** Begins to carry out what was said to be forgotten, also by an earlier process. */
  forgetSoon(): void {
    if (!this.writable) return
    this.forgetter.run().catch((error: unknown) => {
      if (this.lifecycle.state !== 'open') return
      this.parts.logger?.warn('what is to be forgotten could not be dropped yet', error)
    })
  }

  // Replaying a tail must not have to go past the chunks of large bodies, so the index is brought up to
  // date after each. A failure costs only a longer replay: the next flush makes up for it.
  #flushSoon(): void {
    this.parts.index.flush().catch((error: unknown) => {
      if (this.lifecycle.state !== 'open') return
      this.parts.logger?.warn('the index could not be flushed after a large body', error)
    })
  }

  // The data log is ahead of the index in memory: neither may be used until the log is replayed.
  #fail(cause: unknown): Error {
    this.#problem = streamError(
      'STREAM_INDEX_FAILED',
      'what was written is in the data log, but the index could not take it; close the stream and open it again',
      { cause },
    )
    return this.#problem
  }

  async #check(): Promise<void> {
    try {
      await this.#checkState()
    } catch (error) {
      // What is only missing may come; what does not fit stays so.
      if (isDatagramError(error, 'STREAM_VERSION_NEWER')) this.#problem = error
      throw error
    }
  }

  async #replay(to: number, wait: WaitOptions): Promise<void> {
    const from = this.#position
    if (to <= from) return
    const { data } = this.parts
    // What is dropped lies below what the index covers, see DropList.
    for await (const batch of batches(data, { from, to, ...wait })) this.#applyBatch(batch)
  }

  #applyBatch({ frames, end, stamp }: Batch): void {
    const operations = frames.flatMap(({ block, frame }) => indexOperations(frame, block))
    this.#apply(operations, { position: end, stamp })
    this.#clock.resume(stamp)
    this.#moveTo(end)
  }

  #apply(operations: readonly IndexOperation[], at: AppliedAt): void {
    this.parts.index.apply(operations, at)
    this.drops.apply(operations, at.position)
  }

  #moveTo(position: number): void {
    if (position <= this.#position) return
    this.#position = position
    for (const listener of this.#listeners) listener()
  }

  // An older state stands in for the newest when there is one; a stream of which nothing is within reach is
  // not an empty stream.
  async #reachableEnd(wait: WaitOptions): Promise<number> {
    const { data } = this.parts
    if (this.#position === 0) return data.length
    return reachableEnd(data, this.#position, wait)
  }

  // How far the data log lies here without a hole, from what the index covers.
  #lengthHere(): number {
    const { data } = this.parts
    const from = this.#position
    const [first] = data.here({ start: from, end: Math.max(from, data.length) })
    return first?.start === from ? first.end : from
  }
}

function mismatched(covers: number, length: number): Error {
  return streamError(
    'STREAM_LOGS_MISMATCHED',
    `the index covers ${covers} blocks of the data log, which has ${length}; the data log was exchanged or has lost its tail, bring it back from a peer`,
    { details: { covers, length } },
  )
}
