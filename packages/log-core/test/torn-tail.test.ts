import fs from 'node:fs/promises'
import path from 'node:path'
import { closeAsKilled, walRecords } from '@datagram/fault-harness'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { crc32c } from '../src/hypercore/crc32c.ts'
import { tornRecord } from '../src/hypercore/torn-tail.ts'
import { openStore } from '../src/index.ts'
import { temporaryFolder } from './temporary-store.ts'

/** The newest write-ahead log of a store that has just been written to. */
async function writtenLog(blocks: number, bytes: number): Promise<Buffer> {
  const folder = path.join(await temporaryFolder(), 'store')
  const store = await openStore(folder)
  const log = await store.open('a')
  for (let i = 0; i < blocks; i++) await log.append(b4a.alloc(bytes, i + 1))
  const wal = await fs.readFile(await newestLog(folder))
  await store.close()
  return wal
}

async function newestLog(folder: string): Promise<string> {
  const database = path.join(folder, 'logs', 'db')
  const names = (await fs.readdir(database)).filter((name) => /^\d+\.log$/.test(name)).sort()
  return path.join(database, names.at(-1) as string)
}

/** The last record of an append; the engine writes small ones of its own behind it. */
function lastLarge(wal: Uint8Array, bytes: number): { start: number; end: number } {
  return walRecords(wal)
    .filter(({ start, end }) => end - start > bytes)
    .at(-1) as {
    start: number
    end: number
  }
}

describe('CRC-32C', () => {
  it('gives the check value of the standard', () => {
    expect(crc32c(b4a.from('123456789'))).toBe(0xe3069283)
    expect(crc32c(b4a.alloc(32))).toBe(0x8a9136aa)
  })
})

describe('a torn last record', () => {
  it('is found wherever it is torn, and whole logs are left alone', async () => {
    const wal = await writtenLog(5, 50_000)
    expect(tornRecord(wal)).toBeUndefined()
    expect(tornRecord(Buffer.concat([wal, Buffer.alloc(4096)]))).toBeUndefined()
    const last = lastLarge(wal, 50_000)
    for (let cut = last.start + 1; cut < last.end; cut += 997) {
      const torn = Buffer.from(wal.subarray(0, last.end))
      torn.fill(0, cut)
      expect(tornRecord(torn)).toBe(last.start)
    }
  })

  it('is not seen in a damaged one', async () => {
    const wal = await writtenLog(5, 5000)
    const flipped = Buffer.from(wal)
    const at = (walRecords(wal).at(-2) as { start: number }).start + 50
    flipped[at] = (flipped[at] as number) ^ 1
    expect(tornRecord(flipped)).toBeUndefined()
  })

  it('costs no more than itself', async () => {
    const folder = path.join(await temporaryFolder(), 'store')
    const store = await openStore(folder)
    const log = await store.open('a')
    for (let i = 0; i < 20; i++) await log.append(b4a.alloc(3000, i + 1))
    await closeAsKilled(folder, () => store.close())
    const file = await newestLog(folder)
    const wal = await fs.readFile(file)
    const last = lastLarge(wal, 3000)
    wal.fill(0, last.start + 20)
    await fs.writeFile(file, wal)
    await using again = await openStore(folder)
    const shorter = await again.open('a')
    expect(shorter.length).toBe(19)
    expect(shorter.problem).toMatchObject({ code: 'LOG_ROLLED_BACK' })
    expect((await shorter.get(18))[0]).toBe(19)
  })
})
