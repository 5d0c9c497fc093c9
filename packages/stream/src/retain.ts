import b4a from 'b4a'
import type { PlacedFrame } from './batches.ts'
import { batchesBackwards } from './batches-backwards.ts'
import type { Retain } from './interface-stream.ts'
import type { BlockReader } from './kept-blocks.ts'
import { STREAM_SPACE } from './key-space.ts'

const DAY_MS = 86_400_000

/** Whether what a frame says may go, given when it was written. What still points into it is another matter. */
export type MayGo = (placed: PlacedFrame, writtenMs: number) => boolean

/** Throws a TypeError unless `policy` is one. */
export function assertRetain(policy: unknown): asserts policy is Retain {
  if (policy === 'all' || policy === 'latest') return
  const { versions, days } = Object(policy) as { versions?: unknown; days?: unknown }
  const isCount = Number.isSafeInteger(versions) && (versions as number) >= 1
  const isAge = typeof days === 'number' && Number.isFinite(days) && days >= 0
  if (isCount !== isAge && (isCount ? days : versions) === undefined) return
  throw new TypeError(
    "retain is 'all', 'latest', { versions: n } with n from 1, or { days: n } with n from 0",
  )
}

/** What a policy lets go of the first `to` blocks. Versions are counted by reading every frame. */
export async function mayGo(policy: Retain, log: BlockReader, to: number): Promise<MayGo> {
  if (policy === 'all') return () => false
  if (policy === 'latest') return () => true
  if ('days' in policy) {
    const before = Date.now() - policy.days * DAY_MS
    return (_, writtenMs) => writtenMs < before
  }
  const old = await framesOfOldVersions(policy.versions, log, to)
  return ({ block }) => old.has(block)
}

// Frames that hold none of the newest versions of any key.
async function framesOfOldVersions(
  versions: number,
  log: BlockReader,
  to: number,
): Promise<ReadonlySet<number>> {
  const counts = new Map<string, number>()
  const old = new Set<number>()
  // What a transaction writes of a key, and writes over itself, is one version.
  const written = new Set<string>()
  for await (const { frames } of batchesBackwards(log, { from: 1, to })) {
    for (const { block, frame } of [...frames].reverse()) {
      let isOld = true
      for (const operation of [...frame.operations].reverse()) {
        if (operation.last) written.clear()
        if (operation.space === STREAM_SPACE) continue
        if (operation.type !== 'put' && operation.type !== 'del') continue
        const name = `${operation.space} ${b4a.toString(operation.key, 'latin1')}`
        if (written.has(name)) continue
        written.add(name)
        const count = counts.get(name) ?? 0
        if (count < versions) isOld = false
        counts.set(name, count + 1)
      }
      if (isOld) old.add(block)
    }
  }
  return old
}
