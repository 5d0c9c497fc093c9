/// <reference path="../../log-core/test/declarations.d.ts" />
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type Log, openStore, type Store } from '@datagram/log-core'
import b4a from 'b4a'
import { expect, it, onTestFinished } from 'vitest'
import { connectedMuxers } from '../../log-core/test/temporary-store.ts'
import { type DropRecord, encodeDropRecord } from '../src/drop-record.ts'
import { claimHosted, HostedContainer } from '../src/index.ts'
import { appendLeaving, appendToRoster, ROSTER_KIND } from '../src/roster.ts'

const BLOCKS = 20
const gone = { start: 3, end: 5 }

async function newStore(): Promise<Store> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-hosted-'))
  const store = await openStore(folder)
  onTestFinished(async () => {
    await store.close()
    await fs.rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return store
}

/** The logs of a stream with a roster of its own, and who hosts it alone. */
async function hosted() {
  const store = await newStore()
  const blocks = Array.from({ length: BLOCKS }, (_, i) => b4a.alloc(100, i))
  const index = await store.open('index')
  const data = await store.open('data')
  for (const log of [index, data]) await log.append(blocks)
  const roster = await store.open('roster', { cipherKey: null })
  const names = { indexKey: index.key, dataKey: data.key }
  await appendToRoster(roster, names)
  const there = await newStore()
  const link = { key: index.key, otherKey: data.key, rosterKey: roster.key }
  await claimHosted(there, { kind: 'stream', ...link })
  const problems: unknown[] = []
  const host = await HostedContainer.open(there, { onProblem: (one) => problems.push(one) })
  onTestFinished(() => host.close())
  const { left, right } = connectedMuxers()
  for (const log of [index, data, roster]) log.attach(left)
  for (const log of host.root.logs) log.attach(right)
  await host.update()
  expect(host.figures.blocks).toBe(2 * BLOCKS + 1)
  const [, theirs, itsRoster] = host.root.logs as unknown as readonly [Log, Log, Log]
  const say = async (record: Partial<DropRecord>) => {
    const lengths = { dataLength: BLOCKS, indexLength: BLOCKS }
    const whole = { indexKey: index.key, ...lengths, data: [gone], index: [], ...record }
    await roster.append({ kind: ROSTER_KIND, payload: encodeDropRecord(whole) })
  }
  /** Brings the host to what the roster says by now. */
  const update = async () => {
    const last = { start: roster.length - 1, end: roster.length }
    await expect.poll(() => itsRoster.here(last), { timeout: 30_000 }).toHaveLength(1)
    await host.update()
  }
  const missing = () => BLOCKS - theirs.here({ start: 0, end: BLOCKS }).reduce(sum, 0)
  return { host, update, there, roster, say, missing, problems }
}

const sum = (total: number, { start, end }: { start: number; end: number }) => total + end - start

it('a stream that is hosted alone follows its own roster', async () => {
  const { update, say, missing } = await hosted()
  await say({})
  await update()
  expect(missing()).toBe(2)
  // What is to be there first is not: nothing goes.
  await say({ data: [{ start: 7, end: 8 }], dataLength: BLOCKS + 1 })
  await update()
  expect(missing()).toBe(2)
})

it('and nothing that it says of other streams, nor anybody else’s word', async () => {
  const { host, update, there, roster, say, missing, problems } = await hosted()
  const strange = b4a.alloc(32, 7)
  await say({ indexKey: strange })
  await appendToRoster(roster, { indexKey: strange, dataKey: b4a.alloc(32, 8) })
  await appendLeaving(roster, host.root.key)
  await roster.append({ kind: ROSTER_KIND, payload: b4a.from([1, 9, 9]) })
  await update()
  expect(missing()).toBe(0)
  expect(host.figures.streams).toBe(1)
  expect(problems).toEqual([])
  const theirs = await there.openRemote(roster.key, { cipherKey: null })
  await expect(theirs.append(strange)).rejects.toMatchObject({ code: 'LOG_NOT_WRITABLE' })
  // A record that cannot be read is told, and drops nothing.
  await roster.append({ kind: ROSTER_KIND, payload: b4a.from([1, 2, 3]) })
  await update()
  expect(missing()).toBe(0)
  await expect
    .poll(() => problems)
    .toContainEqual(expect.objectContaining({ code: 'RECORD_DAMAGED' }))
})
