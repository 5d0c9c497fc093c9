import { seededRun } from '@datagram/fault-harness'
import { expect, test } from 'vitest'
import { connectPair, multiplexerOf, until } from './connected.ts'
import { TestContainer } from './test-container.ts'

const BLOCKS = 300
const CUTS = 20

test(`a stream whose connection is cut at random ${CUTS} times arrives whole`, async () => {
  const origin = await TestContainer.create()
  const stream = await origin.make('stream')
  const clone = await TestContainer.clone(origin)
  const replica = await clone.take(stream)
  const [a, b] = [multiplexerOf(clone), multiplexerOf(origin)]
  await seededRun(async (random) => {
    const payloads = Array.from({ length: BLOCKS }, () => random.bytes(2_000))
    await stream.data.append(payloads.map((payload) => ({ payload })))
    for (let cuts = 0; cuts < CUTS; cuts++) {
      const cutStyle = random.pick(['reset', 'end'] as const)
      const link = {
        seed: random.next32(),
        cutAtRandom: { from: 1, to: 30_000 },
        cutStyle,
        delayMs: 1,
      }
      const pair = connectPair(a, b, { ...link, pieceBytesMax: 500 })
      const cut = new AbortController()
      void pair.a.connection.closed.then(() => cut.abort())
      const downloading = pair.a.connection
        .rootAgreed()
        .then(() => until(() => replica.data.length === BLOCKS || cut.signal.aborted))
        .then(() => replica.data.download({ signal: cut.signal }))
        .catch(() => undefined)
      const reasons = await Promise.all([pair.a.connection.closed, pair.b.connection.closed])
      for (const reason of reasons) {
        expect(['CONNECTION_LOST', 'PEER_CLOSED']).toContain((reason as { code?: string }).code)
      }
      await downloading
    }
    connectPair(a, b)
    await until(() => replica.data.length === BLOCKS)
    await replica.data.download()
    for (let i = 0; i < BLOCKS; i++) {
      expect(Buffer.compare(await replica.data.get(i), payloads[i] as Uint8Array)).toBe(0)
    }
    expect([a.connections.length, b.connections.length]).toEqual([1, 1])
  })
})
