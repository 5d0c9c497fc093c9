import type { Block, WaitOptions } from '@datagram/log-core'
import { CHUNK_KIND, FRAME_KIND } from './frame.ts'
import { frameDamaged } from './frame-operation.ts'
import type { PartOptions, ReadOptions } from './interface-stream.ts'
import { blocksOf, entryDamaged, type Place } from './place.ts'
import type { BlockReader } from './kept-blocks.ts'
import { RecentBlocks } from './recent-blocks.ts'

// Blocks kept after a part of them was read: the next part is asked for soon (objects in order, values of one
// batch, a large body in small pieces).
const KEPT_BYTES_MAX = 4 * 1024 * 1024
// Chunks asked for at once: 4 MiB on their way, one round trip.
const CHUNKS_AT_ONCE = 16

/** Reads values and bodies out of the data log. */
export class BodyReader {
  readonly #log: BlockReader
  readonly #signal: AbortSignal
  readonly #kept: RecentBlocks

  /** `signal` ends every wait. */
  constructor(log: BlockReader, signal: AbortSignal) {
    this.#log = log
    this.#signal = signal
    this.#kept = new RecentBlocks(KEPT_BYTES_MAX)
  }

  /** The bytes at a place, or a part of them: the receiver's alone. */
  async read(where: Place, options: PartOptions = {}): Promise<Uint8Array> {
    const { start, end } = boundsIn(where.size, options)
    if (where.chunkBytes === undefined) {
      const payload = await this.#frame(where, options)
      return copiedPart(payload.subarray(where.offset + start, where.offset + end), options)
    }
    if (options.into === undefined && blocksOf(where) === 1 && !isPart(where, options)) {
      // Of the one chunk that it is, nothing is kept: what was read is given on as it is.
      const [chunk] = await this.#chunks(where, 0, 1, options)
      return chunk as Uint8Array
    }
    const bytes = options.into?.subarray(0, end - start) ?? new Uint8Array(end - start)
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

  async #frame(place: Place, wait: WaitOptions): Promise<Uint8Array> {
    const { block, offset, size } = place
    const kept = this.#kept.get(block)
    const frame = kept ?? (await this.#log.getBlock(block, this.#wait(wait)))
    if (frame.kind !== FRAME_KIND) throw entryDamaged(`block ${block} is no frame`)
    if (offset + size > frame.payload.byteLength) {
      throw entryDamaged(`its bytes lie beyond the end of block ${block}`)
    }
    this.#log.assertHas?.(place, frame.payload)
    if (kept === undefined) this.#kept.add(block, frame)
    return frame.payload
  }

  /** Lets go of what it has kept of these blocks. */
  drop(blocks: { has(block: number): boolean }): void {
    this.#kept.drop(blocks)
  }

  async #chunks(
    where: Place,
    from: number,
    to: number,
    wait: ReadOptions,
  ): Promise<readonly Uint8Array[]> {
    const numbers: number[] = []
    for (let i = from; i < Math.min(from + CHUNKS_AT_ONCE, to); i++) numbers.push(i)
    if (numbers.length === 0) return []
    const indexes = numbers.map((number) => where.block + number)
    const blocks = await this.#blocks(indexes, this.#wait(wait), isPart(where, wait))
    return blocks.map((block, i) => checkedChunk(block, where, numbers[i] as number))
  }

  async #blocks(
    indexes: readonly number[],
    wait: WaitOptions,
    keep: boolean,
  ): Promise<readonly Block[]> {
    const kept = indexes.map((index) => this.#kept.get(index))
    const missing = indexes.filter((_, i) => kept[i] === undefined)
    const read = missing.length === 0 ? [] : await this.#log.getBlocks(missing, wait)
    if (keep) read.forEach((block, i) => this.#kept.add(missing[i] as number, block))
    let next = 0
    return kept.map((block) => block ?? (read[next++] as Block))
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

/** A copy of bytes, where the options say. */
export function copiedPart(bytes: Uint8Array, { into }: PartOptions): Uint8Array {
  if (into === undefined) return new Uint8Array(bytes)
  into.set(bytes)
  return into.subarray(0, bytes.byteLength)
}

// Whether some bytes of a body are read and others are not.
function isPart({ size }: Place, { start = 0, end = size }: ReadOptions): boolean {
  return start > 0 || end < size
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
