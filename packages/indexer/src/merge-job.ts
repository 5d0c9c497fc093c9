import { copyOf } from './byte-copies.ts'
import type { EventLoopTurn } from './event-loop-turn.ts'
import type { FencePage } from './fence-page.ts'
import { type GroupSizes, GroupWriter, type WrittenGroup } from './group-writer.ts'
import { compareKeys, sharedPrefix } from './key-order.ts'
import { LeafCursor } from './leaf-cursor.ts'
import type { LeafPage } from './leaf-page.ts'
import { MergeCursor } from './merge-cursor.ts'
import type { PageStore } from './page-store.ts'
import { EMPTY_RUN, type Group, groupOf, leafBlock, type Run, type Tier } from './run.ts'
import { RunCursor } from './run-cursor.ts'
import { separatorOf, shortestSeparator } from './separator.ts'
import { extendRun, placeGroup } from './written-run.ts'

// A group is taken over as it is if it has this part of the size that it would get.
const TAKEN_OVER_MIN = 0.25
// Entries between two looks at the clock.
const ENTRIES_PER_LOOK = 256
// A step ends when it has read so many groups' bytes, even if none of them is written (all deleted, say).
const GROUPS_READ_MAX = 4

/** What a {@link MergeJob} merges. */
export interface MergeInput {
  /** What was written in earlier steps. */
  readonly output: Run
  /** Where those steps ended; undefined at the beginning. */
  readonly bound: Uint8Array | undefined
  /** Newest first. */
  readonly inputs: readonly Run[]
  /** Nothing older is below: tombstones have done their work. */
  readonly oldest: boolean
  readonly sizes: GroupSizes
}

interface AloneGroup {
  /** Number of its input. */
  readonly at: number
  readonly run: Run
  /** Number of the group in its run. */
  readonly number: number
  readonly group: Group
}

/** What a step has made. */
export interface MergeStep {
  /** What is to be appended: one group or none. */
  readonly groups: readonly WrittenGroup[]
  /** The tier after the append, whose first block is `start`; undefined when nothing is left of it. */
  readonly tier: (start: number) => Tier | undefined
}

/**
 * Merges runs in steps, each of which writes at most one group and leaves a complete, valid tier.
 *
 * A group of one input that no other input reaches into is not written again: the output takes it over
 * where it lies. Keys that come in order (times, numbers) are so hardly ever rewritten.
 *
 * What is said of keys in the output, separators and the last key, is of keys that are in it: of one that was deleted, and
 * whose tombstone is gone with the merge, nothing is left. The bound of a merge under way may be such a key.
 *
 * Invariant: between steps the cursors stand on the first entries not below `#bound`, and everything
 * below it is in `#output`. After a failed append the job is of no use; a new one goes on from the head.
 */
export class MergeJob {
  readonly #pages: PageStore
  readonly #input: MergeInput
  readonly #writer: GroupWriter
  readonly #cursors: RunCursor[]
  #merge: MergeCursor
  #output: Run
  #bound: Uint8Array | undefined

  constructor(input: MergeInput, pages: PageStore) {
    this.#pages = pages
    this.#input = input
    this.#output = input.output
    this.#bound = input.bound
    this.#writer = new GroupWriter(input.sizes)
    this.#cursors = input.inputs.map((run) => this.#open(run, input.bound))
    this.#merge = new MergeCursor(this.#cursors, false)
  }

  /** Does the next step. Changes nothing in the log. */
  async step(turn: EventLoopTurn): Promise<MergeStep> {
    await this.#merge.load()
    await this.#takeOverGroups()
    if (this.#last !== undefined) this.#writer.follow(this.#last)
    await this.#write(turn)
    const group = this.#writer.finish()
    const next = this.#merge.state === 'done' ? undefined : this.#merge.entry.key()
    this.#bound = group && next ? shortestSeparator(group.lastKey, next) : next
    return {
      groups: group === undefined ? [] : [group],
      tier: (start) => {
        if (group !== undefined)
          this.#output = extendRun(this.#output, placeGroup(group, start), group)
        return this.#tier()
      },
    }
  }

  async #write(turn: EventLoopTurn): Promise<void> {
    const { oldest, sizes } = this.#input
    const merge = this.#merge
    let bytes = 0
    for (
      let entries = 1;
      !this.#writer.full && bytes < GROUPS_READ_MAX * sizes.groupBytes;
      entries++
    ) {
      if (merge.state === 'stalled') await merge.load()
      if (merge.state === 'done' || this.#mayTakeOver()) return
      const entry = merge.entry
      if (!(oldest && entry.tombstone)) this.#writer.add(entry)
      bytes += entry.keyEnd - entry.keyStart + entry.valueEnd - entry.valueStart
      merge.advance()
      if (entries % ENTRIES_PER_LOOK === 0 && turn.over) await turn.next()
    }
    await merge.load()
  }

  // Whether the group that is being written is large enough, and the next one can be taken over.
  #mayTakeOver(): boolean {
    return this.#writer.bytes >= this.#takenOverMin && this.#aloneGroup() !== undefined
  }

  get #takenOverMin(): number {
    return this.#input.sizes.groupBytes * TAKEN_OVER_MIN
  }

  // Takes over, one after another, the whole groups that come next and that nothing else reaches into.
  async #takeOverGroups(): Promise<void> {
    while (this.#merge.state === 'ready') {
      const alone = this.#aloneGroup()
      if (alone === undefined) return
      const { at, run, number, group } = alone
      const [fence] = (await this.#pages.load([{ block: group.fence, kind: 'fence' }], 'put')) as [
        FencePage,
      ]
      if (fence.bytes < this.#takenOverMin || (this.#input.oldest && fence.tombstones > 0)) return
      const separator = this.#separatorOf(fence, this.#merge.entry.key())
      if (separator === undefined) return
      const end = run.groups[number + 1]?.separator
      const { entries, tombstones, bytes } = fence
      const lastKey = await this.#lastKeyOf(group)
      const content = { entries, tombstones, bytes, lastKey }
      this.#output = extendRun(this.#output, { ...group, separator }, content)
      this.#cursors[at] = this.#open(end === undefined ? EMPTY_RUN : run, end)
      this.#merge = new MergeCursor(this.#cursors, false)
      await this.#merge.load()
      this.#bound = end ?? (this.#merge.state === 'done' ? undefined : this.#merge.entry.key())
    }
  }

  // The separator of a group that begins with `first` and is taken over: not below the one in its fence, which may be of
  // a key that is gone, as earlier versions wrote it; then there is none, and the group is written again.
  #separatorOf(fence: FencePage, first: Uint8Array): Uint8Array | undefined {
    const own = fence.separator(0) as Uint8Array
    if (sharedPrefix(own, 0, own.length, first, 0, first.length) < own.length) return undefined
    const separator = separatorOf(this.#last, first)
    return separator.length < own.length ? copyOf(own) : separator
  }

  async #lastKeyOf(group: Group): Promise<Uint8Array> {
    const block = leafBlock(group, group.leaves - 1)
    const [page] = (await this.#pages.load([{ block, kind: 'leaf' }], 'pass')) as [LeafPage]
    const cursor = new LeafCursor(false)
    cursor.open(page)
    cursor.moveTo(page.count - 1)
    return cursor.entry.key()
  }

  // The last key of the output; undefined when it is empty.
  get #last(): Uint8Array | undefined {
    return this.#output.groups.length === 0 ? undefined : this.#output.last
  }

  // The group that comes next, when none of it was merged yet and every other input goes on behind it.
  #aloneGroup(): AloneGroup | undefined {
    const source = this.#merge.source as RunCursor
    if (!source.atGroupStart) return undefined
    const at = this.#cursors.indexOf(source)
    const run = this.#input.inputs[at] as Run
    const number = groupOf(run, source.entry.key())
    const group = run.groups[number]
    if (group === undefined) return undefined
    const other = this.#merge.next?.entry.key()
    const end = run.groups[number + 1]?.separator
    const isAlone =
      other === undefined ||
      (end === undefined ? compareKeys(run.last, other) < 0 : compareKeys(end, other) <= 0)
    return isAlone ? { at, run, number, group } : undefined
  }

  #open(run: Run, lower: Uint8Array | undefined): RunCursor {
    return new RunCursor(run, this.#pages, {
      bounds: { lower, upper: undefined },
      reverse: false,
      lending: false,
      eager: false,
      keep: 'pass',
      wait: {},
    })
  }

  #tier(): Tier | undefined {
    const bound = this.#bound
    if (bound === undefined) {
      if (this.#output.groups.length === 0) return undefined
      return { run: { ...this.#output, superseded: this.#superseded() }, merge: undefined }
    }
    const inputs = this.#input.inputs
      .filter((run) => compareKeys(run.last, bound) >= 0)
      .map((run) => trimRun(run, bound))
    return { run: this.#output, merge: { bound, inputs } }
  }

  // What the inputs made superfluous, less what the merge has left out of it.
  #superseded(): number {
    const { oldest, inputs, output } = this.#input
    if (oldest) return 0
    const sum = (of: (run: Run) => number) => inputs.reduce((total, run) => total + of(run), 0)
    const leftOut = sum(({ bytes }) => bytes) - (this.#output.bytes - output.bytes)
    return Math.max(0, Math.round(sum(({ superseded }) => superseded) - Math.max(0, leftOut)))
  }
}

/**
 * What is left of a run from `bound` on: whole groups, the first of which may begin below it. Its
 * totals are estimates then, in proportion to the leaves that are left.
 */
function trimRun(run: Run, bound: Uint8Array): Run {
  const groups = run.groups.slice(Math.max(0, groupOf(run, bound)))
  const part = leavesOf(groups) / leavesOf(run.groups)
  return {
    groups,
    last: run.last,
    entries: Math.round(run.entries * part),
    tombstones: Math.round(run.tombstones * part),
    bytes: Math.round(run.bytes * part),
    superseded: Math.round(run.superseded * part),
  }
}

function leavesOf(groups: readonly Group[]): number {
  return groups.reduce((sum, { leaves }) => sum + leaves, 0)
}
