import type { Block, ReadableLog, Stamp, WaitOptions } from '@datagram/log-core'
import { decodeHead, HEAD_KIND } from './head.ts'
import { headDamaged } from './index-errors.ts'
import { isGone } from './unavailable.ts'
import { EMPTY_TREE, type Tree, treeBlocks } from './view.ts'

// How far back a replica whose newest head is out of reach looks for one that it has.
const BLOCKS_BACK_MAX = 65_536
// How many heads are tried, each newer than the one before, when their author drops them too soon.
const HEAD_TRIES_MAX = 8

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
 * As {@link readTree}, of a log that grows meanwhile: its author may drop a head before it is fetched,
 * but not before there is a newer one.
 */
export async function readNewestTree(log: ReadableLog, wait: WaitOptions): Promise<ReadTree> {
  for (let tries = 1; ; tries++) {
    try {
      return await readTree(log, wait)
    } catch (error) {
      const mayHelp = isGone(error) && tries < HEAD_TRIES_MAX
      if (!mayHelp || !(await log.update(wait))) throw error
    }
  }
}

/**
 * As {@link readNewestTree}, of a replica when it is opened. One that has an older tree whole goes on having
 * its tree whole: the newest is fetched, and where it is out of reach the older one stays. Without a whole
 * one, and with the newest head out of reach, it is the newest head that is on this machine.
 */
export async function readReachableTree(log: ReadableLog, wait: WaitOptions): Promise<ReadTree> {
  let newest: ReadTree | undefined
  let failure: unknown
  try {
    newest = await readNewestTree(log, wait)
    if (await isHere(log, newest.tree)) return newest
  } catch (error) {
    if (!isGone(error)) throw error
    failure = error
  }
  const older = await newestHere(log, wait)
  if (older === undefined && newest === undefined) throw failure
  if (newest === undefined || older === undefined) return (newest ?? older?.found) as ReadTree
  if (!older.isWhole) return newest
  try {
    await fetchTree(log, newest.tree, wait)
    return newest
  } catch (error) {
    if (!isGone(error)) throw error
    return older.found
  }
}

/** Whether every block of the tree is on this machine. */
export async function isHere(log: ReadableLog, tree: Tree): Promise<boolean> {
  for (const { start, end } of treeBlocks(tree)) {
    for (let block = start; block < end; block++) if (!(await log.has(block))) return false
  }
  return true
}

/** Brings every block of the tree here. */
export async function fetchTree(log: ReadableLog, tree: Tree, wait: WaitOptions): Promise<void> {
  await log.download({ ranges: treeBlocks(tree), ...wait })
}

// The newest older head whose whole tree is here, or else the newest older head that is.
async function newestHere(
  log: ReadableLog,
  wait: WaitOptions,
): Promise<{ readonly found: ReadTree; readonly isWhole: boolean } | undefined> {
  let found: ReadTree | undefined
  const last = log.length - 2
  for (let at = last; at > Math.max(0, last - BLOCKS_BACK_MAX); at--) {
    const block = (await log.has(at)) ? await log.getBlock(at, wait) : undefined
    if (block?.kind !== HEAD_KIND) continue
    const tree = treeOf(block)
    if (await isHere(log, tree.tree)) return { found: tree, isWhole: true }
    found ??= tree
  }
  return found && { found, isWhole: false }
}

function treeOf({ index, stamp, payload }: Block): ReadTree {
  return { tree: { block: index, head: decodeHead(payload, index) }, stamp }
}
