/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import type { BlockCipher } from '../block-cipher.ts'
import type { Block, BlockInput } from '../envelope.ts'
import { Lifecycle } from '../lifecycle.ts'
import type {
  AppendOptions,
  BlockRange,
  DownloadOptions,
  Durability,
  ForkNews,
  Log,
  LogAttachment,
  LogSupplier,
  Muxer,
} from '../log.ts'
import { logError } from '../log-errors.ts'
import type { HybridClock } from '../stamp.ts'
import type { WaitOptions } from '../waits.ts'
import { appendRefusal } from './append-refusal.ts'
import { type AppendContext, BlockAppends } from './block-appends.ts'
import { heldBytes, isWhole, treeBytes } from './held-bytes.ts'
import { LogPeers } from './log-peers.ts'
import { ForgottenBlocks } from './forgotten-blocks.ts'
import { readLocalBlocks } from './local-blocks.ts'
import type { LogHistory } from './log-history.ts'
import { obtainableBlocks } from './obtainable-blocks.ts'
import { rangesHere } from './reachable-blocks.ts'
import { openBlock } from './sealed-block.ts'
import { coded } from './storage-errors.ts'

const RANGE_WINDOW = 64

/** What a log needs of its store. */
export interface LogContext extends AppendContext {
  /** undefined: the key is not known, only sealed blocks can be moved; null: a plain log. */
  readonly cipher: BlockCipher | null | undefined
  readonly clock: HybridClock
  readonly history: LogHistory
  readonly durability: Durability
}

/** A log over one hypercore. */
export class HypercoreLog implements Log {
  readonly #core: Hypercore
  readonly #context: LogContext
  readonly #peers: LogPeers
  readonly #lifecycle = new Lifecycle('the log', 'LOG_CLOSED')
  readonly #appends: BlockAppends
  readonly #onClosed: (() => void)[] = []
  readonly #forgotten: ForgottenBlocks

  constructor(core: Hypercore, context: LogContext) {
    this.#core = core
    this.#context = context
    this.#peers = new LogPeers(core, this.#lifecycle.signal)
    this.#forgotten = new ForgottenBlocks(core)
    this.#appends = new BlockAppends(core, context)
    this.#lifecycle.opened()
    // Hypercore has closed the log's sessions by then; opened anew, what is here can be read.
    context.history.onForked(() => void this.close().catch(() => undefined))
  }

  get durability(): Durability {
    return this.#context.durability
  }

  get key(): Uint8Array {
    return this.#core.key
  }

  get discoveryKey(): Uint8Array {
    return this.#core.discoveryKey
  }

  get length(): number {
    return this.#core.length
  }

  get byteLength(): number {
    return this.#core.byteLength
  }

  get writable(): boolean {
    return this.#core.writable && this.#context.history.problem === undefined
  }

  get problem(): Error | undefined {
    return this.#context.history.problem
  }

  get isAwaited(): boolean {
    return this.#peers.isAwaited
  }

  append(
    blocks: BlockInput | Uint8Array | readonly (BlockInput | Uint8Array)[],
    { at }: AppendOptions = {},
  ): Promise<number> {
    const list = (Array.isArray(blocks) ? blocks : [blocks]) as (BlockInput | Uint8Array)[]
    let bytes = 0
    const batch = list.map((one) => {
      const block = one instanceof Uint8Array ? { payload: one } : one
      if (!(block?.payload instanceof Uint8Array)) throw new TypeError('a block is a Uint8Array')
      bytes += block.payload.byteLength
      return block
    })
    const refusal = this.#refusal(batch)
    if (refusal !== undefined) return Promise.reject(refusal)
    return this.#appends.add({ blocks: batch, at }, bytes)
  }

  async get(index: number, options?: WaitOptions): Promise<Uint8Array> {
    return (await this.getBlock(index, options)).payload
  }

  async getBlock(index: number, options: WaitOptions = {}): Promise<Block> {
    this.#lifecycle.assertOpen()
    this.#assertInRange(index)
    const [local = null] = await readLocalBlocks(this.#core, [index])
    if (local !== null) return this.#openLocal(index, local)
    const [block] = await this.#fetch([index], options)
    return block as Block
  }

  async getBlocks(indexes: readonly number[], options: WaitOptions = {}): Promise<Block[]> {
    this.#lifecycle.assertOpen()
    for (const index of indexes) this.#assertInRange(index)
    const locals = await readLocalBlocks(this.#core, indexes)
    const missing = indexes.filter((_, i) => locals[i] === null)
    const fetched = missing.length === 0 ? [] : await this.#fetch(missing, options)
    let next = 0
    return Promise.all(
      locals.map(async (local, i) =>
        local === null ? (fetched[next++] as Block) : this.#openLocal(indexes[i] as number, local),
      ),
    )
  }

  async has(index: number): Promise<boolean> {
    this.#lifecycle.assertOpen()
    return this.#core.core.bitfield.get(index)
  }

  here(range: BlockRange): BlockRange[] {
    this.#lifecycle.assertOpen()
    return rangesHere(this.#core, range)
  }

  async reachable(range: BlockRange, wait: WaitOptions = {}): Promise<BlockRange[]> {
    this.#lifecycle.assertOpen()
    return this.#peers.reachable(range, wait)
  }

  obtainable(limit: number): BlockRange[] {
    this.#lifecycle.assertOpen()
    if (limit > 0 && !this.isWhole) this.#peers.glance()
    return obtainableBlocks(this.#core, limit, (index) => this.#forgotten.endOf(index))
  }

  get isWhole(): boolean {
    return isWhole(this.#core)
  }

  async heldBytes(ranges?: readonly BlockRange[]): Promise<number> {
    this.#lifecycle.assertOpen()
    return heldBytes(this.#core, ranges)
  }

  async bytesOf(ranges: readonly BlockRange[]): Promise<number> {
    this.#lifecycle.assertOpen()
    return treeBytes(this.#core, ranges)
  }

  async *range({
    start = 0,
    end = this.length,
    ...wait
  }: Partial<BlockRange> & WaitOptions = {}): AsyncGenerator<Block, void, undefined> {
    // One window ahead: the next blocks are on their way while these are used.
    let ahead = this.#window(start, end, wait)
    for (let from = start; from < end; from += RANGE_WINDOW) {
      const blocks = await ahead
      ahead = this.#window(from + RANGE_WINDOW, end, wait)
      ahead.catch(() => undefined)
      yield* blocks
    }
  }

  async download({ ranges, ...options }: DownloadOptions = {}): Promise<readonly BlockRange[]> {
    this.#lifecycle.assertOpen()
    const asked = ranges ?? [{ start: 0, end: this.length }]
    for (const { end } of asked) if (end > 0) this.#assertInRange(end - 1)
    const wanted = asked.flatMap((range) => this.#forgotten.rest(range))
    const lacking = await this.#peers.download(wanted, options)
    await this.#forgotten.dropLate(wanted)
    return lacking
  }

  async update(wait: WaitOptions = {}): Promise<boolean> {
    this.#lifecycle.assertOpen()
    const before = this.length
    if (this.#core.writable) return false
    await this.#peers.update(wait)
    return this.length > before
  }

  async evict({ start, end }: BlockRange): Promise<void> {
    this.#lifecycle.assertOpen()
    if (start >= end) return
    this.#assertInRange(end - 1)
    await this.#forgotten.evict({ start, end })
  }

  async forget(range: BlockRange): Promise<void> {
    this.#lifecycle.assertOpen()
    await this.#forgotten.forget(range)
  }

  recall(range: BlockRange): void {
    this.#forgotten.recall(range)
    this.#peers.claim(range)
  }

  disclaim(range: BlockRange): void {
    this.#lifecycle.assertOpen()
    this.#peers.disclaim(range)
  }

  get forgotten(): readonly BlockRange[] {
    return this.#forgotten.ranges
  }

  holders(index: number): number {
    return this.#peers.holders(index)
  }

  async holdersOf(range: BlockRange, wait: WaitOptions = {}): Promise<number> {
    this.#lifecycle.assertOpen()
    return this.#peers.holdersOf(range, wait)
  }

  onAppend(listener: () => void): () => void {
    this.#core.on('append', listener)
    return () => {
      this.#core.off('append', listener)
    }
  }

  get treeHash(): Uint8Array {
    return this.#core.state.hash()
  }

  onForked(listener: (news: ForkNews) => void): () => void {
    return this.#context.history.onForked(listener)
  }

  supplyFrom(supplier: LogSupplier): () => void {
    return this.#peers.supplyFrom(supplier)
  }

  /** Calls back once when the log is about to close. */
  whenClosed(listener: () => void): void {
    this.#onClosed.push(listener)
  }

  attach(muxer: Muxer): LogAttachment {
    this.#lifecycle.assertOpen()
    return this.#peers.attach(muxer)
  }

  close(): Promise<void> {
    return this.#lifecycle.close(async () => {
      await this.#appends.idle()
      await this.#peers.detachAll()
      for (const listener of this.#onClosed) listener()
      await coded(() => this.#core.close())
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #refusal(batch: readonly BlockInput[]): Error | undefined {
    if (this.#lifecycle.state !== 'open') return this.#lifecycle.closedError()
    if (this.#context.history.problem !== undefined) return this.#context.history.problem
    return appendRefusal(batch, {
      isOwn: this.#core.writable,
      hasKey: this.#context.cipher !== undefined,
    })
  }

  async #fetch(indexes: readonly number[], wait: WaitOptions): Promise<Block[]> {
    this.#forgotten.assertNone(indexes)
    const fetch = this.#peers.fetch(wait)
    try {
      const blocks = await Promise.all(indexes.map((index) => fetch.block(index)))
      await this.#forgotten.dropLate(indexes.map((index) => ({ start: index, end: index + 1 })))
      this.#forgotten.assertNone(indexes)
      return await Promise.all(
        blocks.map((block, i) => openBlock(this.#core, this.#context, indexes[i] as number, block)),
      )
    } finally {
      fetch.close()
    }
  }

  #window(start: number, end: number, wait: WaitOptions): Promise<Block[]> {
    const indexes: number[] = []
    for (let i = start; i < Math.min(start + RANGE_WINDOW, end); i++) indexes.push(i)
    return this.getBlocks(indexes, wait)
  }

  // What was read from the disk is nobody else's.
  #openLocal(index: number, sealed: Uint8Array): Promise<Block> {
    return openBlock(this.#core, this.#context, index, sealed, { inPlace: true })
  }

  #assertInRange(index: number): void {
    if (!Number.isSafeInteger(index) || index < 0) {
      throw new TypeError('a block index is a non-negative integer')
    }
    if (index < this.length) return
    throw logError(
      'BLOCK_OUT_OF_RANGE',
      `block ${index} is beyond the log's length ${this.length}; update() may bring a newer length`,
    )
  }
}
