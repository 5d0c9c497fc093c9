/// <reference path="./declarations.d.ts" />
import type Hypercore from 'hypercore'
import type { BlockRange, DownloadProgress } from '../log.ts'
import type { PeerBlocks } from './peer-blocks.ts'
import { type FetchOptions, RemoteFetch } from './remote-fetch.ts'

// Requests under way: enough small blocks to fill a link of 100 ms, few enough large ones to hold in memory.
const WINDOW_BYTES = 8 * 1024 * 1024
const WINDOW_MIN = 16
const WINDOW_MAX = 512

/** What a download of blocks takes. */
export interface DownloadBlocksOptions extends FetchOptions {
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
}

/** Brings the wanted blocks here; blocks that are here count as done from the start. */
export async function downloadBlocks(
  core: Hypercore,
  peerBlocks: PeerBlocks,
  wanted: readonly BlockRange[],
  { onProgress, ...wait }: DownloadBlocksOptions,
  closing: AbortSignal,
): Promise<void> {
  const missing = missingBlocks(core, wanted)
  const blocksWanted = wanted.reduce((sum, { start, end }) => sum + Math.max(0, end - start), 0)
  let blocksDone = blocksWanted - missing.length
  let bytesReceived = 0
  const report = () => onProgress?.({ blocksDone, blocksWanted, bytesReceived })
  report()
  if (missing.length === 0) return
  const fetch = new RemoteFetch(core, peerBlocks, wait, closing)
  let next = 0
  const worker = async () => {
    while (next < missing.length) {
      const block = await fetch.block(missing[next++] as number)
      blocksDone++
      bytesReceived += block.byteLength
      report()
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(windowOf(core), missing.length) }, worker))
  } finally {
    fetch.close()
  }
}

function windowOf({ byteLength, length }: Hypercore): number {
  const blocks = Math.floor(WINDOW_BYTES / Math.max(1, byteLength / length))
  return Math.min(WINDOW_MAX, Math.max(WINDOW_MIN, blocks))
}

function missingBlocks(core: Hypercore, wanted: readonly BlockRange[]): number[] {
  const { bitfield } = core.core
  const missing: number[] = []
  for (const { start, end } of wanted) {
    for (let index = start; index < end; index++) if (!bitfield.get(index)) missing.push(index)
  }
  return missing
}
