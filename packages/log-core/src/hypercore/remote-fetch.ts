/// <reference path="./declarations.d.ts" />
import Hypercore from 'hypercore'
import { logError } from '../log-errors.ts'
import type { LogSuppliers } from '../log-suppliers.ts'
import { onAbort, timedOut, type WaitOptions } from '../waits.ts'
import type { PeerBlocks } from './peer-blocks.ts'
import { storageError } from './storage-errors.ts'

// How long a block may be on nobody's list before it counts as unavailable, while not all peers have said
// what they have. A peer that has just connected needs a round trip or two for it.
const UNAVAILABLE_AFTER_MS = 1000
// The same when they have, and the block was on a list: it may be here already, about to be written.
const DROPPED_AFTER_MS = 50
const CHECK_EVERY_MS = 25
// How long nothing may come before the other peers that have the blocks are asked as well. Hypercore asks one peer
// for a block, and a second one only when that one has just sent something else.
const ASK_OTHERS_AFTER_MS = 1000
/** How long nothing may come of blocks that a peer says it has. */
export const FETCH_TIMEOUT_MS = 30_000
// On a slow link a block is long on its way, among the blocks of other logs. While the connections bring so
// many bytes, far more than signs of life are, something is coming; but not for more than so many timeouts.
const ALIVE_BYTES = 4096
const TIMEOUTS_MAX = 20

export interface FetchOptions extends WaitOptions {
  /** Brings peers here while the fetch goes on; what one has that is being attached is not known yet. */
  readonly suppliers: LogSuppliers
}

/**
 * Fetches blocks that are not here from the connected peers, all at once; where one is silent for a second, from
 * another one too. Each wait ends: with the block; when it is known that no connected peer has it, or none has
 * said for a second that it has (`BLOCK_UNAVAILABLE`); when no block of this fetch has come, and next to nothing
 * else over the connections, for `timeoutMs` (`WAIT_TIMEOUT`, default 30,000); or when a signal aborts.
 */
export class RemoteFetch {
  readonly #core: Hypercore
  readonly #peerBlocks: PeerBlocks
  readonly #requests: unknown[] = []
  readonly #pending = new Map<number, { since: number }>()
  readonly #timeoutMs: number
  readonly #suppliers: LogSuppliers
  readonly #release: () => void
  readonly #signals: readonly AbortSignal[]
  readonly #stops: readonly (() => void)[]
  readonly #timer: NodeJS.Timeout
  readonly #onAbort = () => this.#end(this.#signals.find((one) => one.aborted)?.reason as Error)
  #failure: Error | undefined
  #lastArrival = Date.now()
  #lastAlive = Date.now()
  #lastAsked = Date.now()
  #bytesThen = 0

  constructor(
    core: Hypercore,
    peerBlocks: PeerBlocks,
    { signal, timeoutMs = FETCH_TIMEOUT_MS, suppliers }: FetchOptions,
    closing: AbortSignal,
  ) {
    this.#core = core
    this.#peerBlocks = peerBlocks
    this.#timeoutMs = timeoutMs
    this.#suppliers = suppliers
    this.#release = suppliers.begin()
    this.#signals = signal === undefined ? [closing] : [closing, signal]
    this.#stops = this.#signals.map((one) => onAbort(one, this.#onAbort))
    this.#timer = setInterval(() => this.#check(), CHECK_EVERY_MS)
    if (this.#signals.some((one) => one.aborted)) this.#onAbort()
  }

  /** One block, sealed as it lies in the log. Call {@link close} after the last. */
  async block(index: number): Promise<Uint8Array> {
    if (this.#failure !== undefined) throw this.#failure
    if (!this.#suppliers.isComing && this.#peerBlocks.lacks(index)) throw unavailable(index)
    this.#pending.set(index, { since: Date.now() })
    try {
      const options = { wait: true, raw: true, activeRequests: this.#requests }
      const block = await this.#core.get(index, options)
      this.#lastArrival = this.#lastAlive = Date.now()
      if (block === null) throw unavailable(index)
      return block
    } catch (error) {
      throw this.#failure ?? storageError(error)
    } finally {
      this.#pending.delete(index)
    }
  }

  close(): void {
    this.#release()
    clearInterval(this.#timer)
    for (const stop of this.#stops) stop()
  }

  #check(): void {
    const now = Date.now()
    const { peers } = this.#core
    const { isComing } = this.#suppliers
    for (const [index, entry] of this.#pending) {
      if (isComing || this.#peerBlocks.has(index)) {
        entry.since = now
        continue
      }
      const limitMs = this.#peerBlocks.isSettled(index) ? DROPPED_AFTER_MS : UNAVAILABLE_AFTER_MS
      if (now - entry.since >= limitMs) return this.#end(unavailable(index))
    }
    if (this.#pending.size === 0) return
    this.#askAgain(now)
    const bytes = peers.reduce((sum, { protomux }) => sum + bytesOf(protomux.stream), 0)
    if (Math.abs(bytes - this.#bytesThen) >= ALIVE_BYTES) {
      this.#bytesThen = bytes
      this.#lastAlive = now
    }
    const isSilent = now - this.#lastAlive >= this.#timeoutMs
    if (isSilent || now - this.#lastArrival >= TIMEOUTS_MAX * this.#timeoutMs) {
      this.#end(timedOut('fetching a block', this.#timeoutMs))
    }
  }

  // A peer that says it has a block may have fallen silent. And hypercore may not ask at all: a request that has to
  // wait until it knows how long a peer's log is, is not made when that has come, but when something else has.
  #askAgain(now: number): void {
    const { peers, core } = this.#core
    const isAsked = peers.some(({ inflight }) => inflight > 0)
    const since = Math.max(this.#lastArrival, this.#lastAsked)
    if (isAsked && (peers.length < 2 || now - since < ASK_OTHERS_AFTER_MS)) return
    this.#lastAsked = now
    for (const peer of peers) core.replicator.updatePeer(peer)
  }

  // Hypercore's requests take a session's list, and clearing the list is how they are called off.
  #end(reason: Error): void {
    this.#failure ??= reason
    Hypercore.clearRequests(this.#requests, this.#failure)
  }
}

// The Noise stream counts pieces when they are whole; a link below it that counts knows of bytes as they come.
function bytesOf({ rawStream, rawBytesRead }: RawCounts): number {
  return rawStream?.bytesIn ?? rawBytesRead
}

interface RawCounts {
  readonly rawBytesRead: number
  readonly rawStream?: { readonly bytesIn?: number }
}

function unavailable(index: number): Error {
  return logError(
    'BLOCK_UNAVAILABLE',
    `no connected peer has block ${index}; connect to one that does and try again`,
    { details: { index } },
  )
}
