/// <reference path="../types/declarations.d.ts" />
import Protomux, { type ChannelOptions, type MuxChannel, type MuxState } from 'protomux'
import { CHANNELS_MAX, CHANNELS_OPENING_MAX } from './limits.ts'
import { countedMessages, type LogMessagesListener } from './log-messages.ts'
import { multiplexerError } from './multiplexer-errors.ts'
import type { NoiseLink } from './noise-link.ts'

export interface MuxerGuard {
  /** The peer has broken the protocol. The connection is destroyed with the error. */
  onBroken(error: Error): void
  /** Something failed on a channel that was closed before; the connection goes on. */
  onWarning(error: Error): void
  /** The peer opens a channel; false when it has opened too many. */
  mayOpen(): boolean
  /** The peer attaches a log that is not attached here. Where it is when this resolves, the two meet. */
  onLogOpening(id: Uint8Array): void | Promise<void>
  /** A log's channel is open on both sides; `id` is the log's discovery key. */
  onLogOpened(id: Uint8Array): void
  /** A log's channel is closed, or was refused. */
  onLogClosed(id: Uint8Array): void
  /** Who hears of the messages on a log's channel. */
  watchLog(id: Uint8Array): LogMessagesListener
}

/** Protocol of the channels on which hypercore replicates a log. */
export const LOG_PROTOCOL = 'hypercore/alpha'

/**
 * Protomux, made fit for peers that mean harm.
 *
 * Upstream throws anew, where nobody can catch it, what looks like a programming error to it; but
 * malformed messages of a peer also end in `TypeError` and `RangeError` there, so one of them would end
 * the process. It lets a peer open channels without limit. And it loses track of a channel that is
 * closed before the peer has answered its opening: the connection breaks, or one side goes on with a
 * channel that the other does not have. Here such a channel hears nothing, and is closed when the
 * answer is there.
 */
export class GuardedMuxer extends Protomux {
  readonly #guard: MuxerGuard
  #opening = 0

  constructor(stream: NoiseLink, guard: MuxerGuard) {
    super(stream)
    this.#guard = guard
    // Logs that are not attached then have nobody who answers for them: their channels are rejected.
    this.pair({ protocol: LOG_PROTOCOL }, (id) => guard.onLogOpening(id))
  }

  override createChannel(options: ChannelOptions): MuxChannel | null {
    const { protocol, id, onopen } = options
    if (protocol !== LOG_PROTOCOL || !id) return super.createChannel(options)
    let unwanted = false
    const watcher = this.#guard.watchLog(id)
    const channel = super.createChannel({
      ...options,
      messages: countedMessages(options.messages ?? [], watcher),
      onclose: (...values) => {
        watcher.requests.close()
        const closing = options.onclose(...values)
        this.#guard.onLogClosed(id)
        return closing
      },
      onopen: (...values) => {
        if (unwanted) return undefined
        // Throws where the peer does not know the log's key.
        const opening = onopen(...values)
        this.#guard.onLogOpened(id)
        return opening
      },
    })
    if (channel === null) return null
    const close = channel.close.bind(channel)
    channel.close = () => {
      if (channel.opened || channel.closed) return close()
      if (unwanted) return undefined
      unwanted = true
      for (const message of channel.messages) message.onmessage = () => undefined
      return void channel.fullyOpened().then(close)
    }
    return channel
  }

  override _safeDestroy(error: Error): void {
    this._destroying = true
    this.#guard.onBroken(error)
  }

  override _warn(error: Error): void {
    this.#guard.onWarning(error)
  }

  override _onopensession(state: MuxState): Promise<void> | null {
    if (!this.#guard.mayOpen()) throw flooding()
    if (this._remote.length >= CHANNELS_MAX || this.#opening >= CHANNELS_OPENING_MAX) {
      throw flooding()
    }
    const pairing = super._onopensession(state)
    if (pairing === null) return null
    this.#opening++
    return pairing.finally(() => {
      this.#opening--
    })
  }
}

function flooding(): Error {
  return multiplexerError(
    'PEER_FLOODING',
    'the peer opens more log channels than a container can have; the connection is closed',
  )
}
