import type { Socket } from 'node:net'
import {
  type Dispatcher,
  type Frame,
  type FrameWaiter,
  type Reply,
  Session,
  type SessionSink,
} from '@datagram/kv-interface/redis'
import { ReplyWriter } from './reply-writer.ts'
import { ProtocolError, type RequestLimits, RequestParser } from './request-parser.ts'

// Answers that a client has not taken: above the first nothing more is read from it, above the second one
// that only listens is cut off.
const UNSENT_BYTES_MAX = 1024 * 1024
const LISTENER_BYTES_MAX = 32 * 1024 * 1024
// Commands of a client that wait for one of its own.
const QUEUED_MAX = 1024

/** Answers that may be sent once their frame has settled. */
interface Segment {
  readonly frame: Frame | undefined
  readonly bytes: Buffer
  /** How many of them answer a command. */
  readonly answers: number
}

/** What a client's own commands may do with it. */
export interface ClientHost {
  readonly dispatcher: Dispatcher
  readonly limits: RequestLimits
  /** Whether a password is asked for. */
  readonly needsPassword: () => boolean
  readonly gone: (client: Client) => void
}

/** One connection of a Redis client: reads commands, writes answers in order, holds what is not safe yet. */
export class Client implements SessionSink, FrameWaiter {
  readonly session: Session
  readonly openedAt = Date.now()
  readonly socket: Socket
  name = ''
  library = ''
  libraryVersion = ''
  lastCommand = 'NULL'
  lastAt = Date.now()
  isAuthenticated: boolean
  /** Which answers it wants: CLIENT REPLY. */
  replies: 'on' | 'off' | 'skip' | 'skip-next' = 'on'
  readonly #host: ClientHost
  readonly #parser: RequestParser
  readonly #writer = new ReplyWriter()
  #frame: Frame | undefined
  #answers = 0
  #held: Segment[] = []
  #heldBytes = 0
  #isReading = false
  #isEnding = false

  constructor(socket: Socket, host: ClientHost) {
    this.socket = socket
    this.#host = host
    this.#parser = new RequestParser(host.limits)
    this.session = new Session(this)
    this.session.owner = this
    this.isAuthenticated = !host.needsPassword()
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('drain', () => this.#resume())
    socket.on('end', () => this.#gone())
    // What a broken connection tells of is told by its close.
    socket.on('error', () => undefined)
    socket.on('close', () => this.#gone())
  }

  reply(reply: Reply, frame: Frame | undefined): void {
    if (this.replies !== 'on' && this.#isUnwanted()) return
    this.#turnTo(frame)
    this.#writer.write(reply, this.session.protocol)
    this.#answers++
    if (!this.#isReading) this.flush()
  }

  push(items: readonly Reply[], frame: Frame | undefined): void {
    this.#turnTo(frame)
    this.#writer.push(items, this.session.protocol)
    if (!this.#isReading) this.flush()
    if (this.socket.writableLength > LISTENER_BYTES_MAX) this.socket.destroy()
  }

  /** Sends a line of MONITOR. */
  line(text: string): void {
    if (this.socket.writable) this.socket.write(`+${text}\r\n`)
  }

  frameSettled(): void {
    this.flush()
  }

  /** Sends what may be sent. */
  flush(): void {
    this.#cut()
    let count = 0
    while (count < this.#held.length && isSettled(this.#held[count] as Segment)) count++
    if (count > 0) this.#send(this.#held.splice(0, count))
    if (this.#isEnding && this.#held.length === 0) this.socket.destroySoon()
    this.#resume()
  }

  /** Ends the connection once all answers are sent. */
  end(): void {
    this.#isEnding = true
    this.session.queue.length = 0
  }

  /** Whether the client ends: it is read no more. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  #read(chunk: Buffer): void {
    this.#isReading = true
    this.#parser.isTrusted = this.isAuthenticated
    try {
      this.#parser.push(chunk, (args) => {
        if (this.#isEnding) return
        this.lastAt = Date.now()
        this.#host.dispatcher.submit(this.session, args)
      })
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.reply(error, this.#frame)
      this.end()
    } finally {
      this.#isReading = false
    }
    this.flush()
    if (this.#isBehind()) this.socket.pause()
  }

  // Whether the client sends more than it takes, or than can be carried out.
  #isBehind(): boolean {
    return (
      this.socket.writableLength > UNSENT_BYTES_MAX ||
      this.#heldBytes > UNSENT_BYTES_MAX ||
      this.session.queue.length > QUEUED_MAX
    )
  }

  #resume(): void {
    if (this.socket.isPaused() && !this.#isBehind()) this.socket.resume()
  }

  #isUnwanted(): boolean {
    if (this.replies === 'skip-next') this.replies = 'skip'
    else if (this.replies === 'skip') this.replies = 'on'
    return true
  }

  // Answers of one frame are sent together.
  #turnTo(frame: Frame | undefined): void {
    if (frame === this.#frame) return
    this.#cut()
    this.#frame = frame
    frame?.waiters.add(this)
  }

  #cut(): void {
    if (this.#writer.length === 0) return
    const bytes = this.#writer.take()
    this.#held.push({ frame: this.#frame, bytes, answers: this.#answers })
    this.#heldBytes += bytes.length
    this.#answers = 0
  }

  #send(segments: readonly Segment[]): void {
    const chunks = segments.map((segment) => {
      this.#heldBytes -= segment.bytes.length
      const error = segment.frame?.error
      return error === undefined ? segment.bytes : failures(segment.answers, error)
    })
    if (this.socket.writable) {
      this.socket.write(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
    }
  }

  #gone(): void {
    if (this.session.isClosed) return
    this.#host.dispatcher.engine.leave(this.session)
    this.#host.gone(this)
    this.socket.destroy()
  }
}

function isSettled({ frame }: Segment): boolean {
  return frame === undefined || frame.settled
}

// What was answered is not in the data log: each command is told so instead.
function failures(count: number, error: unknown): Buffer {
  const text = String((error as Error)?.message ?? error).replace(/[\r\n]/g, ' ')
  return Buffer.from(`-MISCONF the write could not be appended: ${text}\r\n`.repeat(count))
}
