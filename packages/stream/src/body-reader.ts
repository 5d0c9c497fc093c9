import type { Block, WaitOptions } from '@datagram/log-core'
import { CHUNK_KIND, FRAME_KIND } from './frame.ts'
import { frameDamaged } from './frame-operation.ts'
import type { ReadOptions } from './interface-stream.ts'
import { blocksOf, entryDamaged, type Place } from './place.ts'
import type { BlockReader } from './kept-blocks.ts'

// Frames kept after reading: neighbours are read together (objects in order, values of one batch).
const FRAMES_KEPT = 32
// Chunks asked for at once: 4 MiB on their way, one round trip.
const CHUNKS_AT_ONCE = 16

/** Reads values and bodies out of the data log. */
export class BodyReader {
  readonly #log: BlockReader
  readonly #signal: AbortSignal
  readonly #frames = new Map<number, Block>()

  /** `signal` ends every wait. */
  constructor(log: BlockReader, signal: AbortSignal) {
    this.#log = log
    this.#signal = signal
  }

  /** The bytes at a place, or a part of them; always a copy. */
  async read(where: Place, options: ReadOptions = {}): Promise<Uint8Array> {
    const { start, end } = boundsIn(where.size, options)
    if (where.chunkBytes === undefined) {
      const payload = await this.#frame(where, options)
      return copyOf(payload.subarray(where.offset + start, where.offset + end))
    }
    const bytes = new Uint8Array(end - start)
    let filled = 0
    for await (const piece of this.stream(where, options)) {
      bytes.set(piece, filled)
      filled += piece.byteLength
    }
    return bytes
  }

  /** The bytes at a place, in pieces of at most a block; the next blocks are fetched ahead. */
  async *stream(
    where: Place,
    options: ReadOptions = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { start, end } = boundsIn(where.size, options)
    if (start === end) return
    if (where.chunkBytes === undefined) {
      yield await this.read(where, options)
      return
    }
    const { chunkBytes } = where
    const first = Math.floor(start / chunkBytes)
    const last = Math.ceil(end / chunkBytes)
    let ahead = this.#chunks(where, first, last, options)
    for (let window = first; window < last; window += CHUNKS_AT_ONCE) {
      const chunks = await ahead
      ahead = this.#chunks(where, window + CHUNKS_AT_ONCE, last, options)
      // A failure shows when it is awaited; until then it must not count as unhandled.
      ahead.catch(() => undefined)
      for (const [i, chunk] of chunks.entries()) {
        const at = (window + i) * chunkBytes
        yield chunk.subarray(Math.max(0, start - at), Math.min(chunkBytes, end - at))
      }
    }
  }

  async #frame({ block, offset, size }: Place, wait: WaitOptions): Promise<Uint8Array> {
    const frame = this.#frames.get(block) ?? (await this.#log.getBlock(block, this.#wait(wait)))
    if (frame.kind !== FRAME_KIND) throw entryDamaged(`block ${block} is no frame`)
    if (offset + size > frame.payload.byteLength) {
      throw entryDamaged(`its bytes lie beyond the end of block ${block}`)
    }
    this.#keep(block, frame)
    return frame.payload
  }

  /** Lets go of what it has kept of these blocks. */
  drop(blocks: { has(block: number): boolean }): void {
    for (const block of this.#frames.keys()) if (blocks.has(block)) this.#frames.delete(block)
  }

  #keep(block: number, frame: Block): void {
    this.#frames.delete(block)
    this.#frames.set(block, frame)
    if (this.#frames.size <= FRAMES_KEPT) return
    const [oldest] = this.#frames.keys()
    this.#frames.delete(oldest as number)
  }

  async #chunks(
    where: Place,
    from: number,
    to: number,
    wait: WaitOptions,
  ): Promise<readonly Uint8Array[]> {
    const numbers: number[] = []
    for (let i = from; i < Math.min(from + CHUNKS_AT_ONCE, to); i++) numbers.push(i)
    if (numbers.length === 0) return []
    const indexes = numbers.map((number) => where.block + number)
    const blocks = await this.#log.getBlocks(indexes, this.#wait(wait))
    return blocks.map((block, i) => checkedChunk(block, where, numbers[i] as number))
  }

  #wait({ signal, timeoutMs }: WaitOptions): WaitOptions {
    const either = signal === undefined ? this.#signal : AbortSignal.any([signal, this.#signal])
    return { signal: either, timeoutMs }
  }
}

/** The part of a body that is here whole: a view of it. */
export function partOf(body: Uint8Array, options: ReadOptions): Uint8Array {
  const { start, end } = boundsIn(body.byteLength, options)
  return body.subarray(start, end)
}

function boundsIn(size: number, { start = 0, end = size }: ReadOptions) {
  for (const bound of [start, end]) {
    if (!Number.isSafeInteger(bound) || bound < 0) {
      throw new TypeError('start and end are non-negative integers')
    }
  }
  const to = Math.min(end, size)
  return { start: Math.min(start, to), end: to }
}

function checkedChunk({ index, kind, payload }: Block, where: Place, number: number): Uint8Array {
  const { size, chunkBytes = size } = where
  const isLast = number === blocksOf(where) - 1
  const expected = isLast ? size - number * chunkBytes : chunkBytes
  if (kind !== CHUNK_KIND || payload.byteLength !== expected) {
    throw frameDamaged(`block ${index} is not the chunk of ${expected} bytes that it should be`)
  }
  return payload
}

function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}
