import {
  bounded,
  HybridClock,
  Lifecycle,
  type Log,
  type ReadableLog,
  type Stamp,
  type WaitOptions,
} from '@datagram/log-core'
import { Compactor, type SizesFor } from './compactor.ts'
import { Flusher } from './flusher.ts'
import { Follower } from './follower.ts'
import { Keeper } from './keeper.ts'
import { type IndexParts, type IndexWriting, LogIndex } from './log-index.ts'
import { MapState } from './map-state.ts'
import type { Index, IndexOptions } from './ordered-index.ts'
import { Pace } from './pace.ts'
import { PageStore } from './page-store.ts'
import { SupersededBlocks } from './superseded-blocks.ts'
import { Sweeper } from './sweeper.ts'
import { readReachableTree, readTree, readTreeBelow, type ReadTree } from './tree-reader.ts'
import { TreeWriter } from './tree-writer.ts'
import { EMPTY_TREE, type Tree } from './view.ts'

// Runs below this size have smaller leaves: a reader fetches one for few entries.
const SMALL_RUN_BYTES = 2 * 1024 * 1024
const LEAF_BYTES_MAX = 32 * 1024

/**
 * Opens the index that a log holds, or begins one in an empty log (a stream's header in block 0 may be
 * there). The log is the index's alone, and stays open when the index is closed.
 *
 * A log that is not writable is somebody else's: its index is read, kept up with `update`, and may take
 * operations that the log does not have yet (`apply`), for reading only.
 *
 * Rejects with `INDEX_HEAD_DAMAGED`, `INDEX_FORMAT_UNKNOWN`, `BLOCK_UNAVAILABLE` (a replica whose head
 * no connected peer has), `WAIT_TIMEOUT`; nothing then stays open.
 */
export async function openIndex(
  log: Log | ReadableLog,
  options: IndexOptions = {},
): Promise<Index> {
  const { cacheBytes = 32 * 1024 * 1024, graceMs = 10_000, signal, timeoutMs } = options
  const lifecycle = new Lifecycle('the index', 'INDEX_CLOSED')
  const reading = readTreeFor(log, options.below, { signal, timeoutMs })
  const { tree, stamp } = await bounded(reading, 'opening the index', { signal, timeoutMs })
  const clock = new HybridClock()
  if (stamp !== undefined) clock.resume(stamp)
  const state = new MapState(tree)
  const pages = new PageStore(log, cacheBytes)
  const superseded = new SupersededBlocks()
  const sweeper = new Sweeper(log, pages, superseded, graceMs)
  const parts = { log, lifecycle, state, pages, superseded, sweeper, clock, stamp }
  const index = isWritable(log) ? openOwn(log, parts, options) : openRemote(parts)
  lifecycle.opened()
  return index
}

async function readTreeFor(
  log: ReadableLog,
  below: number | undefined,
  wait: WaitOptions,
): Promise<ReadTree> {
  // Of one's own there is no newer one elsewhere, and none older is taken where this one is here.
  if (isWritable(log) && (await log.has(log.length - 1))) return readTree(log, wait)
  if (below === undefined) return readReachableTree(log, wait)
  return (await readTreeBelow(log, below, wait)) ?? { tree: EMPTY_TREE, stamp: undefined }
}

type SharedParts = Omit<IndexParts, 'upkeep' | 'writing'> & { readonly stamp: Stamp | undefined }

function openOwn(log: Log, parts: SharedParts, options: IndexOptions): Index {
  const { flushBytes = 4 * 1024 * 1024, flushPositions = 2048, idleMs = 250, runsMax = 6 } = options
  const { state, pages, superseded, sweeper, lifecycle } = parts
  const sizesFor = sizesOf(options)
  const pace = new Pace(runsMax)
  const writer = new TreeWriter(log, pages, superseded)
  const flusher = new Flusher(state, pages, writer, sizesFor, pace, { flushBytes, flushPositions })
  const compactor = new Compactor(writer, pages, sizesFor, pace, runsMax)
  const writing: IndexWriting = { writer, flusher, compactor }
  const closedError = () => lifecycle.closedError()
  // Superseded at the latest when the head was written: their grace goes on from there.
  const takeSuperseded = (tree: Tree, since: Stamp | undefined) => {
    superseded.reset(
      tree.head.superseded,
      tree.block,
      Math.min(since?.ms ?? Date.now(), Date.now()),
    )
  }
  const resync = async () => {
    if (log.length - 1 <= state.tree.block) return
    const { tree, stamp } = await readTree(log, {})
    state.install(tree)
    takeSuperseded(tree, stamp)
  }
  const upkeep = new Keeper({ state, flusher, compactor, sweeper, idleMs, resync, closedError })
  takeSuperseded(state.tree, parts.stamp)
  upkeep.begin()
  return new LogIndex({ ...parts, upkeep, writing })
}

function openRemote(parts: SharedParts): Index {
  const { log, state, superseded, sweeper } = parts
  const upkeep = new Follower(log, state, superseded, sweeper)
  upkeep.begin()
  return new LogIndex({ ...parts, upkeep, writing: undefined })
}

function sizesOf({ leafBytes = 8192, groupBytes = 1024 * 1024 }: IndexOptions): SizesFor {
  if (leafBytes > LEAF_BYTES_MAX) throw new TypeError(`leafBytes is at most ${LEAF_BYTES_MAX}`)
  return (bytes) => ({
    leafBytes: bytes < SMALL_RUN_BYTES ? leafBytes / 2 : leafBytes,
    groupBytes: Math.min(groupBytes, Math.max(groupBytes / 8, bytes / 12)),
  })
}

function isWritable(log: Log | ReadableLog): log is Log {
  return log.writable && 'append' in log
}
