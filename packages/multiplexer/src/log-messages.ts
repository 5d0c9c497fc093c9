/// <reference path="../types/declarations.d.ts" />
import type { MessageEncoding, MessageOptions, MuxState } from 'protomux'
import type { TrafficCounter } from './stream-traffic.ts'

/** Place of hypercore's messages that are looked at, in the order in which its channel names them. */
const SYNC = 0
const DATA = 3

/** What of hypercore's messages is looked at. */
interface Sync {
  readonly length: number
}
interface Data {
  readonly block: unknown
}

export interface LogMessagesListener {
  readonly counter: TrafficCounter
  /** The peer has told how long its log is. */
  onLength(length: number): void
}

/** The messages of a log's channel as hypercore has them, counted on their way through. */
export function countedMessages(
  messages: readonly MessageOptions<unknown>[],
  { counter, onLength }: LogMessagesListener,
): MessageOptions<unknown>[] {
  return messages.map(({ encoding, onmessage }, place) => {
    const isBlock = (value: unknown) => place === DATA && Boolean((value as Data).block)
    return {
      encoding: countedEncoding(encoding, {
        sent: (value, bytes) => counter.sent(bytes, isBlock(value) ? 1 : 0),
        received: (value, bytes) => {
          counter.received(bytes, isBlock(value) ? 1 : 0)
          if (place === SYNC) onLength((value as Sync).length)
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
