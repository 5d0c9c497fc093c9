import { join } from 'node:path'
import { copyStore, findBytes, temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import {
  RawCorestore,
  RawHypercore,
  RawHypercoreStorage,
  rawLog,
  rawStore,
} from './raw-hypercore.ts'

// DESIGN §5: hypercore's own block encryption has no MAC, gives garbage under a wrong key, appends
// plaintext when the key is missing, and reuses its key stream on a restored copy. Not used.

const key = Buffer.alloc(32, 1)
const wrongKey = Buffer.alloc(32, 2)
const canary = 'canary-5hD20xkq71Zp'

describe('the block encryption of hypercore 11.37.1', () => {
  it('takes a wrong key without a word, and gives garbage', async () => {
    await using folder = await temporaryFolder()
    const core = new RawHypercore(folder.path, { encryption: { key } })
    await core.append(canary)
    await core.close()
    const wrong = new RawHypercore(folder.path, { encryption: { key: wrongKey } })
    const block = await wrong.get(0)
    expect(block?.byteLength).toBe(canary.length)
    expect(Buffer.from(block!).toString()).not.toBe(canary)
    await wrong.close()
  })

  it('has no MAC: nothing but the key stream is added, 8 bytes a block', async () => {
    await using folder = await temporaryFolder()
    const core = await rawLog(await rawStore(folder.path), { name: 'log', encryption: { key } })
    await core.append(canary)
    expect((await core.get(0, { raw: true }))?.byteLength).toBe(canary.length + 8)
  })

  it('appends plaintext to an encrypted log when the key is missing', async () => {
    await using folder = await temporaryFolder()
    const core = new RawHypercore(folder.path, { encryption: { key } })
    await core.append('the first block is encrypted')
    await core.close()
    const careless = new RawHypercore(folder.path)
    await careless.append(canary)
    await careless.close()
    expect(await findBytes(canary, { folder: folder.path })).not.toEqual([])
  })

  it('encrypts two histories of a restored copy with the same key stream', async () => {
    await using folder = await temporaryFolder()
    const original = join(folder.path, 'original')
    await rawAppend(original, 'common')
    const copy = join(folder.path, 'copy')
    await copyStore(original, copy)
    const one = Buffer.from('the first secret!')
    const other = Buffer.from('another secret !!')
    const sealedOne = await rawAppend(original, one)
    const sealedOther = await rawAppend(copy, other)
    // XOR of the ciphertexts is the XOR of the plaintexts: whoever guesses one reads the other.
    expect(xor(sealedOne.subarray(8), sealedOther.subarray(8))).toEqual(xor(one, other))
  })
})

describe('the block encryption of log-core', () => {
  it('says that the key is wrong, and proves each block', async () => {
    await using folder = await temporaryFolder()
    await using store = await openStore(folder.path)
    const log = await store.open('log', { cipherKey: key })
    await log.append(Buffer.from(canary))
    await log.close()
    const wrong = await store.open('log', { cipherKey: wrongKey })
    await expect(wrong.get(0)).rejects.toMatchObject({ code: 'BLOCK_KEY_WRONG' })
  })

  it('appends nothing where the key is missing', async () => {
    await using folder = await temporaryFolder()
    await using store = await openStore(folder.path)
    const log = await store.open('log')
    await log.append(Buffer.from('first'))
    const { key: publicKey } = log
    await log.close()
    const blind = await store.openRemote(publicKey)
    await expect(blind.append(Buffer.from(canary))).rejects.toMatchObject({
      code: expect.stringMatching(/^(LOG_NOT_WRITABLE|BLOCK_KEY_WRONG)$/) as string,
    })
    expect(blind.length).toBe(1)
    expect(await findBytes(canary, { folder: folder.path })).toEqual([])
  })

  it('never repeats itself, though key, index and plaintext are the same', async () => {
    // What two histories of one restored store would append: same key pair, same index, same bytes.
    const sealed = await Promise.all(
      [1, 2].map(async () => {
        await using folder = await temporaryFolder()
        await using store = await openStore(folder.path)
        const log = await store.open('log', { cipherKey: key })
        await log.append(Buffer.from(canary))
        await log.close()
        await store.close()
        return await sealedBlock(join(folder.path, 'logs'), log.key)
      }),
    )
    const [a, b] = sealed as [Buffer, Buffer]
    expect(a.byteLength).toBe(b.byteLength)
    expect(a.subarray(0, 24)).not.toEqual(b.subarray(0, 24))
    expect(xor(a, b).filter((byte) => byte === 0).byteLength).toBeLessThan(a.byteLength / 4)
  })
})

async function rawAppend(folder: string, block: Uint8Array | string): Promise<Buffer> {
  // allowBackup, or the copy would not open; log-core never sets it.
  const store = new RawCorestore(new RawHypercoreStorage(folder, { allowBackup: true }))
  const core = await rawLog(store, { name: 'log', encryption: { key } })
  await core.append(block)
  const sealed = Buffer.from((await core.get(core.length - 1, { raw: true })) as Uint8Array)
  await store.close()
  return sealed
}

async function sealedBlock(folder: string, logKey: Uint8Array): Promise<Buffer> {
  const store = await rawStore(folder)
  const core = await rawLog(store, { key: Buffer.from(logKey) })
  const block = Buffer.from((await core.get(0, { raw: true })) as Uint8Array)
  await store.close()
  return block
}

function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)))
}
