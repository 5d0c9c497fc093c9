import { faultyLink } from '@datagram/fault-harness'
import type { Datagram } from 'datagram'
import { muxerOver, noiseStream } from '../holepunch.ts'

const PROTOCOL = 'datagram/multiplexer/1'
const NUMBERS = 13
// hello: major version 1, minor version 0, no features.
const HELLO = Uint8Array.of(1, 0, 0)

/** Says control messages, whatever is in them. */
export interface ControlMessages {
  say(number: number, bytes: Uint8Array): void
  destroy(): void
}

interface Channel {
  addMessage(options: object): { send(bytes: Uint8Array): void }
  open(): void
}

interface State {
  start: number
  end: number
  buffer: Uint8Array
}

/** Connects to a datagram as a peer that knows the protocol below the control messages; it has said hello. */
export async function controlChannel(datagram: Datagram): Promise<ControlMessages> {
  const line = faultyLink()
  const connection = await datagram.replicate(line.a, { initiator: false })
  const noise = noiseStream(true, line.b)
  await noise.opened
  const muxer = muxerOver(noise) as unknown as { createChannel(options: object): Channel }
  const nothing = () => undefined
  const channel = muxer.createChannel({ protocol: PROTOCOL, onopen: nothing, onclose: nothing })
  const messages = Array.from({ length: NUMBERS }, () =>
    channel.addMessage({ encoding: verbatim, onmessage: nothing }),
  )
  channel.open()
  messages[0]?.send(HELLO)
  await connection.ready()
  return {
    say: (number, bytes) => messages[number]?.send(bytes),
    destroy: () => noise.destroy(),
  }
}

const verbatim = {
  preencode(state: State, bytes: Uint8Array): void {
    state.end += bytes.byteLength
  },
  encode(state: State, bytes: Uint8Array): void {
    state.buffer.set(bytes, state.start)
    state.start += bytes.byteLength
  },
  decode(state: State): void {
    state.start = state.end
  },
}
