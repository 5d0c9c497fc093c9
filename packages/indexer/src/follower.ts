import type { ReadableLog, WaitOptions } from '@datagram/log-core'
import type { MapState } from './map-state.ts'
import { subtractRanges } from './run.ts'
import { indexError } from './index-errors.ts'
import type { SupersededBlocks } from './superseded-blocks.ts'
import type { Sweeper } from './sweeper.ts'
import type { Upkeep } from './upkeep.ts'
import { fetchTree, isHere, isWithinReach, treesBack } from './tree-reader.ts'
import { type Tree, treeBlocks } from './view.ts'

/**
 * Keeps the index of somebody else's log up with its heads, and drops the copies of blocks that newer
 * heads no longer need, after the same time of grace as their author.
 */
export class Follower implements Upkeep {
  readonly #log: ReadableLog
  readonly #state: MapState
  readonly #superseded: SupersededBlocks
  readonly #sweeper: Sweeper
  #updating: Promise<boolean> | undefined
  #sweeping: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #problem: Error | undefined
  #closed = false

  constructor(log: ReadableLog, state: MapState, superseded: SupersededBlocks, sweeper: Sweeper) {
    this.#log = log
    this.#state = state
    this.#superseded = superseded
    this.#sweeper = sweeper
  }

  /** What made the last drop of blocks fail. */
  get problem(): Error | undefined {
    return this.#problem
  }

  /** Takes note of what an earlier process may have left: all below the head that it does not need. */
  begin(): void {
    if (this.#noteAllLeft()) this.#sweepLater()
  }

  /** Asks for a newer head and puts the newest tree within reach in place; true when it is a newer one. */
  async update(wait: WaitOptions): Promise<boolean> {
    await this.#log.update(wait)
    // Calls that come together share the read of the head.
    this.#updating ??= this.#adopt(wait).finally(() => {
      this.#updating = undefined
    })
    return this.#updating
  }

  applied(): void {}

  async ready(): Promise<void> {}

  async flush(): Promise<void> {
    throw notWritable(this.#log)
  }

  /** Drops all that is here and that neither the head nor a snapshot needs. */
  async compact(): Promise<void> {
    this.#noteAllLeft()
    await this.#sweeper.sweep('free')
  }

  async dropSuperseded(): Promise<void> {
    this.#noteAllLeft()
    await this.#sweeper.sweep('everything')
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#sweeping
  }

  async #adopt(wait: WaitOptions): Promise<boolean> {
    const before = this.#state.tree
    if (this.#log.length - 1 <= before.block) return false
    const tree = await this.#newest(before, wait)
    if (this.#closed || tree === undefined || tree.block <= before.block) return false
    this.#install(before, tree)
    return true
  }

  // A replica that has its tree whole stays whole: what a newer head needs is fetched before it counts. Another goes on
  // to what is within reach as a whole, and to less only from a tree that is not so itself any more.
  async #newest(before: Tree, wait: WaitOptions): Promise<Tree | undefined> {
    const log = this.#log
    const isWhole = before.block !== -1 && isHere(log, before)
    const passedOver: Tree[] = []
    for await (const { tree } of treesBack(log, before.block, wait)) {
      // Of an author who rebuilds the index: it is no newer state before it is whole again.
      if (tree.head.covers < before.head.covers) return undefined
      if (await (isWhole ? fetchTree(log, tree, wait) : isWithinReach(log, tree, wait))) return tree
      passedOver.push(tree)
    }
    if (isWhole || passedOver.length === 0) return undefined
    const isFallback = before.block === -1 || !(await isWithinReach(log, before, wait))
    if (isFallback) return passedOver[0]
    // It would count as known when the log is opened the next time.
    for (const { block } of passedOver) await log.evict({ start: block, end: block + 1 })
    return undefined
  }

  #install(before: Tree, tree: Tree): void {
    this.#state.install(tree)
    const superseded = subtractRanges(treeBlocks(before), treeBlocks(tree))
    this.#superseded.add(superseded, tree.block, Date.now())
    this.#sweepLater()
  }

  // Also what was fetched for heads that were not gone on to. False when there is no head yet.
  #noteAllLeft(): boolean {
    const { tree } = this.#state
    if (tree.block <= 0) return false
    const known = this.#superseded.list()
    const here = this.#log.here({ start: 1, end: tree.block })
    const left = subtractRanges(here, treeBlocks(tree))
    this.#superseded.add(subtractRanges(left, known), tree.block, Date.now())
    return true
  }

  #sweepLater(): void {
    const due = this.#sweeper.dueMs
    if (due === undefined || this.#closed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        this.#sweeping = this.#sweep()
      },
      Math.max(1000, due - Date.now()),
    )
    this.#timer.unref()
  }

  // Never rejects: a failure is kept, and tried again later.
  async #sweep(): Promise<void> {
    try {
      await this.#sweeper.sweep('due')
      this.#problem = undefined
    } catch (error) {
      this.#problem = error instanceof Error ? error : new Error(String(error))
    }
    this.#sweepLater()
  }
}

/** Why an index takes no operations of its own: its log's problem, or that the log is somebody else's. */
export function notWritable(log: ReadableLog): Error {
  return (
    log.problem ??
    indexError('LOG_NOT_WRITABLE', 'only its author can write to this index; this is a replica')
  )
}
