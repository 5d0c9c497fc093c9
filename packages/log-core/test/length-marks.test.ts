import fs from 'node:fs/promises'
import path from 'node:path'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { LengthMarks } from '../src/length-marks.ts'
import { temporaryFolder } from './temporary-store.ts'

const log = (n: number) => b4a.alloc(32, n)
const mark = (length: number) => ({
  length,
  syncedLength: length >> 1,
  isForked: length === 104,
  treeHash: b4a.alloc(32, length % 256),
})

describe('length marks', () => {
  it('come back after reopening, the newest of each log', async () => {
    const file = path.join(await temporaryFolder(), 'marks')
    const marks = LengthMarks.open(file)
    for (let i = 0; i < 5; i++) {
      marks.set(log(1), mark(i))
      marks.set(log(2), mark(100 + i))
    }
    await marks.sync()
    marks.close()
    const again = LengthMarks.open(file)
    expect(again.get(log(1))).toMatchObject(mark(4))
    expect(again.get(log(2))).toMatchObject(mark(104))
    expect(again.get(log(3))).toBeUndefined()
    again.set(log(3), mark(7))
    again.close()
    expect(LengthMarks.open(file).get(log(3))).toMatchObject(mark(7))
  })

  it('fall back by one write where the newest copy is damaged', async () => {
    const file = path.join(await temporaryFolder(), 'marks')
    const marks = LengthMarks.open(file)
    for (let i = 1; i <= 4; i++) marks.set(log(1), mark(i))
    marks.close()
    const good = await fs.readFile(file)
    for (let i = 16; i < good.length; i++) {
      const bad = Buffer.from(good)
      bad[i] = (bad[i] as number) ^ 0xff
      await fs.writeFile(file, bad)
      const read = LengthMarks.open(file)
      expect([3, 4]).toContain(read.get(log(1))?.length)
      read.close()
    }
  })

  it('are refused when the file is none', async () => {
    const file = path.join(await temporaryFolder(), 'marks')
    for (const content of ['', 'x', 'not a marks file, though long enough']) {
      await fs.writeFile(file, content)
      expect(() => LengthMarks.open(file)).toThrow(
        expect.objectContaining({ code: 'STORE_DAMAGED' }),
      )
    }
  })
})
