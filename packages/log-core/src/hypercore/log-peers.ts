/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import type { BlockRange, LogAttachment, LogSupplier, Muxer } from '../log.ts'
import { LogSuppliers } from '../log-suppliers.ts'
import { bounded, type WaitOptions } from '../waits.ts'
import { attachLog } from './attachment.ts'
import { DisclaimedBlocks } from './disclaimed-blocks.ts'
import { downloadBlocks } from './download.ts'
import type { DownloadBlocksOptions } from './download.ts'
import { firstPeer } from './first-peer.ts'
import { downloadLacking } from './lacking-download.ts'
import { PeerBlocks } from './peer-blocks.ts'
import { countHolders, reachableRanges } from './reachable-blocks.ts'
import { RemoteFetch } from './remote-fetch.ts'
import { coded } from './storage-errors.ts'

const UPDATE_TIMEOUT_MS = 10_000

type DownloadOptions = Omit<DownloadBlocksOptions, 'suppliers'> & {
  /** Given: it goes without what all peers disclaim; these were found to be so before. */
  readonly without?: readonly BlockRange[] | undefined
}

/** The peers of one log: what they have, what is fetched of them, and what they are told. */
export class LogPeers {
  readonly #core: Hypercore
  readonly #closing: AbortSignal
  readonly #blocks: PeerBlocks
  readonly #disclaimed: DisclaimedBlocks
  readonly #attachments = new Map<object, LogAttachment>()
  readonly #suppliers = new LogSuppliers()

  /** `closing` ends all waits. */
  constructor(core: Hypercore, closing: AbortSignal) {
    this.#core = core
    this.#closing = closing
    this.#blocks = new PeerBlocks(core)
    this.#disclaimed = new DisclaimedBlocks(core)
  }

  /** Whether a read waits for blocks of peers now. */
  get isAwaited(): boolean {
    return this.#suppliers.isAwaited
  }

  /** See `ReadableLog.supplyFrom`. */
  supplyFrom(supplier: LogSupplier): () => void {
    return this.#suppliers.add(supplier)
  }

  /** See `ReadableLog.attach`. */
  attach(muxer: Muxer): LogAttachment {
    const existing = this.#attachments.get(muxer)
    if (existing !== undefined) return existing
    const attachment = attachLog(this.#core, muxer, () => this.#attachments.delete(muxer))
    this.#attachments.set(muxer, attachment)
    return attachment
  }

  async detachAll(): Promise<void> {
    await Promise.all([...this.#attachments.values()].map((one) => one.detach()))
  }

  /** See `ReadableLog.reachable`. */
  reachable(range: BlockRange, wait: WaitOptions): Promise<BlockRange[]> {
    const finding = reachableRanges(this.#core, this.#blocks, range, this.#suppliers, this.#closing)
    return bounded(finding, 'asking what the peers have', wait, this.#closing)
  }

  /** Whoever asks what peers have may ask again: they are brought here for a moment. */
  glance(): void {
    this.#suppliers.glance()
  }

  /** See `ReadableLog.holders`. */
  holders(index: number): number {
    return this.#blocks.holders({ start: index, end: index + 1 })
  }

  /** See `ReadableLog.holdersOf`. */
  holdersOf(range: BlockRange, wait: WaitOptions): Promise<number> {
    const counting = countHolders(this.#core, this.#blocks, range, this.#suppliers, this.#closing)
    return bounded(counting, 'asking what the peers have', wait, this.#closing)
  }

  /** See `ReadableLog.disclaim`. */
  disclaim(range: BlockRange): void {
    this.#disclaimed.disclaim(range)
  }

  /** Takes back what was said of these blocks. */
  claim(range: BlockRange): void {
    this.#disclaimed.claim(range)
  }

  /** Asks for a newer length of somebody else's log. */
  async update({ signal, timeoutMs = UPDATE_TIMEOUT_MS }: WaitOptions): Promise<void> {
    const core = this.#core
    const work = async () => {
      // Over the connections that it is attached to, the log hears of news by itself.
      if (this.#attachments.size === 0) await this.#suppliers.refresh()
      await firstPeer(core, this.#attachments.size > 0)
      const wait = core.peers.length > 0
      await coded(() => core.update({ wait }))
    }
    const limit = { signal, timeoutMs }
    await bounded(work(), 'asking for a newer length', limit, this.#closing)
  }

  /** Begins to fetch blocks. */
  fetch(wait: WaitOptions): RemoteFetch {
    const options = { ...wait, suppliers: this.#suppliers }
    return new RemoteFetch(this.#core, this.#blocks, options, this.#closing)
  }

  /** Brings blocks here; gives those that it went without. */
  async download(
    wanted: readonly BlockRange[],
    { without, ...rest }: DownloadOptions,
  ): Promise<BlockRange[]> {
    const core = this.#core
    const options = { ...rest, suppliers: this.#suppliers }
    if (without === undefined) {
      await downloadBlocks(core, this.#blocks, wanted, options, this.#closing)
      return []
    }
    const place = {
      core,
      peerBlocks: this.#blocks,
      disclaimed: this.#disclaimed,
      closing: this.#closing,
    }
    return downloadLacking(place, wanted, options, without)
  }
}
