import type { ReplicableStream } from '@datagram/container'
import type { DatagramError } from '@datagram/errors'
import { type MultiplexerErrorCode, multiplexerError } from './multiplexer-errors.ts'

/** That a peer has another past of a log than it had. */
export interface PeerReport {
  /** The key that the peer shows in the handshake, 32 bytes. */
  readonly peer: Uint8Array
  /** Id of the stream, 32 bytes. */
  readonly stream: Uint8Array
  /** Name that the stream has here. */
  readonly name: string | undefined
  /** Discovery key of the log, 32 bytes. */
  readonly log: Uint8Array
  /** The most blocks that the peer has said to have, until now; of another history: as far as it was heard. */
  readonly lengthThen: number
  /** Blocks that it says to have now; of another history, where the two differ at the latest. */
  readonly lengthNow: number
  /** `PEER_ROLLED_BACK` or `PEER_HISTORY_DIFFERS`, with what can be done. */
  readonly reason: DatagramError<MultiplexerErrorCode>
}

interface Found {
  readonly peer: Uint8Array
  readonly stream: ReplicableStream
  readonly log: Uint8Array
  readonly lengthThen: number
  readonly lengthNow: number
}

/** The report of a peer that has fewer blocks than it had. */
export function rolledBack({ peer, stream, log, lengthThen, lengthNow }: Found): PeerReport {
  const reason = multiplexerError(
    'PEER_ROLLED_BACK',
    `a peer that had ${lengthThen} blocks of a log has ${lengthNow} now: it was put back from an old copy, has lost its tail, or withholds what is newer; what is here is kept and served, look after that peer`,
    { details: { lengthThen, lengthNow } },
  )
  return { peer, stream: stream.id, name: stream.name, log, lengthThen, lengthNow, reason }
}

/** The report of a peer that has shown another history than the one that is here. */
export function differing({ peer, stream, log, lengthThen, lengthNow }: Found): PeerReport {
  const reason = multiplexerError(
    'PEER_HISTORY_DIFFERS',
    `a peer has another history of a log than is here, of ${lengthNow} blocks: its author's key has signed two, as when a store is put back from an old copy and written to; what is here is kept, ask the author which one is meant`,
    { details: { lengthThen, lengthNow } },
  )
  return { peer, stream: stream.id, name: stream.name, log, lengthThen, lengthNow, reason }
}
