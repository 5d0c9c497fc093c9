import { describe } from './descriptor-record.ts'
import { fieldBounds, fieldKeys, hasIndexedFields, objectOf } from './field-index.ts'
import type { EntryReader, Pointer, PreviousOptions, Transaction } from './interface-stream.ts'
import { STREAM_SPACE } from './key-space.ts'
import { TRANSACTION_BYTES_MAX } from './limits.ts'
import type { Numbering, NumberingMark } from './numbering.ts'
import { type KeyBounds, Overlay, type OverlayEntry } from './overlay.ts'
import { type PendingOperation, pendingBytes } from './pending-operation.ts'
import { SpaceTransaction, type TransactionHost } from './space-transaction.ts'
import type { StreamDescriptor } from './stream-descriptor.ts'
import { objectNotFound, streamError } from './stream-errors.ts'

const noBytes = new Uint8Array(0)

/** What a transaction needs of its surroundings. */
export interface TransactionContext {
  readonly numbering: Numbering
  /** What earlier transactions wrote that the index does not have yet. */
  readonly pending: () => Overlay
  /** The committed entries of a key space. */
  readonly reader: (space: number) => EntryReader
  /** The keys in the index of fields of a committed object; undefined when there is none. */
  readonly fieldsOf: (n: number) => Promise<readonly Uint8Array[] | undefined>
  /** Runs `fn` so that the writes it begins become part of `transaction`. */
  readonly joining: <T>(transaction: OpenTransaction, fn: () => T) => T
}

/** A later version of an object. */
export interface Revision {
  readonly n: number
  readonly body: Uint8Array
  readonly descriptor: StreamDescriptor | undefined
}

/** One transaction while it runs, whichever interfaces take part. */
export class OpenTransaction implements TransactionHost {
  readonly operations: PendingOperation[] = []
  /** Where the numbering goes back to when it is not committed. */
  begin: NumberingMark
  bytes = 0
  /** Whether it says that something is to be forgotten. */
  forgets = false
  readonly #context: TransactionContext
  readonly #own = new Overlay()
  #ownCount = 0
  #ended = false
  readonly #joined: Promise<unknown>[] = []

  constructor(context: TransactionContext) {
    this.#context = context
    this.begin = context.numbering.mark()
  }

  /** Whether other writes were joined to it. */
  get hasJoined(): boolean {
    return this.#joined.length > 0
  }

  /** The transaction as an interface with this key space sees it. */
  view(space: number): Transaction {
    return new SpaceTransaction(this, space)
  }

  get objects(): number {
    return this.#context.numbering.mark().objects
  }

  add(operation: PendingOperation): void {
    this.assertRunning()
    const bytes = this.bytes + pendingBytes(operation)
    if (bytes > TRANSACTION_BYTES_MAX) {
      throw streamError(
        'TRANSACTION_TOO_LARGE',
        `a transaction of over ${TRANSACTION_BYTES_MAX} bytes cannot be written at once; write it in several`,
        { details: { limit: TRANSACTION_BYTES_MAX } },
      )
    }
    this.bytes = bytes
    this.forgets ||= operation.type.startsWith('forget-')
    this.operations.push(operation)
  }

  append(space: number, body: Uint8Array, descriptor: StreamDescriptor | undefined): Pointer {
    this.assertRunning()
    if (descriptor === undefined) return this.#append(space, body, 0)
    const { definition } = descriptor
    const value = hasIndexedFields(definition) ? descriptor.decode(body) : undefined
    const number = this.#describe(descriptor)
    const pointer = this.#append(space, body, number)
    for (const key of fieldKeys(number, definition, value, pointer.n)) {
      this.add({ type: 'put', space: STREAM_SPACE, key, body: noBytes })
    }
    return pointer
  }

  async revise(
    space: number,
    { n, body, descriptor }: Revision,
    options?: PreviousOptions,
  ): Promise<Pointer> {
    this.assertRunning()
    if (n >= this.objects) throw objectNotFound(n)
    await this.unindex(n, options)
    const number = descriptor === undefined ? 0 : this.#describe(descriptor)
    if (options?.previous === 'forget') {
      this.add({ type: 'forget-object', space: STREAM_SPACE, n })
    }
    this.add({ type: 'revision', space, n, descriptor: number, body })
    if (descriptor !== undefined && hasIndexedFields(descriptor.definition)) {
      const keys = fieldKeys(number, descriptor.definition, descriptor.decode(body), n)
      for (const key of keys) this.add({ type: 'put', space: STREAM_SPACE, key, body: noBytes })
    }
    return { n, size: body.byteLength }
  }

  async unindex(n: number, options?: PreviousOptions): Promise<void> {
    if (!this.#context.numbering.hasIndexedFields) return
    await this.adopt(STREAM_SPACE, async (tx) => {
      const stored = (await this.#context.fieldsOf(n)) ?? []
      // A later version may wait to be committed.
      for (const key of [...stored, ...this.#pendingFields(n)]) tx.del(key, options)
    })
  }

  overlaid(space: number, key: Uint8Array): OverlayEntry | undefined {
    return this.#readOwn().get(space, key) ?? this.#context.pending().get(space, key)
  }

  overlaidWithin(space: number, bounds: KeyBounds): readonly OverlayEntry[] {
    const own = this.#readOwn()
    const pending = this.#context.pending().within(space, bounds)
    return [
      ...pending.filter(({ key }) => own.get(space, key) === undefined),
      ...own.within(space, bounds),
    ]
  }

  reader(space: number): EntryReader {
    return this.#context.reader(space)
  }

  join<T>(fn: () => T): T {
    this.assertRunning()
    return this.#context.joining(this, fn)
  }

  /** Runs another write as part of this one, at once; this one ends only when it has settled. */
  adopt<T>(space: number, fn: (tx: Transaction) => T | Promise<T>): Promise<T> {
    const work = new Promise<T>((resolve) => {
      this.assertRunning()
      resolve(fn(this.view(space)))
    })
    // Its failure is told to its caller, and by joinedDone to whoever ends this transaction.
    work.catch(() => undefined)
    this.#joined.push(work)
    return work
  }

  /** Settles when every joined write has: rejects with the first failure. */
  async joinedDone(): Promise<void> {
    for (let i = 0; i < this.#joined.length; i++) await this.#joined[i]
  }

  /** From now on it takes and reads nothing. */
  end(): void {
    this.#ended = true
  }

  assertRunning(): void {
    if (!this.#ended) return
    throw streamError(
      'TRANSACTION_ENDED',
      'the transaction has ended; use it only until the function given to write() settles, and await what it starts',
    )
  }

  #append(space: number, body: Uint8Array, descriptor: number): Pointer {
    this.add({ type: 'object', space, descriptor, body })
    return { n: this.#context.numbering.nextObject(), size: body.byteLength }
  }

  /** The keys in the index of fields of an object that is not committed yet. */
  #pendingFields(n: number): Uint8Array[] {
    const entries = this.overlaidWithin(STREAM_SPACE, fieldBounds)
    return entries.map(({ key }) => key).filter((key) => objectOf(key) === n)
  }

  #readOwn(): Overlay {
    if (this.#ownCount < this.operations.length) {
      this.#own.add(this.operations.slice(this.#ownCount), this)
      this.#ownCount = this.operations.length
    }
    return this.#own
  }

  #describe(descriptor: StreamDescriptor): number {
    const { number, isNew } = this.#context.numbering.descriptor(descriptor)
    if (isNew) this.add({ type: 'put', space: STREAM_SPACE, ...describe(number, descriptor) })
    return number
  }
}
