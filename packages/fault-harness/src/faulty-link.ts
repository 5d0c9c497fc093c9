import { Duplex } from 'node:stream'
import { Line, type LineOptions, type Piece } from './line.ts'
import { Random } from './random.ts'

/** How a link ends when it is cut. */
export type CutStyle =
  /** Both ends are destroyed with `ECONNRESET`, as when a router or a process dies. The default. */
  | 'reset'
  /** Both ends see the end of the stream, as when somebody closes in the middle of a message. */
  | 'end'
  /** Nothing arrives any more and nobody is told, as when a cable is pulled. */
  | 'silence'

export interface FaultyLinkOptions extends LineOptions {
  /** Of the random choices. Default 1. */
  readonly seed?: number
  /** Cuts the link when so many bytes have crossed it, both ways together; the last piece in part. */
  readonly cutAfterBytes?: number
  /** As `cutAfterBytes`, at a random number of bytes, `from` included, `to` not. */
  readonly cutAtRandom?: { readonly from: number; readonly to: number }
  readonly cutStyle?: CutStyle
}

/** What crossed a link since it was made, or since {@link reset}. */
export interface LinkTraffic {
  readonly bytesToA: number
  readonly bytesToB: number
  /** Both ways. */
  readonly bytes: number
  readonly pieces: number
  /**
   * Length of the longest chain of pieces each of which was sent after the one before it had arrived.
   * All that an end sends without having heard anything new is one flight. Meaningful with a delay of
   * some milliseconds, so that what an end says at once leaves before any answer can come.
   */
  readonly flights: number
  /** Half of {@link flights}: what a user waits for, in times of twice the delay. */
  readonly roundTrips: number
  /** Starts counting anew; pieces that are under way count as heard. */
  reset(): void
}

/** Two ends of one connection: what is written to one is read from the other. */
export interface FaultyLink {
  readonly a: Duplex
  readonly b: Duplex
  readonly traffic: LinkTraffic
  /** True once the link was cut. */
  readonly isCut: boolean
  /** Cuts it now. */
  cut(style?: CutStyle): void
}

/**
 * A connection in memory with the faults of a real one, all from one seed: latency, jitter, a limit
 * of bandwidth, a cut at a chosen or random byte. Its ends work wherever a socket does, as the raw
 * streams below a secret-stream for one.
 *
 * Bytes of one direction are never reordered; `reorder` mixes the deliveries of several links.
 */
export function faultyLink(options: FaultyLinkOptions = {}): FaultyLink {
  return new MemoryLink(options)
}

type Side = 0 | 1

class MemoryLink implements FaultyLink {
  readonly traffic = new Traffic()
  readonly a: Duplex
  readonly b: Duplex
  readonly #ends: readonly [LinkEnd, LinkEnd]
  /** `#lines[side]` carries what that side writes. */
  readonly #lines: readonly [Line, Line]
  readonly #cutStyle: CutStyle
  #bytesUntilCut: number
  #isCut = false

  constructor(options: FaultyLinkOptions) {
    const random = new Random(options.seed ?? 1)
    const { cutAtRandom, cutAfterBytes = Number.POSITIVE_INFINITY, cutStyle = 'reset' } = options
    this.#bytesUntilCut =
      cutAtRandom === undefined ? cutAfterBytes : random.between(cutAtRandom.from, cutAtRandom.to)
    this.#cutStyle = cutStyle
    this.#lines = [
      new Line(options, random.fork(), (piece) => this.#deliver(1, piece)),
      new Line(options, random.fork(), (piece) => this.#deliver(0, piece)),
    ]
    this.#ends = [this.#end(0), this.#end(1)]
    this.a = this.#ends[0]
    this.b = this.#ends[1]
  }

  get isCut(): boolean {
    return this.#isCut
  }

  cut(style: CutStyle = this.#cutStyle): void {
    if (this.#isCut) return
    this.#isCut = true
    for (const line of this.#lines) line.stop()
    for (const end of this.#ends) {
      if (style === 'reset') end.destroy(connectionReset())
      else if (style === 'end') end.push(null)
    }
  }

  #end(side: Side): LinkEnd {
    return new LinkEnd({
      write: (bytes, accepted) => {
        // A socket learns so that nobody is there any more.
        const other = this.#ends[opposite(side)]
        if (other.destroyed && !this.#isCut) this.#ends[side].destroy(connectionReset())
        this.#lines[side].send(this.traffic.sent(side, bytes), accepted)
      },
      end: () => this.#lines[side].send(this.traffic.sent(side, undefined), () => undefined),
      read: () => this.#lines[opposite(side)].resume(),
      destroyed: (error) => this.#onDestroyed(side, error),
    })
  }

  #onDestroyed(side: Side, error: Error | null): void {
    this.#lines[opposite(side)].stop()
    if (this.#isCut) return
    if (error === null) this.#lines[side].send(this.traffic.sent(side, undefined), () => undefined)
    else this.cut('reset')
  }

  #deliver(side: Side, piece: Piece): boolean {
    const end = this.#ends[side]
    if (end.destroyed) return true
    if (piece.bytes === undefined) {
      if (!end.readableEnded) end.push(null)
      return true
    }
    const bytes = piece.bytes.subarray(0, this.#bytesUntilCut)
    this.#bytesUntilCut -= bytes.byteLength
    this.traffic.arrived(side, { ...piece, bytes })
    const more = bytes.byteLength === 0 || end.push(bytes)
    // The last bytes are read before the cut is noticed.
    if (this.#bytesUntilCut === 0) setImmediate(() => this.cut())
    return more
  }
}

interface LinkEndHooks {
  write(bytes: Uint8Array, accepted: () => void): void
  end(): void
  read(): void
  destroyed(error: Error | null): void
}

class LinkEnd extends Duplex {
  readonly #hooks: LinkEndHooks

  constructor(hooks: LinkEndHooks) {
    super({ allowHalfOpen: true })
    this.#hooks = hooks
  }

  override _write(bytes: Uint8Array, _encoding: string, accepted: () => void): void {
    // The writer may use its buffer again.
    this.#hooks.write(Uint8Array.from(bytes), accepted)
  }

  override _final(done: () => void): void {
    this.#hooks.end()
    done()
  }

  override _read(): void {
    this.#hooks.read()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#hooks.destroyed(error)
    done(error)
  }
}

class Traffic implements LinkTraffic {
  bytesToA = 0
  bytesToB = 0
  pieces = 0
  flights = 0
  #heard: [number, number] = [0, 0]
  #epoch = 0

  get bytes(): number {
    return this.bytesToA + this.bytesToB
  }

  get roundTrips(): number {
    return this.flights / 2
  }

  reset(): void {
    this.bytesToA = this.bytesToB = this.pieces = this.flights = 0
    this.#heard = [0, 0]
    this.#epoch++
  }

  sent(side: Side, bytes: Uint8Array | undefined): Piece {
    return { bytes, depth: this.#heard[side] + 1, epoch: this.#epoch }
  }

  arrived(side: Side, { bytes, depth, epoch }: Piece): void {
    this.pieces++
    if (side === 0) this.bytesToA += bytes?.byteLength ?? 0
    else this.bytesToB += bytes?.byteLength ?? 0
    if (epoch !== this.#epoch) return
    this.#heard[side] = Math.max(this.#heard[side], depth)
    this.flights = Math.max(this.flights, depth)
  }
}

function opposite(side: Side): Side {
  return side === 0 ? 1 : 0
}

function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET (the faulty link was cut)'), {
    code: 'ECONNRESET',
    errno: -104,
    syscall: 'read',
  })
}
