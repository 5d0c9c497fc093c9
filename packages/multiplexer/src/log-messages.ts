/// <reference path="../types/declarations.d.ts" />
import type { MessageEncoding, MessageOptions, MuxState } from 'protomux'
import type { ChannelRequests } from './block-requests.ts'
import type { TrafficCounter } from './stream-traffic.ts'

/** Place of hypercore's messages that are looked at, in the order in which its channel names them. */
const SYNC = 0
const REQUEST = 1
const CANCEL = 2
const DATA = 3
const NO_DATA = 4

/** What of hypercore's messages is looked at. */
interface Sync {
  readonly length: number
  readonly fork: number
}
interface Data {
  readonly block: unknown
  readonly request: number
}
interface Request {
  readonly id: number
}

export interface LogMessagesListener {
  readonly counter: TrafficCounter
  readonly requests: ChannelRequests
  /** The peer has told how long its log is, and how often it was cut: a log that nobody has cut has fork 0. */
  onLength(length: number, fork: number): void
}

/** The messages of a log's channel as hypercore has them, counted on their way through. */
export function countedMessages(
  messages: readonly MessageOptions<unknown>[],
  { counter, requests, onLength }: LogMessagesListener,
): MessageOptions<unknown>[] {
  const follow = (place: number, value: unknown, from: 'us' | 'peer') => {
    const to = from === 'us' ? 'peer' : 'us'
    if (place === REQUEST) requests.asked(from, (value as Request).id)
    else if (place === CANCEL) requests.settled(from, (value as Data).request)
    else if (place === DATA || place === NO_DATA) requests.settled(to, (value as Data).request)
  }
  return messages.map(({ encoding, onmessage }, place) => {
    const isBlock = (value: unknown) => place === DATA && Boolean((value as Data).block)
    return {
      encoding: countedEncoding(encoding, {
        sent: (value, bytes) => {
          counter.sent(bytes, isBlock(value) ? 1 : 0)
          follow(place, value, 'us')
        },
        received: (value, bytes) => {
          counter.received(bytes, isBlock(value) ? 1 : 0)
          follow(place, value, 'peer')
          if (place === SYNC) onLength((value as Sync).length, (value as Sync).fork)
        },
      }),
      onmessage,
    }
  })
}

interface Counted {
  sent(value: unknown, bytes: number): void
  received(value: unknown, bytes: number): void
}

function countedEncoding(
  inner: MessageEncoding<unknown>,
  { sent, received }: Counted,
): MessageEncoding<unknown> {
  return {
    preencode(state: MuxState, value: unknown) {
      const before = state.end
      inner.preencode(state, value)
      sent(value, state.end - before)
    },
    encode: (state: MuxState, value: unknown) => inner.encode(state, value),
    decode(state: MuxState) {
      const { start } = state
      const value = inner.decode(state)
      received(value, state.start - start)
      return value
    },
  }
}
