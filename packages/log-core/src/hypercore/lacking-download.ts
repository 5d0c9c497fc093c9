/// <reference path="./declarations.d.ts" />
import { setTimeout as sleep } from 'node:timers/promises'
import { isDatagramError } from '@datagram/errors'
import type Hypercore from 'hypercore'
import { BlockSet } from '../block-set.ts'
import type { BlockRange, DownloadProgress } from '../log.ts'
import type { Departures, DisclaimedBlocks } from './disclaimed-blocks.ts'
import { type DownloadBlocksOptions, downloadBlocks } from './download.ts'
import { bounded } from '../waits.ts'
import type { PeerBlocks } from './peer-blocks.ts'
import { rangesHere, rangesWhere, untilSaid } from './reachable-blocks.ts'
import { FETCH_TIMEOUT_MS } from './remote-fetch.ts'

// How long all peers must disclaim a block before it is gone without: another may be about to connect.
const SURE_AFTER_MS = 1000
const LOOK_EVERY_MS = 20
// How often a peer may come that has what those before it disclaimed, and go again.
const ATTEMPTS_MAX = 5

/** Where a download is made. */
export interface DownloadPlace {
  readonly core: Hypercore
  readonly peerBlocks: PeerBlocks
  readonly disclaimed: DisclaimedBlocks
  readonly closing: AbortSignal
}

/**
 * As {@link downloadBlocks}, without blocks that no connected peer has any more: each of them, and each that went
 * meanwhile, has disclaimed them for a second. What was `known` to be so before is not waited for again. Gives what
 * it went without.
 */
export async function downloadLacking(
  place: DownloadPlace,
  wanted: readonly BlockRange[],
  { onProgress, ...options }: DownloadBlocksOptions,
  known: readonly BlockRange[],
): Promise<BlockRange[]> {
  const departures = place.disclaimed.watchDepartures()
  const lacking = new BlockSet()
  const progress = new ContinuedProgress(onProgress)
  try {
    for (let attempt = 1; ; attempt++) {
      const rest = wanted.flatMap((range) => lacking.without(range))
      const report = progress.part()
      try {
        await downloadBlocks(
          place.core,
          place.peerBlocks,
          rest,
          { ...options, onProgress: report },
          place.closing,
        )
        return [...lacking.ranges]
      } catch (error) {
        if (!isDatagramError(error, 'BLOCK_UNAVAILABLE')) throw error
        const looking = { ...place, departures, rest, known: new BlockSet(known), options }
        const { signal, timeoutMs } = options
        const finding = lackingBlocks(looking)
        const wait = { signal, timeoutMs: timeoutMs ?? FETCH_TIMEOUT_MS }
        const found = await bounded(finding, 'asking what the peers have', wait, place.closing)
        for (const range of found) lacking.add(range)
        if (found.length > 0) attempt = 0
        else if (attempt >= ATTEMPTS_MAX || !isWithAny(looking, error)) throw error
      }
    }
  } finally {
    departures.end()
  }
}

interface Looking extends DownloadPlace {
  readonly departures: Departures
  readonly rest: readonly BlockRange[]
  readonly known: BlockSet
  readonly options: DownloadBlocksOptions
}

/** The blocks that all peers disclaim, for long enough; peers have that long, or until they have said, to say so. */
async function lackingBlocks(looking: Looking): Promise<BlockRange[]> {
  const { core, peerBlocks, disclaimed, departures, known, options, closing } = looking
  const { suppliers } = options
  const signal = options.signal ? AbortSignal.any([options.signal, closing]) : closing
  const missing = looking.rest.flatMap((range) =>
    new BlockSet(rangesHere(core, range)).without(range),
  )
  await untilSaid(core, peerBlocks, missing, suppliers, signal)
  const lacking = () =>
    missing.flatMap((range) => rangesWhere(range, (index) => disclaimed.isByAll(index, departures)))
  const found = lacking()
  if (found.every((range) => known.without(range).length === 0)) return found
  const release = suppliers.begin()
  let begun = performance.now()
  try {
    while (performance.now() - begun < SURE_AFTER_MS) {
      await sleep(LOOK_EVERY_MS, undefined, { signal, ref: true })
      if (suppliers.isComing) begun = performance.now()
    }
  } finally {
    release()
  }
  return lacking()
}

// A peer may have come that has what could not be had.
function isWithAny({ peerBlocks }: Looking, error: unknown): boolean {
  const index = isDatagramError(error) ? error.details?.index : undefined
  return typeof index === 'number' && peerBlocks.has(index)
}

/** Counts what several downloads bring, one after another, as one. */
class ContinuedProgress {
  readonly #onProgress: ((progress: DownloadProgress) => void) | undefined
  #received = 0

  constructor(onProgress: ((progress: DownloadProgress) => void) | undefined) {
    this.#onProgress = onProgress
  }

  part(): (progress: DownloadProgress) => void {
    const before = this.#received
    return ({ bytesReceived, ...counts }) => {
      this.#received = before + bytesReceived
      this.#onProgress?.({ ...counts, bytesReceived: this.#received })
    }
  }
}
