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
  const second = await connected(clone, origin, { link: { delayMs: 5 } })
  await until(() => offersCrossed(second))
  await quiet(second)

  // Measured: 117, 67 and 233 bytes a stream, the last in 3 round trips.
  expect(offerBytes).toBeLessThan(STREAMS * 130)
  expect(acceptBytes).toBeLessThan(STREAMS * 80)
  expect(second.traffic.bytes).toBeLessThan(STREAMS * 250)
  expect(second.traffic.roundTrips).toBeLessThanOrEqual(4)
})

function offersCrossed({ a, b }: Pair): boolean {
  return [a, b].every(({ connection }) => connection.statistics.offersReceived === STREAMS)
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
    attach: () => ({ detach: async () => undefined }),
  }
}
