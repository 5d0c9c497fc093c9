import callbackFs from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import b4a from 'b4a'
import { describe, expect, it, vi } from 'vitest'
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

  it('are on disk when a sync has ended, also one that was asked for while another ran', async () => {
    const file = path.join(await temporaryFolder(), 'marks')
    const marks = LengthMarks.open(file)
    const ends: (() => void)[] = []
    const fdatasync = vi
      .spyOn(callbackFs, 'fdatasync')
      .mockImplementation((_fd, done) => void ends.push(() => done(null)))
    const ended: string[] = []
    const sync = (name: string) => marks.sync().then(() => ended.push(name))
    marks.set(log(1), mark(1))
    const first = [sync('first'), sync('nothing new')]
    marks.set(log(2), mark(2))
    const second = sync('second')
    await Promise.resolve()
    expect({ ended, began: ends.length }).toEqual({ ended: [], began: 1 })
    ends[0]?.()
    await Promise.all(first)
    await expect.poll(() => ends.length).toBe(2)
    expect(ended).toEqual(['first', 'nothing new'])
    ends[1]?.()
    await second
    fdatasync.mockRestore()
    marks.close()
  })

  it('ask for the disk again when it failed', async () => {
    const marks = LengthMarks.open(path.join(await temporaryFolder(), 'marks'))
    marks.set(log(1), mark(1))
    const fdatasync = vi
      .spyOn(callbackFs, 'fdatasync')
      .mockImplementationOnce((_fd, done) => done(new Error('no disk')))
    await expect(marks.sync()).rejects.toThrow('no disk')
    await marks.sync()
    expect(fdatasync).toHaveBeenCalledTimes(2)
    fdatasync.mockRestore()
    marks.close()
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
