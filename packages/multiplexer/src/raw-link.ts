import { multiplexerError } from './multiplexer-errors.ts'
import { HANDSHAKE_PIECE_BYTES_MAX } from './limits.ts'
import { Pace, type Paces } from './pace.ts'
import { PacedPieces } from './paced-pieces.ts'

/**
 * Any stream of bytes in both directions: a socket, a pipe, Node's or streamx's `Duplex`. Structural,
 * so that no particular stream library is asked for.
 */
export interface RawStream {
  // biome-ignore lint: the events of a stream have arguments of many kinds
  on(event: string, listener: (...values: never[]) => void): unknown
  write(data: Uint8Array): boolean
  end(): unknown
  destroy(error?: Error): unknown
  pause(): unknown
  resume(): unknown
}

type Listener = (value: never) => void

/**
 * The stream below the encryption, as the Noise stream sees it: it counts the bytes, remembers when the
 * peer was last heard and how the stream ended, and refuses pieces that are longer than the peer may
 * send now, before memory is taken for them.
 *
 * A piece is what the Noise stream frames: three bytes of length, little endian, then so many bytes.
 */
export class RawLink {
  readonly #stream: RawStream
  /** Longest piece that is let through after those of the handshake. */
  pieceBytesMax: number
  bytesIn = 0
  bytesOut = 0
  heardAtMs = performance.now()
  /** Why the stream failed by itself, when it did. */
  failure: Error | undefined
  /** Whether the peer has ended the stream, as opposed to its being cut. */
  ended = false
  readonly #handshakePieces: number
  // Until the peer is known, what crosses is not limited: it is the handshake.
  readonly #out = new PacedPieces(
    new Pace(Number.POSITIVE_INFINITY),
    (data) => this.#send(data),
    () => this.#sent(),
  )
  readonly #in = new PacedPieces(
    new Pace(Number.POSITIVE_INFINITY),
    (data) => this.#receive(data),
    () => this.#resumeMaybe(),
  )
  #onData: Listener = () => undefined
  #onDrain: Listener = () => undefined
  #isFull = false
  #isPaused = false
  #ending = false
  #writing = false
  #waiting: Uint8Array[] = []
  #delivering = false
  #destroyed = false
  #pieces = 0
  #headBytes = 0
  #pieceBytes = 0
  #missingBytes = 0

  constructor(stream: RawStream, handshakePieces: number, pieceBytesMax: number) {
    this.#stream = stream
    this.#handshakePieces = handshakePieces
    this.pieceBytesMax = pieceBytesMax
    stream.on('error', (error: Error) => {
      // What is destroyed from above only repeats the error that it was destroyed with.
      if (!this.#destroyed) this.failure ??= error
    })
    stream.on('end', () => {
      this.ended = true
    })
  }

  on(event: string, listener: Listener): this {
    if (event === 'data') {
      this.#onData = listener
      this.#stream.on('data', (data: Uint8Array) => {
        if (!this.#in.add(data)) this.#stream.pause()
      })
    } else if (event === 'drain') {
      this.#onDrain = listener
      this.#stream.on('drain', () => {
        this.#isFull = false
        if (this.#out.isEmpty) listener(undefined as never)
      })
    } else {
      this.#stream.on(event, (value: never) => {
        // What came before has to be read before.
        if (event === 'end' || event === 'close') {
          this.#in.flush()
          this.#deliverWaiting()
        }
        listener(value)
      })
    }
    return this
  }

  /** From now on no more crosses than these limits allow. */
  limit({ in: inwards, out }: Paces): void {
    this.#in.pace = inwards
    this.#out.pace = out
  }

  write(data: Uint8Array): boolean {
    return this.#out.add(data) && !this.#isFull
  }

  end(): void {
    this.#ending = true
    if (this.#out.isEmpty) this.#stream.end()
  }

  destroy(error?: Error): void {
    this.#destroyed = true
    this.#out.clear()
    this.#in.clear()
    this.#stream.destroy(error)
  }

  pause(): void {
    this.#isPaused = true
    this.#stream.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#resumeMaybe()
  }

  #send(data: Uint8Array): void {
    this.bytesOut += data.byteLength
    this.#writing = true
    try {
      if (!this.#stream.write(data)) this.#isFull = true
    } finally {
      this.#writing = false
    }
  }

  #sent(): void {
    if (this.#ending) this.#stream.end()
    else if (!this.#isFull) this.#onDrain(undefined as never)
  }

  #resumeMaybe(): void {
    if (!this.#isPaused && this.#in.isEmpty) this.#stream.resume()
  }

  // A pair of streams in memory may bring the answer while the question is still being written; the
  // Noise stream does not expect that.
  #receive(data: Uint8Array): void {
    if (!this.#writing && this.#waiting.length === 0) return this.#deliver(data)
    this.#waiting.push(data)
    if (this.#waiting.length === 1) process.nextTick(() => this.#deliverWaiting())
  }

  #deliverWaiting(): void {
    if (this.#delivering) return
    this.#delivering = true
    // What comes meanwhile lines up behind.
    for (const data of this.#waiting) this.#deliver(data)
    this.#waiting = []
    this.#delivering = false
  }

  #deliver(data: Uint8Array): void {
    if (this.#destroyed) return
    this.bytesIn += data.byteLength
    this.heardAtMs = performance.now()
    try {
      this.#followPieces(data)
      this.#onData(data as never)
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  #followPieces(data: Uint8Array): void {
    let offset = 0
    while (offset < data.byteLength) {
      const skipped = Math.min(this.#missingBytes, data.byteLength - offset)
      this.#missingBytes -= skipped
      offset += skipped
      while (this.#missingBytes === 0 && this.#headBytes < 3 && offset < data.byteLength) {
        this.#pieceBytes |= (data[offset++] as number) << (8 * this.#headBytes++)
      }
      if (this.#headBytes < 3) continue
      this.#assertPieceBytes()
      this.#pieces++
      this.#missingBytes = this.#pieceBytes
      this.#headBytes = this.#pieceBytes = 0
    }
  }

  #assertPieceBytes(): void {
    const isHandshake = this.#pieces < this.#handshakePieces
    const limit = isHandshake ? HANDSHAKE_PIECE_BYTES_MAX : this.pieceBytesMax
    if (this.#pieceBytes <= limit) return
    throw multiplexerError(
      isHandshake ? 'HANDSHAKE_FAILED' : 'PEER_PROTOCOL_BROKEN',
      `the peer begins a message of ${this.#pieceBytes} bytes where at most ${limit} are allowed; the connection is closed, is it a Datagram peer?`,
      { details: { bytes: this.#pieceBytes, limit } },
    )
  }
}
