import { copyFile, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  dropUnsyncedTail,
  flipByte,
  runChild,
  type StoreFile,
  StoreImage,
  storeFiles,
  temporaryFolder,
  truncateFile,
  walRecords,
} from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { mendedSettings, RawCorestore, RawHypercoreStorage } from './raw-hypercore.ts'

// DESIGN §5: the default recovery mode opens a log silently shorter after a flipped bit in the
// write-ahead log, and writable; mode 0 refuses it and tolerates a torn tail. And hypercore never
// syncs; and hypercore-storage may delete the write-ahead logs.

const rawWriter = new URL('./children/raw-writer.ts', import.meta.url)
const APPENDS = 20

/** A corestore whose process was killed after so many appends of one block each. */
async function killedStore(folder: string, appends = APPENDS): Promise<void> {
  const { acknowledged } = await runChild(rawWriter, {
    options: { folder, settings: mendedSettings, blocks: 1, blockBytes: 100 },
    killAt: { acknowledgements: appends },
  })
  expect(acknowledged.at(-1)).toBe(appends)
}

type Opened = { readonly length: number; readonly writable: boolean } | { readonly error: string }

async function open(folder: string, walRecoveryMode?: number): Promise<Opened> {
  const settings = walRecoveryMode === undefined ? {} : { walRecoveryMode }
  const storage = new RawHypercoreStorage(folder, settings)
  const store = new RawCorestore(storage)
  try {
    await store.ready()
    const core = store.get({ name: 'log' })
    await core.ready()
    return { length: core.length, writable: core.writable }
  } catch (error) {
    return { error: (error as Error).message }
  } finally {
    await store.close().catch(() => storage.close().catch(() => undefined))
  }
}

async function newestLog(folder: string): Promise<StoreFile> {
  const logs = (await storeFiles(folder)).filter(({ kind }) => kind === 'wal')
  return logs.at(-1) as StoreFile
}

describe('the write-ahead log of the engine', () => {
  it('silently loses half a log to one flipped bit at the default, and mode 0 refuses', async () => {
    await using folder = await temporaryFolder()
    await killedStore(folder.path)
    const image = await StoreImage.take(folder.path)
    const file = await newestLog(folder.path)
    const records = walRecords(await readFile(file.path))
    const middle = records[Math.floor(records.length / 2)]!
    const flip = { file, offset: middle.start + 20, mask: 4 }

    await flipByte(flip)
    const opened = await open(folder.path)
    expect(opened).toMatchObject({ writable: true })
    expect((opened as { length: number }).length).toBeLessThan(APPENDS)
    expect((opened as { length: number }).length).toBeGreaterThan(0)

    await image.restore()
    await flipByte(flip)
    expect(await open(folder.path, 0)).toEqual({ error: 'checksum mismatch' })
    await image.restore()
    expect(await open(folder.path, 0)).toEqual({ length: APPENDS, writable: true })
  })

  it('may end in a torn record, in mode 0 too', async () => {
    await using folder = await temporaryFolder()
    await killedStore(folder.path)
    const { path } = await newestLog(folder.path)
    // An append is two records: the blocks, and then the contiguous length once more.
    const last = walRecords(await readFile(path)).at(-2)!
    await truncateFile(path, Math.floor((last.start + last.end) / 2))
    expect(await open(folder.path, 0)).toEqual({ length: APPENDS - 1, writable: true })
  })

  it('is never synced by hypercore', async () => {
    await using folder = await temporaryFolder()
    const { synced } = await runChild(rawWriter, {
      options: { folder: folder.path, settings: mendedSettings, blocks: 1, blockBytes: 100 },
      killAt: { acknowledgements: APPENDS },
      recordSyncs: true,
    })
    expect(synced.size).toBe(0)
    await dropUnsyncedTail(folder.path, { synced })
    expect(await open(folder.path, 0)).toEqual({ length: 0, writable: true })
  })

  it('is two files at times, and mode 0 does not mind a hole where the older one was cut', async () => {
    await using folder = await temporaryFolder()
    const { older } = await killedWithTwoLogs(rawWriter, folder.path, {
      settings: mendedSettings,
      blocks: 8,
    })
    await truncateFile(older.path, Math.floor(older.bytes / 2))
    const storage = new RawHypercoreStorage(folder.path, mendedSettings)
    const store = new RawCorestore(storage)
    const core = store.get({ name: 'log' })
    await core.ready()
    const blocks = await Promise.all(
      Array.from({ length: core.length }, (_, i) => core.get(i, { wait: false })),
    )
    const holes = blocks.filter((block) => block === null).length
    expect(holes).toBeGreaterThan(0)
    expect(core.contiguousLength).toBe(core.length)
    await store.close()
  })

  it('is deleted by hypercore-storage when files of two histories are mixed', async () => {
    await using folder = await temporaryFolder()
    await killedStore(folder.path)
    const { path } = await newestLog(folder.path)
    await copyFile(path, join(dirname(path), '000999.log'))
    expect(await open(folder.path, 0)).toMatchObject({
      error: expect.stringContaining('Sequence number is being set backwards') as string,
    })
    expect((await storeFiles(folder.path)).filter(({ kind }) => kind === 'wal')).toEqual([])
    expect(await open(folder.path, 0)).toEqual({ length: 0, writable: true })
  })
})

describe('the write-ahead log under log-core', () => {
  const writer = new URL('../faults/children/writer.ts', import.meta.url)

  it('is refused with a code after a flipped bit in its middle', async () => {
    await using folder = await temporaryFolder()
    await runChild(writer, {
      options: { folder: folder.path },
      killAt: { acknowledgements: APPENDS },
    })
    const file = await newestLog(folder.path)
    const records = walRecords(await readFile(file.path))
    const middle = records[Math.floor(records.length / 2)]!
    await flipByte({ file, offset: middle.start + 20, mask: 4 })
    await expect(openStore(folder.path)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  })

  it('is never deleted by an opening that failed', async () => {
    await using folder = await temporaryFolder()
    await runChild(writer, {
      options: { folder: folder.path },
      killAt: { acknowledgements: APPENDS },
    })
    const { path, bytes } = await newestLog(folder.path)
    const mixed = join(dirname(path), '000999.log')
    await copyFile(path, mixed)
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(openStore(folder.path)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    }
    expect((await stat(path)).size).toBe(bytes)
  })
})

/** Kills a writer of much data at a moment when two write-ahead logs are in use. */
async function killedWithTwoLogs(
  script: URL,
  folder: string,
  options: object,
): Promise<{ readonly older: StoreFile; readonly newer: StoreFile }> {
  const { output } = await runChild(script, {
    options: { folder, blockBytes: 65_536, untilTwoLogs: true, ...options },
  })
  const logs = (await storeFiles(folder)).filter(({ kind }) => kind === 'wal')
  const [older, newer] = logs
  if (older === undefined || newer === undefined)
    throw new Error(`there is one log only: ${output}`)
  return { older, newer }
}
