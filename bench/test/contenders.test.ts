import path from 'node:path'
import { temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import type { MapName } from '../src/contender.ts'
import { contender } from '../src/contenders/contenders.ts'
import { LinkedReplica } from '../src/linked-replica.ts'
import { batchesOf, ENTRY_BYTES, entryOf, keyOf, shuffled, valueOf } from '../src/workload.ts'

const KEYS = 3000
const LAST = KEYS - 1
const names = ['ours', 'our-stream', 'hyperbee', 'hyperbee2', 'classic-level', 'lmdb'] as const
const replicating = ['our-stream', 'hyperbee', 'hyperbee2'] as const

describe.each(names)('%s', (name) => {
  it('keeps what it is given, over a reopening', async () => {
    await using folder = await temporaryFolder()
    await fill(name, folder.path)
    const map = await contender(name).open(folder.path)
    expect(await map.get(keyOf(7))).toBe(valueOf(7))
    expect(await map.get(keyOf(LAST))).toBe(valueOf(LAST, 1))
    expect(await map.get(keyOf(KEYS))).toBeUndefined()
    const all = await map.scan()
    expect(all).toMatchObject({ entries: KEYS, characters: KEYS * ENTRY_BYTES })
    const some = await map.scan({ gte: keyOf(100), limit: 10 })
    expect(some).toMatchObject({ entries: 10, characters: 10 * ENTRY_BYTES })
    await map.close()
  })
})

describe.each(replicating)('a replica of %s', (name) => {
  it('knows only lengths at first, reads the newest state, and reads on without the author', async () => {
    await using folder = await temporaryFolder()
    await fill(name, path.join(folder.path, 'author'))
    const author = await contender(name).openAuthor?.(path.join(folder.path, 'author'))
    if (author === undefined) throw new Error(`${name} does not replicate`)
    const linked = await LinkedReplica.connect(author, path.join(folder.path, 'replica'), 2)
    const cold = await linked.crossing(async (replica) => {
      await replica.open()
      expect(await replica.get(keyOf(LAST))).toBe(valueOf(LAST, 1))
    })
    expect(cold.roundTrips).toBeGreaterThanOrEqual(1)
    expect(cold.bytes).toBeLessThan(KEYS * ENTRY_BYTES)
    await linked.crossing((replica) => replica.download())
    linked.cut()
    expect(await linked.replica.scan()).toMatchObject({ entries: KEYS })
    await linked.close()
    await author.close()
  })
})

async function fill(name: MapName, folder: string): Promise<void> {
  const map = await contender(name).open(folder)
  for (const entries of batchesOf(shuffled(KEYS), 1000)) await map.batch(entries)
  await map.put(...entryOf(LAST, 1))
  await map.close()
}
