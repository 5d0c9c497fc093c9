import type { Block, ReadableLog } from '@datagram/log-core'
import { filterMayHold, filterPartition } from './bloom-filter.ts'
import type { FencePage } from './fence-page.ts'
import { FILTER_HEADER_BYTES, type FilterPage } from './filter-page.ts'
import { decodeHead, HEAD_KIND } from './head.ts'
import { hashKey } from './key-hash.ts'
import { compareKeys } from './key-order.ts'
import { LeafCursor } from './leaf-cursor.ts'
import type { LeafPage } from './leaf-page.ts'
import type { Index } from './ordered-index.ts'
import { decodePage, type PageKind } from './page-decode.ts'
import { allRuns, blocksOf, type Group, groupStart, leafBlock, type Run } from './run.ts'
import type { Tree } from './view.ts'

/**
 * Reads the whole index from its log and names every invariant that does not hold; an empty list is a
 * sound index. For tests and for care: it reads every live block. Rejects as the log's reads do.
 *
 * Checked are: the head on which the index stands; live blocks are there, belong to one group each and
 * are not listed as superseded; keys ascend within leaves and across leaves, groups and runs,
 * within their separators, bounds and `last`; no filter denies a key of its group; counts and sizes.
 */
export async function checkIndex(index: Index): Promise<string[]> {
  // Keeps the blocks of this moment while they are read.
  using _pinned = index.snapshot()
  const { covers, log } = index
  const { headBlock } = index.stats()
  const faults: string[] = []
  if (headBlock === -1) return faults
  const { kind, payload } = await log.getBlock(headBlock)
  if (kind !== HEAD_KIND) return [`block ${headBlock} is of kind ${kind} and no head`]
  const head = decodeHead(payload, headBlock)
  if (head.covers !== covers) faults.push('the index covers something else than its head')
  checkBlocks({ block: headBlock, head }, faults)
  for (const { run, merge } of head.tiers) {
    const check = new RunCheck(log, run, merge?.bound, faults)
    await check.run()
    check.checkTotals()
    for (const input of merge?.inputs ?? []) await new RunCheck(log, input, undefined, faults).run()
  }
  return faults
}

function checkBlocks({ block, head }: Tree, faults: string[]): void {
  const live = blocksOf(head.tiers)
  const named = allRuns(head.tiers).flatMap((run) => run.groups)
  const blocks = named.reduce((sum, group) => sum + group.fence + 1 - groupStart(group), 0)
  const joined = live.reduce((sum, { start, end }) => sum + end - start, 0)
  if (blocks !== joined) faults.push('two groups share blocks')
  for (const { start, end } of head.superseded) {
    if (start === 0) faults.push('block 0 is listed as superseded')
    if (live.some((range) => range.start < end && start < range.end)) {
      faults.push(`live blocks are listed as superseded: ${start} to ${end}`)
    }
  }
  if ((live.at(-1)?.end ?? 0) > block && block !== -1) faults.push('a group lies behind its head')
}

// Walks one run.
class RunCheck {
  readonly #log: ReadableLog
  readonly #run: Run
  readonly #bound: Uint8Array | undefined
  readonly #faults: string[]
  readonly #cursor = new LeafCursor(false)
  #last: Uint8Array | undefined
  #entries = 0
  #tombstones = 0
  #bytes = 0

  constructor(log: ReadableLog, run: Run, bound: Uint8Array | undefined, faults: string[]) {
    this.#log = log
    this.#run = run
    this.#bound = bound
    this.#faults = faults
  }

  async run(): Promise<void> {
    for (const [i, group] of this.#run.groups.entries()) {
      await this.#checkGroup(group, this.#run.groups[i + 1]?.separator)
    }
    if (this.#last === undefined) return
    if (compareKeys(this.#last, this.#run.last) > 0) this.#fault('a key is above its last')
    if (this.#bound !== undefined && compareKeys(this.#last, this.#bound) >= 0) {
      this.#fault("a key of a merge's output is not below its bound")
    }
  }

  checkTotals(): void {
    const { entries, tombstones, bytes } = this.#run
    if (entries !== this.#entries || tombstones !== this.#tombstones || bytes !== this.#bytes) {
      this.#fault(
        `totals are ${entries}, ${tombstones}, ${bytes} and should be ${this.#entries}, ${this.#tombstones}, ${this.#bytes}`,
      )
    }
  }

  async #checkGroup(group: Group, end: Uint8Array | undefined): Promise<void> {
    const first = groupStart(group)
    const indexes = Array.from({ length: group.fence + 1 - first }, (_, i) => first + i)
    const blocks = await this.#log.getBlocks(indexes)
    const page = (block: number, kind: PageKind) => decodePage(blocks[block - first] as Block, kind)
    const fence = page(group.fence, 'fence') as FencePage
    if (fence.leaves !== group.leaves)
      this.#fault('a fence has another count of leaves than its head')
    const filters = Array.from({ length: group.filters }, (_, i) => {
      return page(group.fence - group.filters + i, 'filter') as FilterPage
    })
    let tombstones = 0
    for (let i = 0; i < Math.min(fence.leaves, group.leaves); i++) {
      const leaf = page(leafBlock(group, i), 'leaf') as LeafPage
      if (leaf.count !== fence.entriesOf(i)) this.#fault('a leaf has another count than its fence')
      const separator = fence.separator(i) as Uint8Array
      const lower = i === 0 ? larger(separator, group.separator) : separator
      tombstones += this.#checkLeaf(leaf, lower, fence.separator(i + 1) ?? end, fence, filters)
    }
    if (tombstones !== fence.tombstones) this.#fault('a fence has another count of tombstones')
    const bytes = blocks.reduce((sum, { payload }) => sum + payload.length, 0)
    if (bytes !== fence.bytes) this.#fault('a group has another size than its fence says')
    this.#tombstones += tombstones
    this.#bytes += bytes
  }

  // Returns how many tombstones there are.
  #checkLeaf(
    leaf: LeafPage,
    lower: Uint8Array,
    upper: Uint8Array | undefined,
    fence: FencePage,
    filters: readonly FilterPage[],
  ): number {
    let tombstones = 0
    this.#cursor.open(leaf)
    for (let i = 0; i < leaf.count; i++) {
      this.#cursor.moveTo(i)
      const key = this.#cursor.entry.key()
      if (this.#last !== undefined && compareKeys(this.#last, key) >= 0)
        this.#fault('keys do not ascend')
      if (compareKeys(key, lower) < 0) this.#fault('a key is below its separator')
      if (upper !== undefined && compareKeys(key, upper) >= 0) {
        this.#fault('a key is not below the next separator')
      }
      if (!isHeld(key, fence, filters)) this.#fault('a filter denies a key')
      if (this.#cursor.entry.tombstone) tombstones += 1
      this.#last = key
    }
    this.#entries += leaf.count
    return tombstones
  }

  #fault(what: string): void {
    const at = this.#run.groups[0]?.fence
    this.#faults.push(`run with fence ${at}: ${what}`)
  }
}

function isHeld(key: Uint8Array, fence: FencePage, filters: readonly FilterPage[]): boolean {
  const hash = hashKey(key)
  if (filters.length === 0) return filterMayHold(fence.filter, 0, fence.filter.length, hash)
  const { bytes } = filters[filterPartition(hash, filters.length)] as FilterPage
  return filterMayHold(bytes, FILTER_HEADER_BYTES, bytes.length, hash)
}

function larger(a: Uint8Array, b: Uint8Array): Uint8Array {
  return compareKeys(a, b) < 0 ? b : a
}
