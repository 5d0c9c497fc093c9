import type { Codec, State } from '@datagram/log-core'
import c from 'compact-encoding'
import { decodeCount, safeUint } from './checked-uint.ts'
import { LEAVES_MAX } from './fence.ts'
import { prefixedKey, wholeKey } from './key-codec.ts'
import { compareKeys } from './key-order.ts'
import type { Group, Merge, Run, Tier } from './run.ts'

const FLAG_MERGE = 0x1
const NO_KEY = new Uint8Array(0)

/**
 * Codec of a tier inside a head (layout: `head.ts`). `decode` throws a plain `Error` that says why; the
 * head's codec gives it a code.
 */
export const tier: Codec<Tier> = {
  preencode(state: State, { run: own, merge }: Tier): void {
    c.uint8.preencode(state, FLAG_MERGE)
    run.preencode(state, own)
    if (merge === undefined) return
    wholeKey.preencode(state, merge.bound)
    c.uint.preencode(state, merge.inputs.length)
    for (const input of merge.inputs) run.preencode(state, input)
  },
  encode(state: State, { run: own, merge }: Tier): void {
    c.uint8.encode(state, merge === undefined ? 0 : FLAG_MERGE)
    run.encode(state, own)
    if (merge === undefined) return
    wholeKey.encode(state, merge.bound)
    c.uint.encode(state, merge.inputs.length)
    for (const input of merge.inputs) run.encode(state, input)
  },
  decode(state: State): Tier {
    const flags = c.uint8.decode(state)
    if ((flags & ~FLAG_MERGE) !== 0) throw new Error('a tier has flags that are not in use')
    const own = run.decode(state)
    return { run: own, merge: flags === 0 ? undefined : decodeMerge(state) }
  },
}

const run: Codec<Run> = {
  preencode(state: State, { entries, tombstones, bytes, superseded, last, groups }: Run): void {
    for (const total of [entries, tombstones, bytes, superseded]) c.uint.preencode(state, total)
    wholeKey.preencode(state, last)
    c.uint.preencode(state, groups.length)
    let before: Group | undefined
    for (const group of groups) {
      prefixedKey.preencode(state, group.separator, before?.separator ?? NO_KEY)
      c.int.preencode(state, group.fence - (before?.fence ?? 0))
      c.uint.preencode(state, group.leaves)
      c.uint.preencode(state, group.filters)
      before = group
    }
  },
  encode(state: State, { entries, tombstones, bytes, superseded, last, groups }: Run): void {
    for (const total of [entries, tombstones, bytes, superseded]) c.uint.encode(state, total)
    wholeKey.encode(state, last)
    c.uint.encode(state, groups.length)
    let before: Group | undefined
    for (const group of groups) {
      prefixedKey.encode(state, group.separator, before?.separator ?? NO_KEY)
      c.int.encode(state, group.fence - (before?.fence ?? 0))
      c.uint.encode(state, group.leaves)
      c.uint.encode(state, group.filters)
      before = group
    }
  },
  decode(state: State): Run {
    const [entries, tombstones, bytes, superseded] = [0, 0, 0, 0].map(() =>
      safeUint(c.uint.decode(state)),
    )
    const last = wholeKey.decode(state)
    const groups: Group[] = []
    for (let left = decodeCount(state, 5); left > 0; left--)
      groups.push(decodeGroup(state, groups.at(-1)))
    return { entries, tombstones, bytes, superseded, last, groups } as Run
  },
}

function decodeMerge(state: State): Merge {
  const bound = wholeKey.decode(state)
  const inputs: Run[] = []
  for (let left = decodeCount(state, 6); left > 0; left--) inputs.push(run.decode(state))
  if (inputs.length === 0) throw new Error('a merge has no inputs')
  return { bound, inputs }
}

function decodeGroup(state: State, before: Group | undefined): Group {
  const separator = prefixedKey.decode(state, before?.separator ?? NO_KEY)
  const fence = safeUint((before?.fence ?? 0) + c.int.decode(state))
  const leaves = c.uint.decode(state)
  const filters = c.uint.decode(state)
  if (leaves === 0 || leaves > LEAVES_MAX || filters > LEAVES_MAX) {
    throw new Error('a group has too many leaves, or none')
  }
  if (before !== undefined && compareKeys(before.separator, separator) >= 0) {
    throw new Error('the groups of a run do not ascend')
  }
  return { separator, fence, leaves, filters }
}
