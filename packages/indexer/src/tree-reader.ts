import {
  type Block,
  type BlockRange,
  growsBeyond,
  type ReadableLog,
  type Stamp,
  type WaitOptions,
} from '@datagram/log-core'
import { decodeHead, HEAD_KIND } from './head.ts'
import { headDamaged } from './index-errors.ts'
import { LEAF_KIND } from './leaf-format.ts'
import { subtractRanges } from './run.ts'
import { isGone } from './unavailable.ts'
import { EMPTY_TREE, type Tree, treeBlocks } from './view.ts'

// How far back a replica looks for the newest tree that it has whole, and how many blocks it reads for it.
const BLOCKS_BACK_MAX = 65_536
const READS_MAX = 1024
// Blocks that are read at once where a head is looked for.
const WINDOW_BLOCKS = 64
// How many heads are tried, each newer than the one before, when their author drops them too soon.
const HEAD_TRIES_MAX = 8
// How many older heads are tried when no connected peer has the newest whole.
const PIECES_MAX = 8

/** A tree, and when its head was written; undefined without a head. */
export interface ReadTree {
  readonly tree: Tree
  readonly stamp: Stamp | undefined
}

/**
 * The tree of the newest head: every append ends in one, so the last block tells.
 *
 * Rejects with `INDEX_HEAD_DAMAGED`, `INDEX_FORMAT_UNKNOWN`, or as the log's `getBlock` does.
 */
export async function readTree(log: ReadableLog, wait: WaitOptions): Promise<ReadTree> {
  const last = log.length - 1
  if (last < 0) return { tree: EMPTY_TREE, stamp: undefined }
  const block = await log.getBlock(last, wait)
  if (block.kind === HEAD_KIND) return treeOf(block)
  // A log that holds nothing but a stream's header.
  if (last === 0) return { tree: EMPTY_TREE, stamp: undefined }
  throw headDamaged(`block ${last}, the last of the log, is of kind ${block.kind} and no head`)
}

/**
 * The trees of the heads above block `above` that can be read, newest first: that of the newest head, then,
 * while the caller asks for more, those that a connected peer may have whole though it does not have the
 * newest. A peer that is a replica itself knows of heads that it does not have, and an author may drop a head
 * before it is fetched, but not before there is a newer one.
 */
export async function* treesBack(
  log: ReadableLog,
  above: number,
  wait: WaitOptions,
): AsyncGenerator<ReadTree, void, undefined> {
  let below = log.length
  for (let tries = 1; ; tries++) {
    below = log.length
    if (below - 1 <= above) return
    const newest = await unlessGone(readTree(log, wait))
    if (newest !== undefined) yield newest
    if (tries === HEAD_TRIES_MAX || !(await log.update(wait))) break
  }
  // What a peer has in one piece ends in a head, unless it is just taking the next.
  const pieces = await log.reachable({ start: above + 1, end: below - 1 }, wait)
  for (const { end } of pieces.slice(-PIECES_MAX).reverse()) {
    const block = await unlessGone(log.getBlock(end - 1, wait))
    if (block?.kind === HEAD_KIND) yield treeOf(block)
  }
}

/**
 * The tree of a replica when it is opened: of the newest head within reach. One that has an older tree whole
 * goes on having its tree whole: a newer one is fetched, and where that is out of reach the older one stays. One
 * that has none yet takes the newest of which all blocks are within reach, or else the newest.
 *
 * Rejects as {@link readTree} does, with `BLOCK_UNAVAILABLE` when no head is here or with a connected peer.
 */
export async function readReachableTree(log: ReadableLog, wait: WaitOptions): Promise<ReadTree> {
  if (log.length === 0) return { tree: EMPTY_TREE, stamp: undefined }
  const known = await newestHere(log, wait)
  if (known === undefined) {
    const first = await firstTree(log, wait)
    if (first !== undefined) return first
  } else {
    for await (const newer of treesBack(log, known.found.tree.block, wait)) {
      if (!known.isWhole || (await fetchTree(log, newer.tree, wait))) return newer
    }
    return known.found
  }
  if (await isBegun(log, wait)) return { tree: EMPTY_TREE, stamp: undefined }
  // The read of the newest fails again, and says why; unless it was dropped for one that comes now.
  if (!log.writable && (await growsBeyond(log, log.length, wait))) {
    for await (const newest of treesBack(log, -1, wait)) return newest
  }
  return readTree(log, wait)
}

/** The newest tree whose head lies below a block and of which all blocks are within reach; undefined: there is none. */
export async function readTreeBelow(
  log: ReadableLog,
  below: number,
  wait: WaitOptions,
): Promise<ReadTree | undefined> {
  for await (const older of treesBelow(log, below, wait)) {
    if (await isWithinReach(log, older.tree, wait)) return older
  }
  return undefined
}

/** Whether every block of the tree is on this machine. */
export function isHere(log: ReadableLog, tree: Tree): boolean {
  return treeBlocks(tree).every((range) => isRangeHere(log, range))
}

/** Brings every block of the tree here; false when no connected peer has one of them (any longer). */
export async function fetchTree(log: ReadableLog, tree: Tree, wait: WaitOptions): Promise<boolean> {
  const fetching = log.download({ ranges: treeBlocks(tree), ...wait })
  return (await unlessGone(fetching.then(() => true))) ?? false
}

// The newest head whose whole tree is here, or else the newest of whose tree something is.
async function newestHere(
  log: ReadableLog,
  wait: WaitOptions,
): Promise<{ readonly found: ReadTree; readonly isWhole: boolean } | undefined> {
  let found: ReadTree | undefined
  let left = log.here({ start: Math.max(1, log.length - BLOCKS_BACK_MAX), end: log.length })
  for (let reads = 0; reads < READS_MAX; reads++) {
    const end = left.at(-1)?.end
    if (end === undefined) break
    const block = await log.getBlock(end - 1, wait)
    const tree = block.kind === HEAD_KIND ? treeOf(block) : undefined
    if (tree !== undefined && isHere(log, tree.tree)) return { found: tree, isWhole: true }
    if (tree !== undefined && isBegunHere(log, tree.tree)) found ??= tree
    // What is in a tree is no head of an older one.
    left = subtractRanges(left, tree ? treeBlocks(tree.tree) : [{ start: end - 1, end }])
  }
  return found && { found, isWhole: false }
}

// A replica that has no tree yet. What was looked at on the way is not kept: it would count as known the next time.
async function firstTree(log: ReadableLog, wait: WaitOptions): Promise<ReadTree | undefined> {
  let newest: ReadTree | undefined
  for await (const newer of treesBack(log, -1, wait)) {
    newest ??= newer
    if (newer.tree.block === -1) return newer
    if (await isWithinReach(log, newer.tree, wait)) return passedOver(log, newest, newer)
  }
  if (newest === undefined) return undefined
  const older = await readTreeBelow(log, newest.tree.block, wait)
  return older === undefined ? newest : passedOver(log, newest, older)
}

async function passedOver(log: ReadableLog, newest: ReadTree, taken: ReadTree): Promise<ReadTree> {
  const [start, end] = [taken.tree.block + 1, newest.tree.block + 1]
  if (start < end) await log.evict({ start, end })
  return taken
}

// The heads below a block that are within reach, newest first: mostly the last block of what a peer has in one
// piece, else somewhere before it.
async function* treesBelow(
  log: ReadableLog,
  below: number,
  wait: WaitOptions,
): AsyncGenerator<ReadTree, void, undefined> {
  const start = Math.max(1, below - BLOCKS_BACK_MAX)
  let left = start < below ? await log.reachable({ start, end: below }, wait) : []
  for (let window = 1, reads = 0; reads < READS_MAX; window = WINDOW_BLOCKS) {
    const piece = left.at(-1)
    if (piece === undefined) return
    const from = Math.max(piece.start, piece.end - window)
    const range = { start: from, end: piece.end }
    reads += range.end - range.start
    const indexes = Array.from({ length: range.end - from }, (_, i) => from + i)
    const blocks = (await unlessGone(log.getBlocks(indexes, wait))) ?? []
    for (const block of blocks.reverse()) if (block.kind === HEAD_KIND) yield treeOf(block)
    left = subtractRanges(left, [range])
  }
}

/**
 * Whether each block of the tree is here or with a connected peer. Who has shown a head has said what else he has,
 * so mostly nothing is waited for.
 */
export async function isWithinReach(
  log: ReadableLog,
  tree: Tree,
  wait: WaitOptions,
): Promise<boolean> {
  const doubtful = treeBlocks(tree).filter(
    (range) => !isRangeHere(log, range) && !isHeld(log, range),
  )
  const found = await Promise.all(doubtful.map((range) => log.reachable(range, wait)))
  return doubtful.every(({ start, end }, i) => {
    const first = found[i]?.[0]
    return first?.start === start && first.end === end
  })
}

function isRangeHere(log: ReadableLog, range: BlockRange): boolean {
  const [first] = log.here(range)
  return first?.start === range.start && first.end === range.end
}

function isHeld(log: ReadableLog, { start, end }: BlockRange): boolean {
  for (let block = start; block < end; block++) if (log.holders(block) === 0) return false
  return true
}

// Whether more of the tree is here than the head, at which a reader may only have looked.
function isBegunHere(log: ReadableLog, tree: Tree): boolean {
  const others = subtractRanges(treeBlocks(tree), [{ start: tree.block, end: tree.block + 1 }])
  return others.length === 0 || others.some((range) => log.here(range).length > 0)
}

function treeOf({ index, stamp, payload }: Block): ReadTree {
  return { tree: { block: index, head: decodeHead(payload, index) }, stamp }
}

// Whether a stream's header is all that anybody has of the log: then that is the newest state within reach.
async function isBegun(log: ReadableLog, wait: WaitOptions): Promise<boolean> {
  const pieces = await log.reachable({ start: 0, end: log.length }, wait)
  if (pieces.length !== 1 || pieces[0]?.end !== 1) return false
  const header = await unlessGone(log.getBlock(0, wait))
  return header !== undefined && header.kind < LEAF_KIND
}

async function unlessGone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}
