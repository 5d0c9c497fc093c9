/// <reference path="../types/declarations.d.ts" />
import { type DatagramError, isDatagramError } from '@datagram/errors'
import type { NoiseKeyPair } from '@hyperswarm/secret-stream'
import { GuardedMuxer } from './guarded-muxer.ts'
import {
  HANDSHAKE_PIECES,
  type MultiplexerLimits,
  PIECE_BYTES_MAX,
  STRANGER_PIECE_BYTES_MAX,
} from './limits.ts'
import type { LogMessagesListener } from './log-messages.ts'
import { multiplexerError } from './multiplexer-errors.ts'
import { NoiseLink, type Tap } from './noise-link.ts'
import type { Paces } from './pace.ts'
import { RawLink, type RawStream } from './raw-link.ts'
import type { Role } from './stream-proof.ts'

export interface SecureLinkListener {
  /** The encryption is agreed; both keys and the hash of the handshake are known. */
  secured(): void
  /** The link is over, or about to be; called once, unless {@link SecureLink.end} was called before. */
  failed(reason: DatagramError): void
  /** Something failed that concerns the connection no more. */
  warned(error: Error): void
  /** The peer opens a channel; false when it opens too many. */
  mayOpen(): boolean
  /** As {@link MuxerGuard} has them; `id` is the discovery key of a log. */
  logOpening(id: Uint8Array): void | Promise<void>
  logOpened(id: Uint8Array): void
  logClosed(id: Uint8Array): void
  watchLog(id: Uint8Array): LogMessagesListener
  /** Called now and then; what it throws ends the link. */
  look(): void
}

export interface SecureLinkOptions {
  readonly initiator: boolean
  readonly keyPair: NoiseKeyPair
  readonly tap: Tap | undefined
  readonly limits: MultiplexerLimits
}

// How long the other side may take to end the stream after we have; then it is cut.
const FAREWELL_MS = 1000

/**
 * A raw stream made into an encrypted, muxed one, and all the ways in which it may end: each end has
 * a coded reason, and no error of the streams below goes unheard.
 */
export class SecureLink {
  readonly role: Role
  readonly muxer: GuardedMuxer
  /** Resolves when the link is over, with why; undefined when this side has ended it. */
  readonly over: Promise<DatagramError | undefined>
  readonly #raw: RawLink
  readonly #noise: NoiseLink
  readonly #listener: SecureLinkListener
  readonly #silenceMs: number
  readonly #watch: NodeJS.Timeout
  #deadline: NodeJS.Timeout | undefined
  #farewell: NodeJS.Timeout | undefined
  #secured = false
  #ending = false
  #reason: DatagramError | undefined

  constructor(stream: RawStream, listener: SecureLinkListener, options: SecureLinkOptions) {
    const { initiator, keyPair, tap, limits } = options
    this.#listener = listener
    this.role = initiator ? 'initiator' : 'responder'
    this.#raw = new RawLink(stream, HANDSHAKE_PIECES[this.role], STRANGER_PIECE_BYTES_MAX)
    // A Noise stream whose handshake has not ended does not look at the end of its stream.
    this.#raw.on('end', () => this.#secured || this.fail(peerClosed()))
    const { keepAliveMs } = limits
    this.#noise = new NoiseLink(initiator, this.#raw, { keyPair, keepAliveMs, tap })
    this.muxer = new GuardedMuxer(this.#noise, {
      onBroken: (error) => this.fail(error),
      onWarning: (error) => listener.warned(error),
      mayOpen: () => listener.mayOpen(),
      onLogOpening: (id) => listener.logOpening(id),
      onLogOpened: (id) => listener.logOpened(id),
      onLogClosed: (id) => listener.logClosed(id),
      watchLog: (id) => listener.watchLog(id),
    })
    this.over = new Promise((resolve) => {
      this.#noise.on('close', () => resolve(this.#closed()))
    })
    this.#noise.on('error', (error) => this.fail(error))
    this.#noise.on('connect', () => {
      this.#secured = true
      listener.secured()
    })
    this.#silenceMs = limits.silenceMs
    const lookMs = Math.min(limits.silenceMs, limits.answerMs) / 4
    this.#watch = setInterval(() => this.#look(), lookMs).unref()
    this.expect(limits.handshakeTimeoutMs, 'did not agree on the encryption')
  }

  /** Whether the encryption is agreed. */
  get isSecured(): boolean {
    return this.#secured
  }

  /** Resolves when the encryption is agreed, or never will be. */
  get opened(): Promise<boolean> {
    return this.#noise.opened
  }

  /** Hash of this connection's handshake, 64 bytes; known once it is secured. */
  get handshakeHash(): Uint8Array {
    return this.#noise.handshakeHash as Uint8Array
  }

  /** The peer's key; known once it is secured. */
  get peerKey(): Uint8Array {
    return this.#noise.remotePublicKey as Uint8Array
  }

  /** Why the link failed, when it did. */
  get reason(): DatagramError | undefined {
    return this.#reason
  }

  get bytes() {
    const { bytesIn: rawBytesIn, bytesOut: rawBytesOut } = this.#raw
    const { plainBytesIn, plainBytesOut } = this.#noise
    return { rawBytesIn, rawBytesOut, plainBytesIn, plainBytesOut }
  }

  /** The peer is no stranger: it may send as large pieces as blocks need. */
  trust(): void {
    this.#raw.pieceBytesMax = PIECE_BYTES_MAX
  }

  /** No more crosses from now on than these limits allow. */
  limit(paces: Paces): void {
    this.#raw.limit(paces)
  }

  /** Gives the peer so long for its next step; {@link met} stops the clock. */
  expect(timeoutMs: number, what: string): void {
    this.met()
    const late = () => {
      const message = `the peer ${what} within ${timeoutMs} ms; is it a Datagram peer of this version?`
      this.fail(multiplexerError('PEER_TIMEOUT', message, { details: { timeoutMs } }))
    }
    this.#deadline = setTimeout(() => {
      // Once more around the loop: after a long computation of ours the step may be there, unread.
      const deadline = this.#deadline
      setImmediate(() => this.#deadline === deadline && late())
    }, timeoutMs)
  }

  met(): void {
    clearTimeout(this.#deadline)
    this.#deadline = undefined
  }

  /** Cuts the link. An error without a code gets one, by where the link stands. */
  fail(error: Error): void {
    if (this.#reason !== undefined) return
    this.#reason = this.#coded(error)
    this.#noise.destroy(this.#reason)
    if (this.#ending) return
    this.#ending = true
    this.#listener.failed(this.#reason)
  }

  /** Ends the link in good order, after what was written; resolves when it is over, with why. */
  end(): Promise<DatagramError | undefined> {
    this.#ending = true
    if (this.#reason === undefined && this.#farewell === undefined) {
      if (this.#secured) this.#noise.end()
      else this.#noise.destroy()
      this.#farewell = setTimeout(() => this.#noise.destroy(), FAREWELL_MS)
    }
    return this.over
  }

  #closed(): DatagramError | undefined {
    this.met()
    clearInterval(this.#watch)
    clearTimeout(this.#farewell)
    if (!this.#ending) this.fail(this.#howItEnded())
    return this.#farewell === undefined ? this.#reason : undefined
  }

  #howItEnded(): DatagramError {
    if (this.#raw.failure !== undefined) return this.#coded(this.#raw.failure)
    return this.#raw.ended ? peerClosed() : lost()
  }

  #coded(error: Error): DatagramError {
    if (isDatagramError(error)) return error
    const { failure } = this.#raw
    if (failure !== undefined) return lost(failure)
    if (!this.#secured) {
      return multiplexerError(
        'HANDSHAKE_FAILED',
        'no encryption could be agreed with the peer; is it a Datagram peer, and does one of the two sides connect as initiator?',
        { cause: error },
      )
    }
    return multiplexerError(
      'PEER_PROTOCOL_BROKEN',
      `the peer has sent what cannot be understood (${error.message}); the connection is closed`,
      { cause: error },
    )
  }

  #look(): void {
    const isSilent = () => performance.now() - this.#raw.heardAtMs > this.#silenceMs
    if (!isSilent()) return this.#lookCloser()
    // As with deadlines: what came while this side was busy is read first.
    setImmediate(() => {
      if (!isSilent() || this.#ending) return
      const message = `nothing was heard of the peer for ${this.#silenceMs} ms; connect again`
      this.fail(
        multiplexerError('PEER_SILENT', message, { details: { silenceMs: this.#silenceMs } }),
      )
    })
  }

  #lookCloser(): void {
    try {
      this.#listener.look()
    } catch (error) {
      this.fail(error as Error)
    }
  }
}

/** The error of a connection that the peer has ended. */
export function peerClosed(): DatagramError {
  return multiplexerError('PEER_CLOSED', 'the peer has ended the connection; connect again')
}

function lost(cause?: Error): DatagramError {
  return multiplexerError(
    'CONNECTION_LOST',
    'the connection was cut; connect again, and what is missing will follow',
    cause === undefined ? {} : { cause },
  )
}
