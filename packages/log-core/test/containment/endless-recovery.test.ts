import { readFile } from 'node:fs/promises'
import {
  type ChildResult,
  flipByte,
  type FlipPlace,
  runChild,
  StoreImage,
  storeFiles,
  temporaryFolder,
  walRecords,
} from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { mendedSettings } from './raw-hypercore.ts'

// Not in DESIGN §5, found by flipping bits: RocksDB 10.5.1 takes a record whose type has bit 2 set for
// one of a recycled log, and reads it over and over, on a thread that nothing can stop
// (https://github.com/facebook/rocksdb/issues/13333).

const child = (name: string) => new URL(`./children/${name}.ts`, import.meta.url)
const storeWriter = new URL('../faults/children/writer.ts', import.meta.url)
const KINDS = ['wal', 'manifest'] as const
const TYPE_OFFSET = 6

/** Bit 2 of the type byte of a record in the middle of the file. */
async function typeBit(folder: string, kind: string): Promise<FlipPlace> {
  const file = (await storeFiles(folder)).filter((one) => one.kind === kind).at(-1)!
  const records = walRecords(await readFile(file.path))
  const { start } = records[Math.floor(records.length / 2)]!
  return { file, offset: start + TYPE_OFFSET, mask: 4 }
}

function open(opener: string, folder: string): Promise<ChildResult> {
  const options = { folder, settings: mendedSettings }
  return runChild(child(opener), { options, silenceMs: 5000 })
}

describe('a flipped bit in the type of a record', () => {
  it('is read for ever by the engine, in its write-ahead log and its manifest', async () => {
    await using folder = await temporaryFolder()
    await runChild(child('raw-writer'), {
      options: { folder: folder.path, settings: mendedSettings, blocks: 1, blockBytes: 100 },
      killAt: { acknowledgements: 20 },
    })
    const image = await StoreImage.take(folder.path)
    for (const kind of KINDS) {
      await flipByte(await typeBit(folder.path, kind))
      const { timedOut, acknowledged } = await open('raw-opener', folder.path)
      expect({ timedOut, acknowledged }, kind).toEqual({
        timedOut: true,
        acknowledged: ['opening'],
      })
      await image.restore()
    }
    expect((await open('raw-opener', folder.path)).acknowledged).toEqual(['opening', 20])
  })

  it('is refused by log-core, with a code and at once', async () => {
    await using folder = await temporaryFolder()
    await runChild(storeWriter, {
      options: { folder: folder.path },
      killAt: { acknowledgements: 20 },
    })
    const image = await StoreImage.take(folder.path)
    for (const kind of KINDS) {
      await flipByte(await typeBit(folder.path, kind))
      const { timedOut, acknowledged } = await open('store-opener', folder.path)
      expect({ timedOut, acknowledged }, kind).toEqual({
        timedOut: false,
        acknowledged: ['STORE_DAMAGED'],
      })
      await image.restore()
    }
    expect((await open('store-opener', folder.path)).acknowledged).toEqual([20])
  })
})
