import { batchesBackwards } from './batches-backwards.ts'
import type { Frame } from './frame.ts'
import { isNumbered } from './frame-operation.ts'
import type { BlockReader } from './kept-blocks.ts'

const FIRST_CAPACITY = 1024
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
// Objects have numbers, and no key space.
const OBJECTS = 256

/**
 * Which frames of a data log name a key or an object, by a hash of 32 bits: 12 bytes of memory for each operation.
 * Each frame is read once, when somebody first asks after it was written.
 */
export class FrameNames {
  #hashes = new Uint32Array(FIRST_CAPACITY)
  #blocks = new Float64Array(FIRST_CAPACITY)
  #count = 0
  #end = 1

  /** Reads the frames up to `to`, the end of a batch, that it has not read yet. */
  async advance(log: BlockReader, to: number): Promise<void> {
    const from = this.#end
    for await (const { frames } of batchesBackwards(log, { from, to })) {
      for (const { block, frame } of frames) this.#take(block, frame)
    }
    this.#end = Math.max(from, to)
  }

  /** The frames that may name one of these (see {@link entryName}, {@link objectName}), ascending. */
  framesOf(names: Iterable<number>): number[] {
    const wanted = new Set(names)
    const blocks = new Set<number>()
    for (let i = 0; i < this.#count; i++) {
      if (wanted.has(this.#hashes[i] as number)) blocks.add(this.#blocks[i] as number)
    }
    return [...blocks].sort((a, b) => a - b)
  }

  /** Every frame that names anything, ascending. */
  all(): number[] {
    return [...new Set(this.#blocks.subarray(0, this.#count))].sort((a, b) => a - b)
  }

  #take(block: number, { firstObject = 0, operations }: Frame): void {
    let n = firstObject
    for (const operation of operations) {
      if ('key' in operation) this.#add(entryName(operation.space, operation.key), block)
      else if (operation.type === 'object') this.#add(objectName(n), block)
      else if (operation.type === 'revision') this.#add(objectName(operation.n), block)
      if (isNumbered(operation)) n++
    }
  }

  #add(hash: number, block: number): void {
    if (this.#count === this.#hashes.length) this.#grow()
    this.#hashes[this.#count] = hash
    this.#blocks[this.#count] = block
    this.#count++
  }

  #grow(): void {
    const hashes = new Uint32Array(2 * this.#count)
    const blocks = new Float64Array(2 * this.#count)
    hashes.set(this.#hashes)
    blocks.set(this.#blocks)
    this.#hashes = hashes
    this.#blocks = blocks
  }
}

/** The hash of a key of a key space (FNV-1a). */
export function entryName(space: number, key: Uint8Array): number {
  let hash = mixed(FNV_OFFSET, space)
  for (const byte of key) hash = mixed(hash, byte)
  return hash >>> 0
}

/** The hash of an object's number. */
export function objectName(n: number): number {
  let hash = mixed(FNV_OFFSET, OBJECTS)
  for (let rest = n; rest > 0; rest = Math.floor(rest / 256)) hash = mixed(hash, rest % 256)
  return hash >>> 0
}

function mixed(hash: number, value: number): number {
  return Math.imul(hash ^ value, FNV_PRIME)
}
