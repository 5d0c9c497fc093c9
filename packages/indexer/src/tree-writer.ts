import type { BlockInput, Log } from '@datagram/log-core'
import type { WrittenGroup } from './group-writer.ts'
import { encodeHead, HEAD_KIND, type Head } from './head.ts'
import { indexError } from './index-errors.ts'
import type { PageStore } from './page-store.ts'
import { blocksOf, joinRanges, subtractRanges } from './run.ts'
import type { SupersededBlocks } from './superseded-blocks.ts'
import { type Tree, treeBlocks } from './view.ts'

/** What an append makes of the tree, given the block at which its groups begin. */
export type TreeChange = (start: number) => Pick<Head, 'covers' | 'tiers'>

/**
 * Appends groups and the head that takes them in, all or none: the only way in which the tree changes.
 */
export class TreeWriter {
  readonly #log: Log
  readonly #pages: PageStore
  readonly #superseded: SupersededBlocks
  /** Payload bytes appended so far. */
  appendedBytes = 0

  constructor(log: Log, pages: PageStore, superseded: SupersededBlocks) {
    this.#log = log
    this.#pages = pages
    this.#superseded = superseded
  }

  /** The tree after the append. Rejects as the log's `append` does, and then nothing has changed. */
  async commit(tree: Tree, groups: readonly WrittenGroup[], change: TreeChange): Promise<Tree> {
    const start = this.#log.length
    const { covers, tiers } = change(start)
    const superseded = subtractRanges(treeBlocks(tree), blocksOf(tiers))
    const head = {
      covers,
      tiers,
      superseded: joinRanges([...this.#superseded.list(), ...superseded]),
    }
    const payload = encodeHead(head)
    const blocks: BlockInput[] = groups.flatMap((group) => group.blocks)
    const first = await this.#log.append([...blocks, { kind: HEAD_KIND, payload }])
    if (first !== start) throw logShared(first, start)
    const block = start + blocks.length
    this.appendedBytes += payload.length + groups.reduce((sum, { bytes }) => sum + bytes, 0)
    groups.flatMap((group) => group.pages).forEach((page, i) => this.#pages.offer(start + i, page))
    this.#superseded.add(superseded, block, Date.now())
    return { block, head }
  }
}

function logShared(first: number, start: number): Error {
  return indexError(
    'INDEX_LOG_SHARED',
    `somebody else appended to the log of the index: an append came to lie at block ${first} instead of ${start}; give the index a log of its own, and rebuild it`,
    { details: { first, start } },
  )
}
