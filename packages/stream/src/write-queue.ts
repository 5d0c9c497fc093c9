import { bounded, type WaitOptions } from '@datagram/log-core'
import type { Transaction } from './interface-stream.ts'
import type { NumberingMark } from './numbering.ts'
import { OpenTransaction, type TransactionContext } from './open-transaction.ts'
import { PendingOverlay } from './pending-overlay.ts'
import { streamError } from './stream-errors.ts'

// Bytes that one append takes before the rest waits for the next: bounds memory.
const GROUP_BYTES_MAX = 4 * 1024 * 1024
// What a transaction counts beside its keys and bodies, so that a group of tiny ones is bounded too.
const TRANSACTION_OVERHEAD_BYTES = 256
// How long finished transactions wait for one that is still running before they are appended without it.
const HOLD_MS = 2
/** How long a transaction may run: it keeps every other write of the stream waiting. */
export const TRANSACTION_MS_MAX = 60_000

const noFailure: CommitOutcome = { failure: undefined }

/** Options of {@link WriteQueue.write}. `signal` and `timeoutMs` bound the wait for its turn. */
export interface WriteOptions extends WaitOptions {
  /** Milliseconds that the transaction may run; default {@link TRANSACTION_MS_MAX}; undefined: any. */
  readonly runMs?: number | undefined
}

interface Waiting {
  readonly fn: (transaction: OpenTransaction) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly runMs: number | undefined
  /** Called when its turn has come, if its wait is bounded. */
  onTurn: (() => void) | undefined
  /** Its wait has ended without its turn. */
  hasLeft: boolean
}

interface Running {
  readonly transaction: OpenTransaction
  readonly waiting: Waiting
  /** Set when what it may have read was not committed after all. */
  doomed: unknown
}

interface Finished {
  readonly transaction: OpenTransaction
  readonly waiting: Waiting
  readonly value: unknown
  /** Where the numbering stood when it had finished. */
  readonly after: NumberingMark
}

/** How an append went that is in the log. */
export interface CommitOutcome {
  /** Why it could not be acknowledged all the same: it is there, but not as durable as was asked. */
  readonly failure: unknown
}

/** What the queue needs of its stream. */
export interface WriteQueueContext
  extends Pick<TransactionContext, 'fieldsOf' | 'numbering' | 'reader'> {
  /**
   * Appends the transactions in one append and applies them to the index: all, or none and a throw.
   * `firstObject`: the number of the first object among them.
   */
  readonly commit: (
    transactions: readonly OpenTransaction[],
    firstObject: number,
  ) => Promise<CommitOutcome>
}

/**
 * The one place where a stream's transactions run: one after another, and gathered into as few appends
 * as possible. What finishes while an append is in flight goes into the next. A transaction sees what
 * those before it wrote, committed or not; so when an append fails, whatever began before the failure was
 * known fails with it.
 */
export class WriteQueue {
  readonly #context: WriteQueueContext
  readonly #transactions: TransactionContext
  readonly #overlay = new PendingOverlay()
  // A queue: what is before #next has had its turn. Taking off its front would cost more the longer it is.
  #waiting: Waiting[] = []
  #next = 0
  #running: Running | undefined
  #gathered: Finished[] = []
  #gatheredBytes = 0
  #appending: readonly Finished[] = []
  #commit: Promise<void> | undefined
  #committed: NumberingMark
  #commitIsDue = false
  #hold: NodeJS.Timeout | undefined
  #joining: OpenTransaction | undefined
  #isOnStack = false
  #refusal: Error | undefined

  constructor(context: WriteQueueContext) {
    this.#context = context
    this.#committed = context.numbering.mark()
    this.#transactions = {
      numbering: context.numbering,
      reader: context.reader,
      fieldsOf: context.fieldsOf,
      pending: () => this.#overlay.read(),
      joining: (transaction, fn) => this.#join(transaction, fn),
    }
  }

  /** Writes that were called and are not committed. */
  get pending(): number {
    const running = this.#running === undefined ? 0 : 1
    const waiting = this.#waiting.length - this.#next
    return waiting + running + this.#gathered.length + this.#appending.length
  }

  write<T>(
    space: number,
    fn: (tx: Transaction) => T | Promise<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    if (this.#joining !== undefined) return this.#joining.adopt(space, fn)
    return this.enqueue((transaction) => fn(transaction.view(space)), options)
  }

  /** As {@link write}, given the transaction itself; never joined to another. */
  enqueue<T>(
    fn: (transaction: OpenTransaction) => T | Promise<T>,
    options: WriteOptions = {},
  ): Promise<T> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal)
    // A free queue runs it at once, before anybody would look at the signal.
    if (options.signal?.aborted === true) return Promise.reject(options.signal.reason)
    if (this.#isOnStack) {
      const message = 'a write inside a write of its stream would wait for itself; use tx.join()'
      return Promise.reject(new TypeError(message))
    }
    return new Promise<T>((resolve, reject) => {
      const settle = resolve as (value: unknown) => void
      const waiting: Waiting = {
        fn,
        resolve: settle,
        reject,
        runMs: 'runMs' in options ? options.runMs : TRANSACTION_MS_MAX,
        onTurn: undefined,
        hasLeft: false,
      }
      this.#waiting.push(waiting)
      if (options.signal !== undefined || options.timeoutMs !== undefined) {
        this.#boundWait(waiting, options)
      }
      this.#pump()
    })
  }

  /** Refuses what has not finished with `reason`; resolves when what has finished is committed. */
  async close(reason: Error): Promise<void> {
    this.#refusal = reason
    for (const { reject } of this.#waiting.slice(this.#next)) reject(reason)
    this.#waiting = []
    this.#next = 0
    if (this.#running !== undefined) this.#abandon(this.#running, reason)
    while (this.#gathered.length > 0 || this.#commit !== undefined) {
      this.#commitNow()
      await this.#commit
    }
  }

  #join<T>(transaction: OpenTransaction, fn: () => T): T {
    const before = this.#joining
    this.#joining = transaction
    try {
      return fn()
    } finally {
      this.#joining = before
    }
  }

  #boundWait(waiting: Waiting, options: WaitOptions): void {
    const turn = new Promise<void>((resolve) => {
      waiting.onTurn = resolve
    })
    bounded(turn, 'waiting for earlier writes', options).catch((error: unknown) => {
      waiting.hasLeft = true
      waiting.reject(error)
    })
  }

  #pump(): void {
    while (this.#running === undefined && this.#gatheredBytes < GROUP_BYTES_MAX) {
      const waiting = this.#waiting[this.#next]
      if (waiting === undefined) {
        this.#waiting = []
        this.#next = 0
        break
      }
      this.#next++
      if (waiting.hasLeft) continue
      waiting.onTurn?.()
      this.#run(waiting)
    }
    this.#commitSoon()
  }

  #run(waiting: Waiting): void {
    const transaction = new OpenTransaction(this.#transactions)
    const running: Running = { transaction, waiting, doomed: undefined }
    this.#running = running
    let outcome: unknown
    this.#isOnStack = true
    try {
      outcome = waiting.fn(transaction)
    } catch (error) {
      this.#abandon(running, error)
      return
    } finally {
      this.#isOnStack = false
    }
    if (!isPromise(outcome) && !transaction.hasJoined) this.#finish(running, outcome)
    else this.#await(running, outcome)
  }

  #await(running: Running, outcome: unknown): void {
    const { runMs } = running.waiting
    const expire = () => {
      this.#abandon(running, tookTooLong(runMs))
      this.#pump()
    }
    const timer = runMs === undefined ? undefined : setTimeout(expire, runMs).unref()
    Promise.resolve(outcome)
      .then(async (value) => {
        if (running.transaction.hasJoined) await running.transaction.joinedDone()
        this.#finish(running, value)
      })
      .catch((error: unknown) => this.#abandon(running, error))
      .finally(() => {
        clearTimeout(timer)
        this.#pump()
      })
  }

  #finish(running: Running, value: unknown): void {
    const { transaction, waiting, doomed } = running
    if (this.#running !== running) return
    if (doomed !== undefined) {
      this.#abandon(running, doomed)
      return
    }
    transaction.end()
    this.#running = undefined
    if (
      transaction.operations.length === 0 &&
      this.#gathered.length + this.#appending.length === 0
    ) {
      waiting.resolve(value)
      return
    }
    // One that only read may have read what is not committed, so it waits for that too.
    this.#overlay.add(transaction)
    this.#gathered.push({ transaction, waiting, value, after: this.#context.numbering.mark() })
    this.#gatheredBytes += transaction.bytes + TRANSACTION_OVERHEAD_BYTES
  }

  #abandon(running: Running, error: unknown): void {
    if (this.#running !== running) return
    running.transaction.end()
    this.#running = undefined
    this.#context.numbering.restore(running.transaction.begin)
    running.waiting.reject(running.doomed ?? error)
  }

  // Once the caller's own loop is through, so that writes begun together go into one append.
  #commitSoon(): void {
    if (this.#commitIsDue || this.#commit !== undefined || this.#gathered.length === 0) return
    this.#commitIsDue = true
    queueMicrotask(() => {
      this.#commitIsDue = false
      const isFull = this.#gatheredBytes >= GROUP_BYTES_MAX
      if (this.#running === undefined || isFull) this.#commitNow()
      else this.#hold ??= setTimeout(() => this.#commitNow(), HOLD_MS)
    })
  }

  #commitNow(): void {
    clearTimeout(this.#hold)
    this.#hold = undefined
    if (this.#commit !== undefined || this.#gathered.length === 0) return
    this.#appending = this.#gathered
    this.#gathered = []
    this.#gatheredBytes = 0
    this.#commit = this.#commitGroup(this.#appending).then(() => {
      this.#appending = []
      this.#commit = undefined
      this.#pump()
    })
  }

  async #commitGroup(group: readonly Finished[]): Promise<void> {
    try {
      const transactions = group.map(({ transaction }) => transaction)
      const writing = transactions.filter(({ operations }) => operations.length > 0)
      const firstObject = this.#committed.objects
      const { failure } =
        writing.length === 0 ? noFailure : await this.#context.commit(writing, firstObject)
      this.#committed = (group.at(-1) as Finished).after
      this.#overlay.remove(transactions)
      for (const { waiting, value } of group) {
        if (failure === undefined) waiting.resolve(value)
        else waiting.reject(failure)
      }
    } catch (error) {
      this.#fail(group, error)
    }
  }

  #fail(group: readonly Finished[], error: unknown): void {
    const failed = [...group, ...this.#gathered]
    this.#gathered = []
    this.#gatheredBytes = 0
    this.#overlay.clear()
    if (this.#running === undefined) this.#context.numbering.restore(this.#committed)
    else this.#doom(this.#running, error)
    for (const { waiting } of failed) waiting.reject(error)
  }

  // It ends when its function settles: two functions of one stream never run at once.
  #doom(running: Running, error: unknown): void {
    running.doomed = error
    running.transaction.end()
    running.transaction.begin = this.#committed
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

function tookTooLong(timeoutMs: number | undefined): Error {
  return streamError(
    'TRANSACTION_TIMEOUT',
    `the function given to write() took longer than ${timeoutMs} ms, and every other write waited; do slow work before it, and begin writes of the same stream inside it with tx.join()`,
    { details: { timeoutMs } },
  )
}
