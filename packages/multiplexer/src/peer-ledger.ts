import { decode, encode } from '@datagram/log-core'
import { LOGS_MAX, PEERS_MAX, peerLedger } from './peer-ledger-format.ts'
import { idKey } from './stream-directory.ts'

/** What a peer says to know of now, where it has said more before. In blocks. */
export interface Shortfall {
  readonly lengthThen: number
  readonly lengthNow: number
}

interface HeardLog {
  length: number
  /** The least that was reported since the peer had it all; undefined: nothing. */
  reported: number | undefined
}

interface HeardPeer {
  meetings: number
  readonly logs: Map<string, HeardLog>
}

/**
 * The most that each peer has said to know of each log, over all its connections and, where it is kept, over
 * openings of the store: a peer that later says less was put back from an old copy, or withholds.
 *
 * A log never becomes shorter, so every word of a peer can be compared with those that it said before. What it says on
 * two connections may arrive in another order than it was said in: a word counts as later than those that had
 * been heard when its connection began, and than those on the same connection.
 */
export class PeerLedger {
  /** By the peers' keys, the one met longest ago first. */
  readonly #peers = new Map<string, HeardPeer>()
  readonly #watches = new Set<PeerWatch>()
  readonly #onChanged: () => void
  #logCount = 0

  /** `onChanged`: there is more to be kept. */
  constructor(onChanged: () => void = () => undefined) {
    this.#onChanged = onChanged
  }

  /** Takes what {@link encode} has given. Throws where it cannot be read; the ledger then is empty. */
  load(bytes: Uint8Array): void {
    for (const { key, meetings, logs } of decode(peerLedger, bytes)) {
      const heard = logs.map(
        ({ id, length }) => [idKey(id), { length, reported: undefined }] as const,
      )
      this.#peers.set(idKey(key), { meetings, logs: new Map(heard) })
      this.#logCount += heard.length
    }
  }

  encode(): Uint8Array {
    const peers = [...this.#peers].map(([key, { meetings, logs }]) => ({
      key: keyBytes(key),
      meetings,
      logs: [...logs].map(([id, { length }]) => ({ id: keyBytes(id), length })),
    }))
    return encode(peerLedger, peers)
  }

  /** A connection begins: no word of its peer was said yet. */
  watch(): PeerWatch {
    const watch: PeerWatch = new PeerWatch(
      (log, length) => this.#hear(watch, log, length),
      (log) => this.#peers.get(watch.peer ?? '')?.logs.get(log)?.length,
      () => void this.#watches.delete(watch),
    )
    this.#watches.add(watch)
    return watch
  }

  #hear(watch: PeerWatch, log: string, length: number): Shortfall | undefined {
    const peer = this.#meet(watch)
    const known = peer.logs.get(log)
    const before = watch.floor(log) ?? known?.length ?? 0
    watch.raise(log, length)
    if (known === undefined || length > known.length) {
      this.#raise(watch, peer, log, length)
      return undefined
    }
    if (length >= known.length) known.reported = undefined
    if (length >= before || length >= (known.reported ?? Number.POSITIVE_INFINITY)) return undefined
    known.reported = length
    return { lengthThen: known.length, lengthNow: length }
  }

  #raise(watch: PeerWatch, peer: HeardPeer, log: string, length: number): void {
    const known = peer.logs.get(log)
    // Over its other connections older words may be on their way.
    for (const other of this.#watches) {
      if (other !== watch) other.keepFloor(watch.peer as string, log, known?.length ?? 0)
    }
    if (known !== undefined) {
      known.length = length
      known.reported = undefined
    } else if (this.#makeRoom(peer)) {
      peer.logs.set(log, { length, reported: undefined })
      this.#logCount++
    } else return
    this.#onChanged()
  }

  #meet(watch: PeerWatch): HeardPeer {
    const key = watch.peer as string
    const peer = this.#peers.get(key) ?? { meetings: 0, logs: new Map<string, HeardLog>() }
    if (watch.hasHeard && this.#peers.has(key)) return peer
    watch.hasHeard = true
    peer.meetings++
    this.#peers.delete(key)
    this.#peers.set(key, peer)
    if (this.#peers.size > PEERS_MAX) this.#forgetOne(peer)
    this.#onChanged()
    return peer
  }

  #makeRoom(peer: HeardPeer): boolean {
    while (this.#logCount >= LOGS_MAX && this.#forgetOne(peer));
    return this.#logCount < LOGS_MAX
  }

  /** Who was heard in one connection only goes first: mostly a key that was new then and is never seen again. */
  #forgetOne(except: HeardPeer): boolean {
    const others = [...this.#peers].filter(([, peer]) => peer !== except)
    const [key, peer] = others.find(([, { meetings }]) => meetings < 2) ?? others[0] ?? []
    if (key === undefined || peer === undefined) return false
    this.#peers.delete(key)
    this.#logCount -= peer.logs.size
    return true
  }
}

/** What is heard of a peer on one connection. */
export class PeerWatch {
  /** Whether anything was heard on this connection. */
  hasHeard = false
  /** The peer's key, once it is known. */
  peer: string | undefined
  readonly #hear: (log: string, length: number) => Shortfall | undefined
  readonly #lengthOf: (log: string) => number | undefined
  readonly #end: () => void
  /** Where the peer has said more on another connection meanwhile: what a word on this one is compared with. */
  readonly #floors = new Map<string, number>()

  constructor(
    hear: (log: string, length: number) => Shortfall | undefined,
    lengthOf: (log: string) => number | undefined,
    end: () => void,
  ) {
    this.#hear = hear
    this.#lengthOf = lengthOf
    this.#end = end
  }

  /** The peer has shown its key. */
  meet(key: Uint8Array): void {
    this.peer = idKey(key)
  }

  /** The peer says how many blocks of a log it knows of. Gives what it had before, where that is more. */
  hear(logId: Uint8Array, length: number): Shortfall | undefined {
    return this.#hear(idKey(logId), length)
  }

  /** The most that the peer has ever said to know of a log; undefined: nothing was heard of it. */
  lengthOf(logId: Uint8Array): number | undefined {
    return this.#lengthOf(idKey(logId))
  }

  end(): void {
    this.#end()
  }

  floor(log: string): number | undefined {
    return this.#floors.get(`${this.peer}${log}`)
  }

  raise(log: string, length: number): void {
    const floor = this.floor(log)
    if (floor !== undefined && length > floor) this.#floors.set(`${this.peer}${log}`, length)
  }

  keepFloor(peer: string, log: string, length: number): void {
    if (this.peer !== undefined && this.peer !== peer) return
    const key = `${peer}${log}`
    if (!this.#floors.has(key)) this.#floors.set(key, length)
  }
}

function keyBytes(key: string): Uint8Array {
  return new Uint8Array(Buffer.from(key, 'latin1'))
}
