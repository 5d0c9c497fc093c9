import type { DeliveryShuffle } from './delivery-shuffle.ts'
import type { Random } from './random.ts'

export interface LineOptions {
  /** Time from one end to the other, one way, in milliseconds. Default 0. */
  readonly delayMs?: number
  /** Up to so much more for each piece, at random; pieces stay in order. Default 0. */
  readonly jitterMs?: number
  /** Bandwidth of each direction. Default without limit. */
  readonly bytesPerSecond?: number
  /** Pieces larger than this are split at random places, as TCP may. Default never. */
  readonly pieceBytesMax?: number
  /** How much may be under way before the sender is asked to wait. Default 4 MiB. */
  readonly bufferBytes?: number
  /** Mixes the deliveries of this link with those of others. Default: as they are due. */
  readonly reorder?: DeliveryShuffle
}

/** Something under way: bytes, or the end of them. */
export interface Piece {
  readonly bytes: Uint8Array | undefined
  /** See {@link LinkTraffic.flights}. */
  readonly depth: number
  readonly epoch: number
}

const BUFFER_BYTES = 4 * 1024 * 1024

/** One direction of a link: takes bytes now and hands them over, in order, when they are due. */
export class Line {
  readonly #options: LineOptions
  readonly #random: Random
  /** Returns false when the receiver wants no more for now; it will call {@link resume}. */
  readonly #deliver: (piece: Piece) => boolean
  #queue: { piece: Piece; dueMs: number }[] = []
  #accepting: { bytes: number; accepted: () => void }[] = []
  #bytesUnderWay = 0
  #freeAtMs = 0
  #lastDueMs = 0
  #paused = false
  #waiting = false
  #stopped = false

  constructor(options: LineOptions, random: Random, deliver: (piece: Piece) => boolean) {
    this.#options = options
    this.#random = random
    this.#deliver = deliver
  }

  /** `accepted` is called when the line can take more. */
  send(piece: Piece, accepted: () => void): void {
    const bytes = piece.bytes?.byteLength ?? 0
    this.#bytesUnderWay += bytes
    for (const part of this.#parts(piece)) this.#enqueue(part)
    if (this.#bytesUnderWay <= (this.#options.bufferBytes ?? BUFFER_BYTES)) accepted()
    else this.#accepting.push({ bytes, accepted })
    this.#wait()
  }

  /** The receiver has room again. */
  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#wait()
  }

  /** Everything that is under way is lost, and all that is sent from now on. */
  stop(): void {
    this.#stopped = true
    this.#queue = []
    this.#bytesUnderWay = 0
    for (const { accepted } of this.#accepting.splice(0)) accepted()
  }

  *#parts(piece: Piece): Generator<Piece> {
    const { pieceBytesMax = Number.POSITIVE_INFINITY } = this.#options
    const { bytes } = piece
    if (bytes === undefined || bytes.byteLength <= pieceBytesMax) {
      yield piece
      return
    }
    for (let start = 0; start < bytes.byteLength; ) {
      const end = Math.min(bytes.byteLength, start + this.#random.between(1, pieceBytesMax + 1))
      yield { ...piece, bytes: bytes.subarray(start, end) }
      start = end
    }
  }

  #enqueue(piece: Piece): void {
    if (this.#stopped) return
    const { delayMs = 0, jitterMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = this.#options
    const now = performance.now()
    const bytes = piece.bytes?.byteLength ?? 0
    this.#freeAtMs = Math.max(now, this.#freeAtMs) + (bytes * 1000) / bytesPerSecond
    const dueMs = this.#freeAtMs + delayMs + jitterMs * this.#random.float()
    // What is sent later cannot arrive sooner.
    this.#lastDueMs = Math.max(this.#lastDueMs, dueMs)
    this.#queue.push({ piece, dueMs: this.#lastDueMs })
  }

  #wait(): void {
    const first = this.#queue[0]
    if (this.#waiting || this.#paused || first === undefined) return
    this.#waiting = true
    const waitMs = first.dueMs - performance.now()
    const pump = () => {
      this.#waiting = false
      this.#pump()
    }
    if (waitMs <= 0) setImmediate(pump)
    else setTimeout(pump, Math.ceil(waitMs))
  }

  #pump(): void {
    const now = performance.now()
    for (;;) {
      const first = this.#queue[0]
      if (this.#paused || first === undefined || first.dueMs > now) break
      this.#queue.shift()
      const { reorder } = this.#options
      if (reorder === undefined) this.#hand(first.piece)
      else reorder.schedule(this, () => this.#hand(first.piece))
    }
    this.#wait()
  }

  #hand(piece: Piece): void {
    if (this.#stopped) return
    this.#bytesUnderWay -= piece.bytes?.byteLength ?? 0
    if (!this.#deliver(piece)) this.#paused = true
    const limit = this.#options.bufferBytes ?? BUFFER_BYTES
    while (this.#bytesUnderWay <= limit) {
      const next = this.#accepting.shift()
      if (next === undefined) break
      next.accepted()
    }
  }
}
