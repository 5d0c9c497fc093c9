import { join } from 'node:path'
import { findBytes, Random, storeFiles, temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { mendedSettings, rawLog, rawStore } from './raw-hypercore.ts'

// DESIGN §5: blocks of 4 KB and more go to blob files that are never collected at the default.

const canaries = (random: Random) =>
  [100, 16 * 1024, 256 * 1024].map((bytes) => Buffer.from(random.bytes(bytes)))

/** Which of the blocks can still be found in the folder, by their first 32 bytes. */
async function remaining(folder: string, blocks: readonly Uint8Array[]): Promise<number[]> {
  const found = await Promise.all(
    blocks.map((block) => findBytes(block.subarray(0, 32), { folder })),
  )
  return blocks.filter((_, i) => (found[i]?.length ?? 0) > 0).map(({ byteLength }) => byteLength)
}

const collectAll = { blobGarbageCollectionAgeCutoff: 1, bottommostLevelCompaction: 2 }

/** Blocks that are still on the disk after they were cleared and the store compacted. */
async function clearedOnRaw(settings: object | undefined, compaction?: object): Promise<number[]> {
  await using folder = await temporaryFolder()
  const blocks = canaries(new Random(1))
  const store = await rawStore(folder.path, settings)
  const core = await rawLog(store)
  await core.append([...blocks, ...canaries(new Random(2))])
  await store.storage.db.flush()
  expect(await remaining(folder.path, blocks)).toEqual([100, 16 * 1024, 256 * 1024])
  await core.clear(0, 3)
  await store.storage.db.flush()
  // As the engine does by itself now and then: the blocks are no longer in any table, but the blob
  // file that holds them stays.
  await store.storage.compact()
  await store.storage.compact(compaction)
  await store.close()
  return await remaining(folder.path, blocks)
}

describe('blob files', () => {
  it('keep cleared blocks of 4 KB and more at the engine’s defaults, after compact too', async () => {
    expect(await clearedOnRaw(undefined)).toEqual([16 * 1024, 256 * 1024])
  })

  it('keep them with our settings too, unless compact is told to take every file', async () => {
    // The settings of the column family are overridden by compact's own default, a cut-off of 0.25.
    expect(await clearedOnRaw(mendedSettings)).toEqual([16 * 1024, 256 * 1024])
    const ageAlone = { blobGarbageCollectionAgeCutoff: 1 }
    expect(await clearedOnRaw(mendedSettings, ageAlone)).toEqual([16 * 1024, 256 * 1024])
    expect(await clearedOnRaw(mendedSettings, collectAll)).toEqual([])
  })

  it('of log-core hold nothing of an evicted block after compact, sealed or plain', async () => {
    await using folder = await temporaryFolder()
    const blocks = canaries(new Random(3))
    const kept = canaries(new Random(4))
    const store = await openStore(folder.path)
    // A plain log, so that the search can see its blocks.
    const log = await store.open('plain', { cipherKey: null })
    await log.append([...blocks, ...kept].map((payload) => ({ payload })))
    expect(await remaining(folder.path, blocks)).toHaveLength(3)
    const sealed = await store.open('sealed')
    await sealed.append(blocks.map((payload) => ({ payload })))
    await log.evict({ start: 0, end: 3 })
    await sealed.evict({ start: 0, end: 3 })
    const before = await blobBytes(folder.path)
    await store.compact()
    expect(await remaining(folder.path, blocks)).toEqual([])
    expect(await remaining(folder.path, kept)).toHaveLength(3)
    for (let i = 0; i < 3; i++) expect(Buffer.compare(await log.get(i + 3), kept[i]!)).toBe(0)
    await store.close()
    expect(await remaining(folder.path, blocks)).toEqual([])
    expect(before).toBe(0)
    expect(await blobBytes(folder.path)).toBeLessThan(300 * 1024)
  })

  it('of log-core are collected though the blocks had reached the disk long before', async () => {
    await using folder = await temporaryFolder()
    const store = await openStore(folder.path)
    const log = await store.open('plain', { cipherKey: null })
    const random = new Random(5)
    const blocks: Buffer[] = []
    for (let i = 0; i < 30; i++) {
      const block = Buffer.from(random.bytes(1024 * 1024))
      blocks.push(block)
      await log.append({ payload: block })
    }
    await store.compact()
    const before = await blobBytes(folder.path)
    expect(before).toBeGreaterThan(30 * 1024 * 1024)
    // Every second block: no file is garbage as a whole.
    for (let i = 0; i < 30; i += 2) await log.evict({ start: i, end: i + 1 })
    await store.compact()
    expect(await blobBytes(folder.path)).toBeLessThan(before * 0.55)
    const even = blocks.filter((_, i) => i % 2 === 0)
    expect(await remaining(folder.path, even)).toEqual([])
    await store.close()
  })
})

async function blobBytes(folder: string): Promise<number> {
  const files = await storeFiles(join(folder, 'logs'))
  return files.filter(({ kind }) => kind === 'blob').reduce((sum, { bytes }) => sum + bytes, 0)
}
