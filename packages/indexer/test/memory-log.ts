import {
  type Block,
  type BlockInput,
  type BlockRange,
  type DownloadOptions,
  type Log,
  type WaitOptions,
} from '@datagram/log-core'
import { DatagramError } from '@datagram/errors'
import { joinRanges } from '../src/run.ts'

/** A log in memory: for tests with very many operations, or that script what can be fetched. */
export class MemoryLog implements Log {
  readonly key = new Uint8Array(32)
  readonly discoveryKey = new Uint8Array(32)
  problem: Error | undefined
  writable = true
  readonly isAwaited = false
  readonly blocks: (Block | undefined)[] = []
  /** Set to make the next appends fail. */
  failure: Error | undefined
  readonly #listeners = new Set<() => void>()

  /** Another log with the same blocks. */
  copy(): MemoryLog {
    const copy = new MemoryLog()
    copy.blocks.push(...this.blocks)
    return copy
  }

  get length(): number {
    return this.blocks.length
  }

  /** Payload bytes of the blocks that are here. */
  get bytes(): number {
    return this.blocks.reduce((sum, block) => sum + (block?.payload.length ?? 0), 0)
  }

  get byteLength(): number {
    return this.bytes
  }

  async append(
    input: BlockInput | Uint8Array | readonly (BlockInput | Uint8Array)[],
  ): Promise<number> {
    await undefined
    if (this.failure !== undefined) throw this.failure
    const first = this.blocks.length
    const list = (Array.isArray(input) ? input : [input]) as readonly (BlockInput | Uint8Array)[]
    const blocks = list.map((one) => (one instanceof Uint8Array ? { payload: one } : one))
    blocks.forEach(({ kind = 0, payload }: BlockInput, i) => {
      this.blocks.push({
        index: first + i,
        kind,
        writer: 0,
        stamp: { ms: Date.now(), counter: 0 },
        batchEnd: i === list.length - 1,
        payload,
      })
    })
    for (const listener of this.#listeners) listener()
    return first
  }

  async get(index: number, options?: WaitOptions): Promise<Uint8Array> {
    return (await this.getBlock(index, options)).payload
  }

  async getBlock(index: number, options?: WaitOptions): Promise<Block> {
    const [block] = await this.getBlocks([index], options)
    return block as Block
  }

  async getBlocks(indexes: readonly number[], _options?: WaitOptions): Promise<Block[]> {
    await undefined
    return indexes.map((index) => {
      const block = this.blocks[index]
      if (block !== undefined) return block
      throw new DatagramError('BLOCK_UNAVAILABLE', `block ${index} is nowhere`)
    })
  }

  async has(index: number): Promise<boolean> {
    return this.blocks[index] !== undefined
  }

  get isWhole(): boolean {
    return !this.blocks.includes(undefined)
  }

  obtainable(_limit: number): BlockRange[] {
    return []
  }

  async heldBytes(): Promise<number> {
    return this.bytes
  }

  async bytesOf(): Promise<number> {
    return 0
  }

  here({ start, end }: BlockRange): BlockRange[] {
    return this.rangesOf(start, end, (index) => this.blocks[index] !== undefined)
  }

  async reachable(range: BlockRange): Promise<BlockRange[]> {
    return this.here(range)
  }

  protected rangesOf(start: number, end: number, holds: (index: number) => boolean): BlockRange[] {
    const blocks = Array.from({ length: end - start }, (_, i) => start + i).filter(holds)
    return joinRanges(blocks.map((block) => ({ start: block, end: block + 1 })))
  }

  async *range({ start = 0, end = this.length }: Partial<BlockRange> = {}) {
    for (let i = start; i < end; i++) yield await this.getBlock(i)
  }

  async download({ ranges = [] }: DownloadOptions = {}): Promise<readonly BlockRange[]> {
    const blocks = ranges.flatMap(({ start, end }) =>
      Array.from({ length: end - start }, (_, i) => start + i),
    )
    await this.getBlocks(blocks)
    return []
  }

  async update(_options?: WaitOptions): Promise<boolean> {
    return false
  }

  async evict({ start, end }: BlockRange): Promise<void> {
    if (this.failure !== undefined) throw this.failure
    for (let i = start; i < end; i++) this.blocks[i] = undefined
  }

  async forget(range: BlockRange): Promise<void> {
    await this.evict(range)
  }

  recall(): void {}

  disclaim(): void {}

  readonly forgotten: readonly BlockRange[] = []

  holders(): number {
    return 0
  }

  async holdersOf(): Promise<number> {
    return 0
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  supplyFrom(): () => void {
    return () => undefined
  }

  attach(): never {
    throw new TypeError('a log in memory is not replicated')
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
