import type { Codec, State } from '@datagram/log-core'
import c from 'compact-encoding'

/** Peers that are remembered; the next one takes the place of another. */
export const PEERS_MAX = 256
/** Logs that are remembered, of all peers together: of one peer all of 10,000 streams, three times over. */
export const LOGS_MAX = 65_536

const VERSION = 1
const KEY_BYTES = 32
const fixedKey = c.fixed(KEY_BYTES)

/** What a peer was heard to have. */
export interface LedgerPeer {
  /** The key that it shows in the handshake, 32 bytes. */
  readonly key: Uint8Array
  /** Connections in which it was heard. */
  readonly meetings: number
  readonly logs: readonly LedgerLog[]
}

export interface LedgerLog {
  /** Discovery key of the log, 32 bytes. */
  readonly id: Uint8Array
  /** The most blocks that the peer has said to know of. */
  readonly length: number
}

/*
 * What peers were heard to have, version 1; kept in a sealed file of the store.
 *
 *   size  field
 *   1     format version, 1
 *   1..9  count of peers, uint, at most 256, the one met longest ago first, and for each
 *   32      its key
 *   1..9    connections in which it was heard, uint
 *   1..9    count of its logs, uint; of all peers together at most 65,536; and for each
 *   32        discovery key of the log
 *   1..9      the most blocks that the peer has said to know of, uint
 */
export const peerLedger: Codec<readonly LedgerPeer[]> = {
  preencode(state: State, peers: readonly LedgerPeer[]): void {
    state.end += 1
    c.uint.preencode(state, peers.length)
    for (const { meetings, logs } of peers) {
      state.end += KEY_BYTES * (1 + logs.length)
      c.uint.preencode(state, meetings)
      c.uint.preencode(state, logs.length)
      for (const { length } of logs) c.uint.preencode(state, length)
    }
  },
  encode(state: State, peers: readonly LedgerPeer[]): void {
    c.uint8.encode(state, VERSION)
    c.uint.encode(state, peers.length)
    for (const { key, meetings, logs } of peers) {
      fixedKey.encode(state, key)
      c.uint.encode(state, meetings)
      c.uint.encode(state, logs.length)
      for (const { id, length } of logs) {
        fixedKey.encode(state, id)
        c.uint.encode(state, length)
      }
    }
  },
  decode(state: State): LedgerPeer[] {
    const version = c.uint8.decode(state)
    if (version !== VERSION) throw new RangeError(`version ${version}`)
    let room = LOGS_MAX
    return listOf(state, PEERS_MAX, () => {
      const key = new Uint8Array(fixedKey.decode(state))
      const meetings = c.uint.decode(state)
      const logs = listOf(state, room, () => {
        const id = new Uint8Array(fixedKey.decode(state))
        return { id, length: c.uint.decode(state) }
      })
      room -= logs.length
      return { key, meetings, logs }
    })
  },
}

function listOf<T>(state: State, max: number, read: () => T): T[] {
  const count = c.uint.decode(state)
  if (count > max) throw new RangeError(`${count} are too many`)
  return Array.from({ length: count }, read)
}
