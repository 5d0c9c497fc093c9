import type { IndexEntry, RangeOptions } from '@datagram/indexer'
import type { WaitOptions } from '@datagram/log-core'
import b4a from 'b4a'
import { copiedPart, partOf } from './body-reader.ts'
import { assertObjectNumber } from './contents.ts'
import type {
  EntryReader,
  Pointer,
  PartOptions,
  PreviousOptions,
  PutOptions,
  Transaction,
  UpdateOptions,
} from './interface-stream.ts'
import { STREAM_SPACE } from './key-space.ts'
import { assertBody, assertKey } from './limits.ts'
import { mergedKeys, mergedRange } from './merged-range.ts'
import type { KeyBounds, OverlayEntry } from './overlay.ts'
import type { PendingOperation } from './pending-operation.ts'
import { pooledCopy } from './pooled-bytes.ts'
import { isObjectRange, objectNumbersIn, spanOf } from './read-target.ts'
import type { EntryRange, ObjectRange, Target } from './target.ts'
import type { StreamDescriptor } from './stream-descriptor.ts'

/** What the view of one key space needs of its transaction. */
export interface TransactionHost {
  /** How many objects there are, those of this transaction and of others before it among them. */
  readonly objects: number
  add(operation: PendingOperation): void
  append(space: number, body: Uint8Array, descriptor: StreamDescriptor | undefined): Pointer
  /** Appends a later version of an object. */
  revise(
    space: number,
    revision: { n: number; body: Uint8Array; descriptor: StreamDescriptor | undefined },
    options?: PreviousOptions,
  ): Promise<Pointer>
  /** Takes an object's fields out of the index of fields; the transaction ends only when that is done. */
  unindex(n: number, options?: PreviousOptions): Promise<void>
  /** What this transaction, or one before it that is not committed yet, says of a key. */
  overlaid(space: number, key: Uint8Array): OverlayEntry | undefined
  /** As {@link overlaid}, for all keys within bounds. */
  overlaidWithin(space: number, bounds: KeyBounds): readonly OverlayEntry[]
  /** The committed entries of a key space. */
  reader(space: number): EntryReader
  join<T>(fn: () => T): T
  /** Throws `TRANSACTION_ENDED` once it has. */
  assertRunning(): void
}

/** A transaction as one interface sees it: its own key space. */
export class SpaceTransaction implements Transaction {
  readonly #transaction: TransactionHost
  readonly #space: number

  constructor(transaction: TransactionHost, space: number) {
    this.#transaction = transaction
    this.#space = space
  }

  put(key: Uint8Array, value: Uint8Array, options?: PutOptions): void {
    assertKey(key)
    assertBody(value)
    const space = this.#space
    if (forgetsPrevious(options)) this.#forgetEntry(key)
    const body = options?.copy === false ? value : pooledCopy(value)
    this.#transaction.add({ type: 'put', space, key: pooledCopy(key), body })
  }

  del(key: Uint8Array, options?: PreviousOptions): void {
    assertKey(key)
    this.#transaction.add({ type: 'del', space: this.#space, key: pooledCopy(key) })
    if (forgetsPrevious(options)) this.#forgetEntry(key)
  }

  drop({ n }: Pick<Pointer, 'n'>): void {
    assertObjectNumber(n)
    this.#transaction.add({ type: 'retire', space: STREAM_SPACE, n })
    void this.#transaction.unindex(n)
  }

  forget(target: Target): void {
    if (target instanceof Uint8Array) return this.del(target, { previous: 'forget' })
    assertObjectNumber(target?.n)
    this.#transaction.add({ type: 'forget-object', space: STREAM_SPACE, n: target.n })
    void this.#transaction.unindex(target.n, { previous: 'forget' })
  }

  async forgetRange(range: EntryRange | ObjectRange): Promise<void> {
    if (isObjectRange(range)) {
      for (const n of objectNumbersIn(range, this.#transaction.objects)) this.forget({ n })
      return
    }
    const { from, to } = spanOf(range)
    const keys: Uint8Array[] = []
    for await (const key of this.keys({ gte: from, lt: to })) keys.push(key)
    for (const key of keys) this.del(key)
    this.#transaction.add({ type: 'forget-range', space: this.#space, from, to })
  }

  append<T>(value: T | Uint8Array | string, descriptor?: StreamDescriptor<T, unknown>): Pointer {
    const body = descriptor === undefined ? plainBody(value) : descriptor.encode(value as T)
    assertBody(body)
    return this.#transaction.append(this.#space, pooledCopy(body), descriptor)
  }

  async update<T>(
    { n }: Pick<Pointer, 'n'>,
    value: T | Uint8Array | string,
    { descriptor, previous }: UpdateOptions<T> = {},
  ): Promise<Pointer> {
    assertObjectNumber(n)
    forgetsPrevious({ previous })
    const encoded = descriptor === undefined ? plainBody(value) : descriptor.encode(value as T)
    assertBody(encoded)
    const revision = { n, body: pooledCopy(encoded), descriptor }
    return this.#transaction.revise(this.#space, revision, { previous })
  }

  join<T>(fn: () => T): T {
    return this.#transaction.join(fn)
  }

  async get(key: Uint8Array, options?: WaitOptions): Promise<Uint8Array | undefined> {
    return this.getNow(key, options)
  }

  getNow(
    key: Uint8Array,
    options?: WaitOptions,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    assertKey(key)
    this.#transaction.assertRunning()
    const overlaid = this.#transaction.overlaid(this.#space, key)
    if (overlaid === undefined) return this.#transaction.reader(this.#space).getNow(key, options)
    return overlaid.value === undefined ? undefined : b4a.from(overlaid.value)
  }

  async getPart(key: Uint8Array, options: PartOptions = {}): Promise<Uint8Array | undefined> {
    assertKey(key)
    this.#transaction.assertRunning()
    const overlaid = this.#transaction.overlaid(this.#space, key)
    if (overlaid === undefined) return this.#transaction.reader(this.#space).getPart(key, options)
    if (overlaid.value === undefined) return undefined
    const part = partOf(overlaid.value, options)
    return options.into === undefined ? b4a.from(part) : copiedPart(part, options)
  }

  async getMany(
    keys: readonly Uint8Array[],
    options?: WaitOptions,
  ): Promise<(Uint8Array | undefined)[]> {
    for (const key of keys) assertKey(key)
    this.#transaction.assertRunning()
    const overlaid = keys.map((key) => this.#transaction.overlaid(this.#space, key))
    const rest = keys.filter((_, i) => overlaid[i] === undefined)
    const read =
      rest.length === 0 ? [] : await this.#transaction.reader(this.#space).getMany(rest, options)
    let next = 0
    return overlaid.map((entry) => {
      if (entry === undefined) return read[next++]
      return entry.value === undefined ? undefined : b4a.from(entry.value)
    })
  }

  async has(key: Uint8Array, options?: WaitOptions): Promise<boolean> {
    assertKey(key)
    this.#transaction.assertRunning()
    const overlaid = this.#transaction.overlaid(this.#space, key)
    if (overlaid !== undefined) return overlaid.value !== undefined
    return this.#transaction.reader(this.#space).has(key, options)
  }

  range(options: RangeOptions = {}): AsyncIterableIterator<IndexEntry, undefined> {
    this.#transaction.assertRunning()
    const { reverse = false, limit = Number.POSITIVE_INFINITY, ...rest } = options
    const overlay = this.#transaction.overlaidWithin(this.#space, rest)
    const base = this.#transaction.reader(this.#space)
    if (overlay.length === 0) return base.range(options)
    // What the overlay takes out of the base must not count, so the limit is applied after merging.
    return mergedRange(base.range({ ...rest, reverse }), overlay, { reverse, limit })
  }

  keys(options: RangeOptions = {}): AsyncIterableIterator<Uint8Array, undefined> {
    this.#transaction.assertRunning()
    const { reverse = false, limit = Number.POSITIVE_INFINITY, ...rest } = options
    const overlay = this.#transaction.overlaidWithin(this.#space, rest)
    const base = this.#transaction.reader(this.#space)
    if (overlay.length === 0) return base.keys(options)
    return mergedKeys(base.keys({ ...rest, reverse }), overlay, { reverse, limit })
  }

  // What was written of it before this operation goes.
  #forgetEntry(key: Uint8Array): void {
    this.#transaction.add({ type: 'forget-entry', space: this.#space, key: b4a.from(key) })
  }
}

function forgetsPrevious({ previous = 'keep' }: PreviousOptions = {}): boolean {
  if (previous === 'keep' || previous === 'forget') return previous === 'forget'
  throw new TypeError("previous is 'keep' or 'forget'")
}

function plainBody(value: unknown): Uint8Array {
  if (typeof value === 'string') return b4a.from(value)
  if (value instanceof Uint8Array) return value
  throw new TypeError('an object is a Uint8Array or a string, unless a descriptor is given')
}
