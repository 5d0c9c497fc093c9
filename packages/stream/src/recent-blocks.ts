import type { Block } from '@datagram/log-core'

/** Blocks that were read lately, up to so many bytes of payload; at least the last one. */
export class RecentBlocks {
  readonly #bytesMax: number
  readonly #blocks = new Map<number, Block>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get(index: number): Block | undefined {
    const block = this.#blocks.get(index)
    if (block !== undefined) {
      this.#blocks.delete(index)
      this.#blocks.set(index, block)
    }
    return block
  }

  add(index: number, block: Block): void {
    this.#delete(index)
    this.#blocks.set(index, block)
    this.#bytes += block.payload.byteLength
    for (const oldest of this.#blocks.keys()) {
      if (this.#bytes <= this.#bytesMax || oldest === index) return
      this.#delete(oldest)
    }
  }

  /** Lets go of these. */
  drop(blocks: { has(block: number): boolean }): void {
    for (const index of this.#blocks.keys()) if (blocks.has(index)) this.#delete(index)
  }

  #delete(index: number): void {
    this.#bytes -= this.#blocks.get(index)?.payload.byteLength ?? 0
    this.#blocks.delete(index)
  }
}
