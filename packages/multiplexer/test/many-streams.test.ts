import { randomBytes } from 'node:crypto'
import type { AttachableLog } from '@datagram/log-core'
import { expect, test } from 'vitest'
import { connected, type Pair, quiet, until } from './connected.ts'
import { TestContainer, type TestStream } from './test-container.ts'

const STREAMS = 1_000

test(`${STREAMS} streams are offered in few bytes, and agreed on in few round trips`, async () => {
  const origin = await TestContainer.create()
  const clone = await TestContainer.clone(origin)
  const streams = Array.from({ length: STREAMS }, () => weightless())
  for (const stream of streams) origin.add(stream)

  // First a clone that knows none of the keys; then it learns them, and accepts.
  const first = await connected(clone, origin, { link: { delayMs: 5 } })
  await until(() => first.a.connection.offers.length === STREAMS)
  await quiet(first)
  const offerBytes = first.traffic.bytesToA
  for (const stream of streams) clone.add(stream)
  await until(() => first.b.connection.statistics.plainBytesIn > STREAMS * 64)
  await quiet(first)
  const acceptBytes = first.traffic.bytesToB

  // Then both know all of them, and meet again.
  // With a delay that outlasts the work of a busy machine, so that what is said at once is one flight.
  const second = await connected(clone, origin, { link: { delayMs: 250 } })
  await allAttached(second)
  await quiet(second, 600)

  // Measured: 121 and 67 bytes a stream; then 8.9 KB in all, in 2.5 round trips.
  expect(offerBytes).toBeLessThan(STREAMS * 130)
  expect(acceptBytes).toBeLessThan(STREAMS * 80)
  expect(second.traffic.bytes).toBeLessThan(16_000)
  expect(second.traffic.roundTrips).toBeLessThanOrEqual(3)
  expect(second.a.connection.statistics).toMatchObject({ offersReceived: 0, offered: STREAMS })

  // A few have changed meanwhile: those are offered, with what shares their buckets.
  await second.a.connection.close()
  for (const stream of streams.slice(0, 10)) {
    const [index, data] = stream.logs as [AttachableLog, AttachableLog]
    origin.change({ ...stream, logs: [index, { ...data, length: data.length + 1 }] })
  }
  const third = await connected(clone, origin, { link: { delayMs: 25 } })
  await allAttached(third)
  await quiet(third)
  expect(third.traffic.bytes).toBeLessThan(40_000)
  expect(third.traffic.roundTrips).toBeLessThanOrEqual(5)
})

function allAttached({ a, b }: Pair): Promise<void> {
  return until(() =>
    [a, b].every(({ connection }) => connection.statistics.attached === STREAMS + 1),
  )
}

/** A stream whose logs replicate nothing, so that what is counted is what is said about it. */
function weightless(): TestStream {
  const [index, data] = [log(), log()]
  const { discoveryKey: id, key } = index
  return { id, key, type: 'kv', labels: ['home'], logs: [index, data] } as unknown as TestStream
}

function log(): AttachableLog {
  return {
    key: randomBytes(32),
    discoveryKey: randomBytes(32),
    length: 100,
    byteLength: 100_000,
    isAwaited: false,
    onAppend: () => () => undefined,
    supplyFrom: () => () => undefined,
    attach: () => ({ detach: async () => undefined }),
  }
}
