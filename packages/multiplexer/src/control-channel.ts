import type { Codec, State } from '@datagram/log-core'
import type { MessageOptions, MuxChannel, MuxMessage } from 'protomux'
import type { Allowance } from './allowance.ts'
import { type Announce, announce } from './announce.ts'
import { type Decline, decline } from './decline.ts'
import { type Digest, digest } from './digest.ts'
import { filter, type StreamFilter } from './filter.ts'
import type { GuardedMuxer } from './guarded-muxer.ts'
import { type Hello, hello, helloOfThisVersion } from './hello.ts'
import { BATCH_BYTES, MESSAGE_BYTES_MAX } from './limits.ts'
import { multiplexerError } from './multiplexer-errors.ts'
import { type OfferRecord, offer } from './offer-record.ts'
import { accept, type ProvenId, want } from './proven-id.ts'
import { ask, told } from './round.ts'
import { messageBroken } from './wire-fields.ts'
import { withdraw } from './withdraw.ts'

// A filter has every stream looked at once more, which costs as much as so many messages.
const FILTER_COST = 100

/** Name of the control channel; it ends in the protocol's major version. */
export const CONTROL_PROTOCOL = 'datagram/multiplexer/1'

/** What a peer says. A listener that throws costs the peer its connection. */
export interface ControlListener {
  onHello(message: Hello): void
  onWant(message: ProvenId): void
  onOffer(message: OfferRecord): void
  onAccept(message: ProvenId): void
  onDecline(message: Decline): void
  onWithdraw(id: Uint8Array): void
  onAnnounce(message: Announce): void
  onDigest(message: Digest): void
  onAsk(number: number): void
  onTold(number: number): void
  onFilter(message: StreamFilter): void
}

export interface ControlChannelOptions {
  readonly allowance: Allowance
  /** Bytes that may wait for a peer that does not read, before it is given up. */
  readonly unsentBytesMax: number
  readonly onStalled: (error: Error) => void
  /** The peer has closed the channel, but not the connection. */
  readonly onClosed: () => void
}

/*
 * The control channel: a Protomux channel whose messages are numbered
 *
 *   0 hello   1 want   2 offer   3 accept   4 decline   5 withdraw
 *   6 drop    7 mark                         (reserved; their layout is not yet settled)
 *   8 announce   9 digest   10 ask   11 told   12 filter
 *
 * A number that is not known here belongs to a newer minor version, and Protomux skips the message.
 */
export class ControlChannel {
  readonly #muxer: GuardedMuxer
  readonly #options: ControlChannelOptions
  readonly #channel: MuxChannel
  readonly #messages: {
    readonly hello: MuxMessage<Hello>
    readonly want: MuxMessage<ProvenId>
    readonly offer: MuxMessage<OfferRecord>
    readonly accept: MuxMessage<ProvenId>
    readonly decline: MuxMessage<Decline>
    readonly withdraw: MuxMessage<Uint8Array>
    readonly announce: MuxMessage<Announce>
    readonly digest: MuxMessage<Digest>
    readonly ask: MuxMessage<number>
    readonly told: MuxMessage<number>
    readonly filter: MuxMessage<StreamFilter>
  }
  #greeted = false
  #unsentBytes = 0
  #batchBytes = 0
  #isGathering = false
  #ended = false

  constructor(muxer: GuardedMuxer, listener: ControlListener, options: ControlChannelOptions) {
    this.#muxer = muxer
    this.#options = options
    const channel = muxer.createChannel({
      protocol: CONTROL_PROTOCOL,
      onopen: () => undefined,
      onclose: () => {
        // When the whole muxer goes, its end has a reason of its own.
        if (!muxer._destroying) options.onClosed()
      },
      ondrain: () => {
        this.#unsentBytes = 0
      },
    })
    if (channel === null) throw new TypeError('the muxer has a control channel already')
    this.#channel = channel
    const add = <T>(name: string, codec: Codec<T>, onmessage: (value: T) => void) =>
      channel.addMessage(this.#guarded(name, codec, onmessage))
    const addLater = <T>(name: string, codec: Codec<T>, onmessage: (value: T) => void) => {
      // Messages 6 and 7 are reserved.
      while (channel.messages.length < 8) channel.addMessage(null)
      return add(name, codec, onmessage)
    }
    // In the order of their numbers.
    this.#messages = {
      hello: add('hello', hello, (message) => listener.onHello(message)),
      want: add('want', want, (message) => listener.onWant(message)),
      offer: add('offer', offer, (message) => listener.onOffer(message)),
      accept: add('accept', accept, (message) => listener.onAccept(message)),
      decline: add('decline', decline, (message) => listener.onDecline(message)),
      withdraw: add('withdraw', withdraw, (id) => listener.onWithdraw(id)),
      announce: addLater('announce', announce, (message) => listener.onAnnounce(message)),
      digest: add('digest', digest, (message) => listener.onDigest(message)),
      ask: add('ask', ask, (number) => listener.onAsk(number)),
      told: add('told', told, (number) => listener.onTold(number)),
      filter: add('filter', filter, (message) => listener.onFilter(message)),
    }
  }

  /** Opens the channel and says hello. */
  open(): void {
    this.#channel.open()
    this.#send(this.#messages.hello, helloOfThisVersion)
  }

  want(message: ProvenId): void {
    this.#send(this.#messages.want, message)
  }

  offer(message: OfferRecord): void {
    this.#send(this.#messages.offer, message)
  }

  accept(message: ProvenId): void {
    this.#send(this.#messages.accept, message)
  }

  decline(message: Decline): void {
    this.#send(this.#messages.decline, message)
  }

  withdraw(id: Uint8Array): void {
    this.#send(this.#messages.withdraw, id)
  }

  announce(message: Announce): void {
    this.#send(this.#messages.announce, message)
  }

  digest(message: Digest): void {
    this.#send(this.#messages.digest, message)
  }

  ask(number: number): void {
    this.#send(this.#messages.ask, number)
  }

  told(number: number): void {
    this.#send(this.#messages.told, number)
  }

  filter(message: StreamFilter): void {
    this.#send(this.#messages.filter, message)
  }

  /** Lets what was said leave, and hears nothing any more. */
  end(): void {
    this.#ended = true
    this.#flush()
  }

  #flush(): void {
    if (!this.#isGathering) return
    this.#isGathering = false
    this.#batchBytes = 0
    this.#muxer.uncork()
  }

  // All that is said at once, with the log channels that are opened for it, leaves in one piece: each
  // costs 20 bytes of encryption. Large pieces a stranger may not send, so they are cut.
  #send<T>(message: MuxMessage<T>, value: T): void {
    if (!this.#isGathering) {
      this.#isGathering = true
      this.#muxer.cork()
      setImmediate(() => this.#flush())
    }
    message.send(value)
    if (this.#batchBytes < BATCH_BYTES) return
    this.#batchBytes = 0
    this.#muxer.uncork()
    this.#muxer.cork()
  }

  // A codec whose errors are coded, that counts what is sent, and that a peer cannot drown.
  #guarded<T>(name: string, codec: Codec<T>, onmessage: (value: T) => void): MessageOptions<T> {
    return {
      encoding: {
        preencode: (state: State, value: T) => {
          const before = state.end
          codec.preencode(state, value)
          this.#count(state.end - before)
        },
        encode: (state: State, value: T) => codec.encode(state, value),
        decode: (state: State) => {
          this.#assertExpected(name, state.end - state.start)
          return codec.decode(state)
        },
      },
      onmessage: (value) => {
        if (!this.#ended) onmessage(value)
      },
    }
  }

  #count(bytes: number): void {
    this.#batchBytes += bytes
    if (this.#muxer.drained) {
      this.#unsentBytes = 0
      return
    }
    this.#unsentBytes += bytes
    if (this.#unsentBytes <= this.#options.unsentBytesMax) return
    this.#options.onStalled(
      multiplexerError(
        'PEER_STALLED',
        `the peer asks on and does not read the answers, ${this.#unsentBytes} bytes wait for it; the connection is closed`,
        { details: { bytes: this.#unsentBytes } },
      ),
    )
  }

  #assertExpected(name: string, bytes: number): void {
    if (!this.#options.allowance.take(name === 'filter' ? FILTER_COST : 1)) {
      throw multiplexerError(
        'PEER_FLOODING',
        'the peer sends more control messages than a container can need; the connection is closed',
      )
    }
    if (bytes > MESSAGE_BYTES_MAX) {
      throw messageBroken(name, `it has ${bytes} bytes, over ${MESSAGE_BYTES_MAX}`)
    }
    if (name === 'hello' ? this.#greeted : !this.#greeted) {
      throw messageBroken(name, this.#greeted ? 'it comes twice' : 'it comes before hello')
    }
    this.#greeted = true
  }
}
