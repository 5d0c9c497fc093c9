import { randomBytes } from 'node:crypto'
import { seededRun } from '@datagram/fault-harness'
import { describe, expect, test } from 'vitest'
import { Pace } from '../src/pace.ts'
import { connected, until } from './connected.ts'
import { TestContainer } from './test-container.ts'

describe('a pace', () => {
  test.each([1_000, 150_000, 40_000_000])(
    'of %i bytes a second holds within 10 % over 10 s, however late its timers are',
    async (bytesPerSecond) => {
      await seededRun((random) => {
        let nowMs = 0
        let passed = 0
        const pace = new Pace(bytesPerSecond, nowMs)
        while (nowMs < 10_000) {
          for (let granted = 1; granted > 0; passed += granted) {
            granted = pace.take(random.between(1, 100_000), nowMs)
          }
          nowMs += pace.pauseMs + random.between(0, 40)
        }
        const seconds = nowMs / 1000
        expect(passed).toBeLessThanOrEqual(bytesPerSecond * seconds * 1.1)
        expect(passed).toBeGreaterThanOrEqual(bytesPerSecond * seconds * 0.9)
      })
    },
  )

  test('lets all pass where there is no limit', () => {
    expect(new Pace(Number.POSITIVE_INFINITY).take(1e12)).toBe(1e12)
  })
})

const RATE = 100_000
const BYTES = 300_000

describe('a peer gets no more bytes a second than the limit says,', () => {
  test.each(['bytesPerSecondOut', 'bytesPerSecondIn'] as const)('by %s', async (limit) => {
    const origin = await TestContainer.create()
    const stream = await origin.make('large')
    await stream.data.append(
      Array.from({ length: 10 }, () => ({ payload: randomBytes(BYTES / 10) })),
    )
    const clone = await TestContainer.clone(origin)
    const replica = await clone.take(stream)
    const limits = { [limit]: RATE }
    const isOut = limit === 'bytesPerSecondOut'
    const { b, a } = await connected(clone, origin, isOut ? { b: { limits } } : { a: { limits } })
    const before = performance.now()
    await until(() => replica.data.length === 10, 60_000)
    await replica.data.download({ timeoutMs: 60_000 })
    const seconds = (performance.now() - before) / 1000
    // A limit is an upper bound: a busy machine makes it slower, and never faster.
    expect(a.connection.statistics.rawBytesIn).toBeGreaterThan(BYTES)
    expect(BYTES / seconds).toBeLessThan(RATE * 1.1)
    // What crossed is said of the stream, and what was asked of it.
    const ofStream = ({ connection }: typeof a) =>
      connection.streams.find(({ id }) => Buffer.compare(id, stream.id) === 0)
    expect(ofStream(a)).toMatchObject({ attached: true, blocksIn: 10, blocksOut: 0 })
    expect(ofStream(b)).toMatchObject({ attached: true, blocksIn: 0, blocksOut: 10 })
    expect(ofStream(b)?.bytesOut).toBeGreaterThan(BYTES)
    expect(ofStream(b)?.bytesOut).toBe(ofStream(a)?.bytesIn)
  })
})
