/// <reference path="./declarations.d.ts" />
import { setTimeout as sleep } from 'node:timers/promises'
import type Hypercore from 'hypercore'
import type { BlockRange } from '../log.ts'
import type { LogSuppliers } from '../log-suppliers.ts'
import type { PeerBlocks } from './peer-blocks.ts'

// How long a peer may take to say what it has, and how often it is looked whether it did.
const SAID_AFTER_MS = 1000
const LOOK_EVERY_MS = 20

/** The blocks of a range that are here, as ascending ranges that do not touch. Long ranges are skipped by the bitfield. */
export function rangesHere({ core }: Hypercore, { start, end }: BlockRange): BlockRange[] {
  const ranges: BlockRange[] = []
  for (let at = start; at < end; ) {
    const from = core.bitfield.firstSet(at)
    if (from === -1 || from >= end) break
    at = core.bitfield.firstUnset(from)
    ranges.push({ start: from, end: at === -1 ? end : Math.min(at, end) })
    if (at === -1) break
  }
  return ranges
}

/** The blocks of a range for which `holds` is true, as ascending ranges that do not touch. */
export function rangesWhere(
  { start, end }: BlockRange,
  holds: (index: number) => boolean,
): BlockRange[] {
  const ranges: BlockRange[] = []
  let from: number | undefined
  for (let index = start; index <= end; index++) {
    const isIn = index < end && holds(index)
    if (isIn) from ??= index
    else if (from !== undefined) {
      ranges.push({ start: from, end: index })
      from = undefined
    }
  }
  return ranges
}

/** The blocks of a range that are here or with a connected peer, once the peers have said what they have. */
export async function reachableRanges(
  core: Hypercore,
  peerBlocks: PeerBlocks,
  range: BlockRange,
  suppliers: LogSuppliers,
  signal: AbortSignal,
): Promise<BlockRange[]> {
  const { bitfield } = core.core
  const isHere = (index: number) => bitfield.get(index)
  const missing = rangesWhere(range, (index) => !isHere(index))
  await untilSaid(core, peerBlocks, missing, suppliers, signal)
  return rangesWhere(range, (index) => isHere(index) || peerBlocks.has(index))
}

/** How many of the connected peers have any block of a range, once they have said what they have. */
export async function countHolders(
  core: Hypercore,
  peerBlocks: PeerBlocks,
  range: BlockRange,
  suppliers: LogSuppliers,
  signal: AbortSignal,
): Promise<number> {
  const stop = peerBlocks.ask()
  try {
    await untilSaid(core, peerBlocks, [range], suppliers, signal)
    return peerBlocks.holders(range)
  } finally {
    stop()
  }
}

/** Resolves when the peers have said whether they have these blocks, or have had about a second for it. */
export async function untilSaid(
  core: Hypercore,
  peerBlocks: PeerBlocks,
  ranges: readonly BlockRange[],
  suppliers: LogSuppliers,
  signal: AbortSignal,
): Promise<void> {
  const isOpen = () =>
    ranges.some(({ start, end }) => !peerBlocks.isSettled(end - 1) || !peerBlocks.isSettled(start))
  const isPromising = () => suppliers.isComing || core.peers.length > 0
  const release = ranges.length > 0 ? suppliers.begin() : () => undefined
  let begun = performance.now()
  try {
    while (isPromising() && isOpen() && performance.now() - begun < SAID_AFTER_MS) {
      await sleep(LOOK_EVERY_MS, undefined, { signal, ref: true })
      if (suppliers.isComing) begun = performance.now()
    }
  } finally {
    release()
  }
}
