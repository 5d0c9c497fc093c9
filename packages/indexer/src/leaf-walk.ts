import type { FencePage } from './fence-page.ts'
import type { KeyBounds } from './key-bounds.ts'
import { compareKeys } from './key-order.ts'
import { type Group, groupOf, leafBlock, type Run } from './run.ts'

/** A leaf that a walk comes to. */
export interface WalkedLeaf {
  readonly block: number
  /** Entries in it. */
  readonly entries: number
  /** Not above any key of the leaf. */
  readonly separator: Uint8Array
  /** Above every key of the leaf; undefined in the run's last leaf. */
  readonly end: Uint8Array | undefined
  /** The first leaf of its group. */
  readonly first: boolean
}

/**
 * The leaves of a run that may hold keys within bounds, in either direction, as far as the fences that
 * it was given reach. It reads nothing itself.
 */
export class LeafWalk {
  readonly #run: Run
  readonly #bounds: KeyBounds
  readonly #step: 1 | -1
  readonly #fences = new Map<number, FencePage>()
  #group: number
  // Leaf of the group that comes next; undefined until the fence tells where the walk enters it.
  #leaf: number | undefined

  constructor(run: Run, bounds: KeyBounds, reverse: boolean) {
    this.#run = run
    this.#bounds = bounds
    this.#step = reverse ? -1 : 1
    this.#group = reverse ? lastGroupBelow(run, bounds.upper) : firstGroupFrom(run, bounds.lower)
  }

  /** Whether there are no more leaves. */
  get done(): boolean {
    return !this.#reaches(this.#group)
  }

  /** Bytes of a leaf of the present group, on average; 0 before its fence is known. */
  get leafBytes(): number {
    const group = this.#run.groups[this.#group]
    const fence = group && this.#fences.get(group.fence)
    return fence === undefined ? 0 : fence.bytes / fence.leaves
  }

  /** Blocks of those of the next `groups` fences that the walk will need and was not given. */
  missingFences(groups: number): number[] {
    const blocks: number[] = []
    for (let i = 0; i < groups; i++) {
      const number = this.#group + i * this.#step
      if (!this.#reaches(number)) break
      const { fence } = this.#run.groups[number] as Group
      if (!this.#fences.has(fence)) blocks.push(fence)
    }
    return blocks
  }

  /** Hands over a fence. */
  give(block: number, fence: FencePage): void {
    this.#fences.set(block, fence)
  }

  /** The next leaf, and moves on; undefined when there is none or its fence is missing. */
  next(): WalkedLeaf | undefined {
    const group = this.#run.groups[this.#group]
    const fence = group && this.#fences.get(group.fence)
    if (group === undefined || fence === undefined || this.done) return undefined
    const leaf = this.#leaf ?? this.#enter(fence)
    const walked = this.#describe(group, fence, leaf)
    this.#leaf = leaf + this.#step
    if (this.#leaf < 0 || this.#leaf >= fence.leaves || !this.#within(fence, this.#leaf)) {
      this.#leaf = undefined
      this.#group += this.#step
      this.#fences.delete(group.fence)
    }
    return walked
  }

  /** The leaves that follow, at most `count`, without moving. */
  upcoming(count: number): WalkedLeaf[] {
    const ahead = new LeafWalk(this.#run, this.#bounds, this.#step === -1)
    for (const [block, fence] of this.#fences) ahead.give(block, fence)
    ahead.#group = this.#group
    ahead.#leaf = this.#leaf
    const leaves: WalkedLeaf[] = []
    for (
      let leaf = ahead.next();
      leaf !== undefined && leaves.length < count;
      leaf = ahead.next()
    ) {
      leaves.push(leaf)
    }
    return leaves
  }

  // Whether a group may hold keys within the bounds, given that the walk has come to it.
  #reaches(number: number): boolean {
    const group = this.#run.groups[number]
    if (group === undefined) return false
    const { lower, upper } = this.#bounds
    if (this.#step === 1) return upper === undefined || compareKeys(group.separator, upper) < 0
    const end = this.#run.groups[number + 1]?.separator
    return lower === undefined || end === undefined || compareKeys(end, lower) > 0
  }

  // The same of a leaf of the group.
  #within(fence: FencePage, leaf: number): boolean {
    const { lower, upper } = this.#bounds
    if (this.#step === 1) {
      const separator = fence.separator(leaf) as Uint8Array
      return upper === undefined || compareKeys(separator, upper) < 0
    }
    const end = fence.separator(leaf + 1)
    return lower === undefined || end === undefined || compareKeys(end, lower) > 0
  }

  // The leaf of a group that the walk enters: where its bound lies, or the group's first or last.
  #enter(fence: FencePage): number {
    const { lower, upper } = this.#bounds
    if (this.#step === 1) return lower === undefined ? 0 : Math.max(0, fence.leafOf(lower))
    if (upper === undefined) return fence.leaves - 1
    const leaf = fence.leafOf(upper)
    const separator = leaf === -1 ? undefined : fence.separator(leaf)
    const equal = separator !== undefined && compareKeys(separator, upper) === 0
    return Math.max(0, equal ? leaf - 1 : leaf)
  }

  #describe(group: Group, fence: FencePage, leaf: number): WalkedLeaf {
    const separator = fence.separator(leaf) as Uint8Array
    const entries = fence.entriesOf(leaf)
    const end = fence.separator(leaf + 1) ?? this.#run.groups[this.#group + 1]?.separator
    return { block: leafBlock(group, leaf), entries, separator, end, first: leaf === 0 }
  }
}

// Number of the group in which keys from `lower` on begin; behind the last when there are none.
function firstGroupFrom(run: Run, lower: Uint8Array | undefined): number {
  if (lower === undefined) return 0
  if (compareKeys(run.last, lower) < 0) return run.groups.length
  return Math.max(0, groupOf(run, lower))
}

// Number of the last group that begins below `upper`; −1 when there is none.
function lastGroupBelow(run: Run, upper: Uint8Array | undefined): number {
  if (upper === undefined) return run.groups.length - 1
  const number = groupOf(run, upper)
  const group = run.groups[number]
  return group !== undefined && compareKeys(group.separator, upper) === 0 ? number - 1 : number
}
