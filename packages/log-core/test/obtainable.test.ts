import b4a from 'b4a'
import { expect, it } from 'vitest'
import type { BlockRange, ReadableLog } from '../src/index.ts'
import { connectedMuxers, temporaryStore } from './temporary-store.ts'

const BLOCKS = 40_000

async function grownTo(log: ReadableLog, length: number): Promise<void> {
  while (log.length < length) await log.update()
}

async function obtained(log: ReadableLog, expected: number): Promise<BlockRange[]> {
  for (;;) {
    const ranges = log.obtainable(BLOCKS)
    const count = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
    if (count >= expected) return ranges
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

it('is what a peer has and this side has not, across long holes', async () => {
  const log = await (await temporaryStore()).open('log', { cipherKey: b4a.alloc(32, 1) })
  await log.append(Array.from({ length: BLOCKS }, (_, i) => b4a.from([i & 255])))
  await log.evict({ start: 5, end: 33_000 })
  await log.evict({ start: 33_010, end: BLOCKS - 1 })
  const blind = await (await temporaryStore()).openRemote(log.key)
  expect(blind.obtainable(10)).toEqual([])
  const { left, right } = connectedMuxers()
  log.attach(left)
  blind.attach(right)
  await grownTo(blind, BLOCKS)
  const there = [
    { start: 0, end: 5 },
    { start: 33_000, end: 33_010 },
    { start: BLOCKS - 1, end: BLOCKS },
  ]
  expect(await obtained(blind, 16)).toEqual(there)
  expect(blind.obtainable(7)).toEqual([there[0], { start: 33_000, end: 33_002 }])
  expect(await blind.heldBytes()).toBe(0)
  await blind.download({ ranges: there })
  expect(blind.obtainable(10)).toEqual([])
  // Envelope of 11 bytes, one of payload, 40 of the seal.
  expect(await blind.heldBytes()).toBe(16 * 52)
  expect(await log.heldBytes()).toBe(16 * 52)
})

it('is not what was forgotten here, though a peer has it', async () => {
  const log = await (await temporaryStore()).open('log', { cipherKey: b4a.alloc(32, 1) })
  await log.append(Array.from({ length: 20 }, (_, i) => b4a.from([i])))
  const blind = await (await temporaryStore()).openRemote(log.key)
  await blind.forget({ start: 0, end: 2 })
  await blind.forget({ start: 8, end: 9 })
  await blind.forget({ start: 15, end: 20 })
  const { left, right } = connectedMuxers()
  log.attach(left)
  blind.attach(right)
  await grownTo(blind, 20)
  const there = [
    { start: 2, end: 8 },
    { start: 9, end: 15 },
  ]
  expect(await obtained(blind, 12)).toEqual(there)
  expect(blind.obtainable(7)).toEqual([there[0], { start: 9, end: 10 }])
  await blind.download({ ranges: blind.obtainable(20) })
  expect(blind.obtainable(20)).toEqual([])
})

it('counts all bytes of a whole log', async () => {
  const log = await (await temporaryStore()).open('log')
  expect(await log.heldBytes()).toBe(0)
  await log.append([b4a.alloc(100), b4a.alloc(1000)])
  expect(await log.heldBytes()).toBe(log.byteLength)
})
