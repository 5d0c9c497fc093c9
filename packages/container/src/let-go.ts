import { type Log, reachStep } from '@datagram/log-core'
import b4a from 'b4a'
import type { ContainerParts } from './container-parts.ts'
import type { FormerLogs } from './former-logs.ts'
import { appendLeaving, readRoster } from './roster.ts'
import { notReady } from './root.ts'
import type { StreamRecord } from './stream-record.ts'

/**
 * Lets go what a stream of our own was before it was keyed anew: something in it is to be forgotten, and an older link
 * would still open it. To be called before it is forgotten: a crash then finds it pending, and this is done again.
 */
export async function letFormerGo(parts: ContainerParts, name: string): Promise<void> {
  const record = await parts.root.meta?.get(name)
  if (record === undefined || record.attached || record.former.length === 0) return
  await letGo(parts, name, record, record.former)
}

/**
 * Lets go some of what a stream was. The roster says it first, so that hosts drop it; then it is served no more and its
 * blocks are dropped; last its record names it no more, by which clones go. A crash between leaves what the roster says
 * to {@link finishLettingGo}.
 */
export async function letGo(
  parts: ContainerParts,
  name: string,
  record: StreamRecord,
  former: readonly FormerLogs[],
): Promise<void> {
  const { members, root } = parts
  const { meta, roster } = root
  if (meta === undefined || roster === undefined) throw notReady('its roster')
  if (former.length === 0) return
  reachStep('former.leave.before')
  // A roster that has lost its tail takes no word more; what is here goes all the same.
  if (roster.writable) await sayLeaving(roster, former)
  reachStep('former.leave.after')
  for (const logs of former) await members.former.letGo(name, record, logs)
  reachStep('former.drop.after')
  const changed = await meta.change(name, (before) => ({
    ...before,
    former: before.former.filter((logs) => !former.some((one) => isSame(one, logs))),
  }))
  await members.take(name, changed)
  reachStep('former.record.after')
}

/** Finishes what a crash has cut off: what the roster says has left, and a record names. To be done before it is served. */
export async function finishLettingGo(parts: ContainerParts): Promise<void> {
  const { meta, roster } = parts.root
  if (meta === undefined || roster === undefined) return
  let named: ReadonlySet<string> | undefined
  const unfinished: (readonly [string, StreamRecord, readonly FormerLogs[]])[] = []
  for await (const [name, record] of meta.list()) {
    if (record.attached || record.former.length === 0) continue
    const staying = (named ??= await namedIn(roster))
    const former = record.former.filter(({ indexKey }) => !staying.has(keyOf(indexKey)))
    if (former.length > 0) unfinished.push([name, record, former])
  }
  for (const [name, record, former] of unfinished) await letGo(parts, name, record, former)
}

async function sayLeaving(roster: Log, former: readonly FormerLogs[]): Promise<void> {
  const named = await namedIn(roster)
  const keys = former.map(({ indexKey }) => indexKey).filter((key) => named.has(keyOf(key)))
  if (keys.length > 0) await appendLeaving(roster, ...keys)
}

async function namedIn(roster: Log): Promise<ReadonlySet<string>> {
  return new Set((await readRoster(roster)).map(({ indexKey }) => keyOf(indexKey)))
}

function keyOf(indexKey: Uint8Array): string {
  return b4a.toString(indexKey, 'hex')
}

function isSame(a: FormerLogs, b: FormerLogs): boolean {
  return b4a.equals(a.indexKey, b.indexKey)
}
