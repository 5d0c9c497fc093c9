import { Random } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { bytes, temporaryStream, text } from './open-streams.ts'

describe('a part of a value', () => {
  it('is what a slice of the value is, inline, in a frame and in chunks', async () => {
    const { main } = await temporaryStream()
    const random = new Random(7)
    for (const size of [0, 1, 900, 5000, 700_000]) {
      const key = bytes(`${size}`)
      const value = random.bytes(size)
      await main.write(async (tx) => {
        tx.put(key, value)
        expect(await tx.getPart(key, { start: 1, end: 3 })).toEqual(Buffer.from(value.slice(1, 3)))
      })
      using snapshot = main.snapshot()
      const parts = [{}, { start: 1 }, { end: 10 }, { start: 300_000, end: 300_010 }]
      for (const { start, end } of parts as { start?: number; end?: number }[]) {
        const expected = Buffer.from(value.slice(start, end))
        for (const reader of [main.index, snapshot]) {
          const part = await reader.getPart(key, { start, end })
          expect(Buffer.from(part as Uint8Array).equals(expected)).toBe(true)
          const into = new Uint8Array(expected.length + 3)
          const placed = await reader.getPart(key, { start, end, into })
          expect(placed?.buffer).toBe(into.buffer)
          expect(Buffer.from(into).equals(Buffer.concat([expected, Buffer.alloc(3)]))).toBe(true)
        }
      }
    }
    expect(await main.index.getPart(bytes('none'))).toBeUndefined()
    await expect(main.index.getPart(bytes('1'), { start: -1 })).rejects.toThrow(TypeError)
  })

  it('of a large value that was put uncopied is what was put', async () => {
    const { main } = await temporaryStream()
    const value = new Random(8).bytes(600_000)
    await main.write((tx) => tx.put(bytes('a'), value, { copy: false }))
    const part = await main.index.getPart(bytes('a'), { start: 262_000, end: 262_300 })
    expect(Buffer.from(part as Uint8Array).equals(value.subarray(262_000, 262_300))).toBe(true)
    // The caller's to change from now on, and what was read its receiver's.
    value.fill(0)
    part?.fill(0)
    const again = await main.index.getPart(bytes('a'), { start: 262_000, end: 262_300 })
    expect(Buffer.from(again as Uint8Array).every((byte) => byte === 0)).toBe(false)
  })

  it('in a transaction is that of what it wrote, or of what was there', async () => {
    const { main } = await temporaryStream()
    await main.write((tx) => tx.put(bytes('a'), bytes('before')))
    await main.write(async (tx) => {
      expect(text(await tx.getPart(bytes('a'), { start: 2 }))).toBe('fore')
      tx.put(bytes('a'), bytes('after'))
      expect(text(await tx.getPart(bytes('a'), { end: 3 }))).toBe('aft')
      tx.del(bytes('a'))
      expect(await tx.getPart(bytes('a'))).toBeUndefined()
    })
  })
})
