import type { WrittenGroup } from './group-writer.ts'
import { EMPTY_RUN, type Group, type Run } from './run.ts'

/** Where a written group comes to lie when the first of its blocks gets that number. */
export function placeGroup(written: WrittenGroup, start: number): Group {
  return {
    separator: written.separator,
    fence: start + written.blocks.length - 1,
    leaves: written.leaves,
    filters: written.filters,
  }
}

/** Groups that are appended one after another from block `start` on, as a run. */
export function placeRun(written: readonly WrittenGroup[], start: number, superseded: number): Run {
  let run = EMPTY_RUN
  let block = start
  for (const group of written) {
    run = extendRun(run, placeGroup(group, block), group)
    block += group.blocks.length
  }
  return { ...run, superseded }
}

/** A run with one more group at its end. */
export function extendRun(
  run: Run,
  group: Group,
  content: Pick<WrittenGroup, 'entries' | 'tombstones' | 'bytes' | 'lastKey'>,
): Run {
  return {
    groups: [...run.groups, group],
    last: content.lastKey,
    entries: run.entries + content.entries,
    tombstones: run.tombstones + content.tombstones,
    bytes: run.bytes + content.bytes,
    superseded: run.superseded,
  }
}
