/// <reference path="../types/declarations.d.ts" />
import { type FaultyLink, type FaultyLinkOptions, faultyLink } from '@datagram/fault-harness'
import type { ReplicableStream } from '@datagram/container'
import { type Codec, encode, type State } from '@datagram/log-core'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import Protomux, { type MuxChannel, type MuxMessage } from 'protomux'
import { onTestFinished } from 'vitest'
import { CONTROL_PROTOCOL } from '../src/control-channel.ts'
import { hello, helloOfThisVersion } from '../src/hello.ts'
import type { Connection, Multiplexer } from '../src/index.ts'
import { accept, want } from '../src/proven-id.ts'
import { proveStream } from '../src/stream-proof.ts'

/** Numbers of the control messages. */
export const number = {
  hello: 0,
  want: 1,
  offer: 2,
  accept: 3,
  decline: 4,
  withdraw: 5,
  mark: 7,
  announce: 8,
  digest: 9,
  ask: 10,
  told: 11,
  filter: 12,
}
const NUMBERS = 30

export interface Heard {
  readonly number: number
  readonly bytes: Uint8Array
}

export interface RawPeerOptions {
  readonly link?: FaultyLinkOptions
  /** What it says that it can do; default nothing: it then is offered everything, and all is attached. */
  readonly features?: number
}

// What is open in the test that runs. A test may make thousands: what is done with is not kept for its end. It is asked
// once, as every question keeps who asked it, by its stack.
let open: Set<NoiseSecretStream> | undefined

function destroyAtEnd(noise: NoiseSecretStream): void {
  if (open === undefined) {
    const all = new Set<NoiseSecretStream>()
    open = all
    onTestFinished(() => {
      open = undefined
      for (const one of all) one.destroy()
    })
  }
  const all = open
  all.add(noise)
  noise.on('close', () => all.delete(noise))
}

/** A peer that knows the protocol below the control messages, and says whatever a test wants. */
export class RawPeer {
  readonly link: FaultyLink
  readonly noise: NoiseSecretStream
  readonly muxer: Protomux
  /** The side that is put to the test. */
  readonly victim: Connection
  readonly heard: Heard[] = []
  #channel: MuxChannel | undefined
  #messages: MuxMessage<Uint8Array>[] = []

  constructor(multiplexer: Multiplexer, { link }: RawPeerOptions = {}) {
    this.link = faultyLink(link)
    this.victim = multiplexer.connect(this.link.b, { initiator: false })
    this.noise = new NoiseSecretStream(true, this.link.a)
    this.noise.on('error', () => undefined)
    this.muxer = new Protomux(this.noise)
    destroyAtEnd(this.noise)
  }

  /** Has agreed on the encryption, and opened the control channel without a word. */
  static async silent(multiplexer: Multiplexer, options?: RawPeerOptions): Promise<RawPeer> {
    const peer = new RawPeer(multiplexer, options)
    await peer.noise.opened
    peer.#open()
    return peer
  }

  /** Has said hello as well. */
  static async polite(
    multiplexer: Multiplexer,
    { features = 0, ...options }: RawPeerOptions = {},
  ): Promise<RawPeer> {
    const peer = await RawPeer.silent(multiplexer, options)
    peer.say(number.hello, encode(hello, { ...helloOfThisVersion, features }))
    await peer.victim.ready()
    return peer
  }

  /** Has proved the root as well. */
  static async entitled(
    multiplexer: Multiplexer,
    root: ReplicableStream,
    options?: RawPeerOptions,
  ): Promise<RawPeer> {
    const peer = await RawPeer.polite(multiplexer, options)
    peer.want(root)
    return peer
  }

  say(messageNumber: number, bytes: Uint8Array): void {
    this.#messages[messageNumber]?.send(bytes)
  }

  want({ id, key }: Pick<ReplicableStream, 'id' | 'key'>): void {
    this.say(number.want, encode(want, { id, proof: this.prove({ id, key }) }))
  }

  accept({ id, key }: Pick<ReplicableStream, 'id' | 'key'>): void {
    this.say(number.accept, encode(accept, { id, proof: this.prove({ id, key }) }))
  }

  prove({ id, key }: Pick<ReplicableStream, 'id' | 'key'>): Uint8Array {
    return proveStream(key, 'initiator', this.noise.handshakeHash as Uint8Array, id)
  }

  /** Plain bytes as they are, past the muxer. */
  sendPlain(bytes: Uint8Array): void {
    this.noise.write(Uint8Array.from(bytes))
  }

  heardOf(messageNumber: number): Uint8Array[] {
    return this.heard.filter((one) => one.number === messageNumber).map(({ bytes }) => bytes)
  }

  closeChannel(): void {
    this.#channel?.close()
  }

  #open(): void {
    const nothing = () => undefined
    const channel = this.muxer.createChannel({
      protocol: CONTROL_PROTOCOL,
      onopen: nothing,
      onclose: nothing,
      ondrain: nothing,
    })
    if (channel === null) throw new Error('there is a channel already')
    this.#channel = channel
    for (let n = 0; n < NUMBERS; n++) {
      const onmessage = (bytes: Uint8Array) => void this.heard.push({ number: n, bytes })
      this.#messages.push(channel.addMessage({ encoding: verbatim, onmessage }))
    }
    channel.open()
  }
}

/** Bytes as they are. */
export const verbatim: Codec<Uint8Array> = {
  preencode(state: State, bytes: Uint8Array): void {
    state.end += bytes.byteLength
  },
  encode(state: State, bytes: Uint8Array): void {
    state.buffer.set(bytes, state.start)
    state.start += bytes.byteLength
  },
  decode(state: State): Uint8Array {
    const bytes = Uint8Array.from(state.buffer.subarray(state.start, state.end))
    state.start = state.end
    return bytes
  },
}
