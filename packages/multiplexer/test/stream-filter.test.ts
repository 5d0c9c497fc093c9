import { beforeEach, describe, expect, test } from 'vitest'
import type { MultiplexerOptions, StreamFilter } from '../src/index.ts'
import { checkedFilter, matches } from '../src/stream-filter.ts'
import { connected, type Pair, quiet, until } from './connected.ts'
import { TestContainer, type TestStream } from './test-container.ts'

const chatsOnly: StreamFilter = { types: ['chat'], notLabels: ['spam'] }

describe('a filter', () => {
  const stream = { type: 'chat', labels: ['home', 'old'], bytes: 100 }
  test.each<[string, StreamFilter, boolean]>([
    ['nothing', {}, true],
    ['its type', { types: ['kv', 'chat'] }, true],
    ['another type', { types: ['kv'] }, false],
    ['one of its labels', { labels: ['old', 'new'] }, true],
    ['another label', { labels: ['new'] }, false],
    ['none of its labels', { notLabels: ['home'] }, false],
    ['as many bytes', { bytesMax: 100 }, true],
    ['fewer bytes', { bytesMax: 99 }, false],
    ['all of it but one', { types: ['chat'], labels: ['home'], notLabels: ['old'] }, false],
  ])('that asks for %s', (_what, filter, expected) => {
    expect(matches(filter, stream)).toBe(expected)
  })

  test('that asks for what is not known is not met', () => {
    expect(matches({ types: ['chat'] }, { ...stream, type: '' })).toBe(false)
    expect(matches({ bytesMax: 1e9 }, { ...stream, bytes: undefined })).toBe(false)
  })

  test.each([
    ['is no object', 'chat'],
    ['has no list', { types: 'chat' }],
    ['has no strings', { labels: [1] }],
    ['has too many', { labels: Array.from({ length: 17 }, (_, i) => `${i}`) }],
    ['has too long ones', { types: ['x'.repeat(65)] }],
    ['has no whole number', { bytesMax: 1.5 }],
    ['is too large', { labels: Array.from({ length: 16 }, () => 'x'.repeat(63)) }],
  ])('that %s is refused', (_what, given) => {
    expect(() => checkedFilter(given as StreamFilter)).toThrow(TypeError)
  })
})

describe('what a side wants to hear of', () => {
  let origin: TestContainer
  let clone: TestContainer
  let streams: Record<'chat' | 'spam' | 'kv', TestStream>

  beforeEach(async () => {
    origin = await TestContainer.create()
    clone = await TestContainer.clone(origin)
    streams = {
      chat: await origin.make('chat', { type: 'chat', labels: ['home'] }, 'hello'),
      spam: await origin.make('spam', { type: 'chat', labels: ['spam'] }, 'buy'),
      kv: await origin.make('kv', { type: 'kv' }, 'dark'),
    }
  })

  async function meet(a: MultiplexerOptions = {}, b: MultiplexerOptions = {}): Promise<Pair> {
    const pair = await connected(clone, origin, { a, b })
    await pair.a.connection.rootAgreed({ timeoutMs: 30_000 })
    return pair
  }
  const offersOf = ({ a }: Pair) => a.connection.offers.map(({ type, labels }) => [type, ...labels])
  const attached = ({ a, b }: Pair, count: number) =>
    until(() => [a, b].every(({ connection }) => connection.statistics.attached === count))

  test('is all that it is offered, and of the rest nothing crosses the wire', async () => {
    const pair = await meet({ want: chatsOnly })
    await until(() => pair.a.connection.offers.length === 1)
    await quiet(pair)
    expect(offersOf(pair)).toEqual([['chat', 'home']])
    const { offered, declined } = pair.b.connection.statistics
    expect([offered, declined]).toEqual([1, 0])
    const sent = Buffer.concat(pair.b.plainOut)
    const isNamed = ({ id }: TestStream) => sent.includes(Buffer.from(id))
    expect([streams.chat, streams.spam, streams.kv].map(isNamed)).toEqual([true, false, false])
  })

  test('is stated again on a live connection, narrower and wider', async () => {
    for (const stream of Object.values(streams)) await clone.take(stream)
    const pair = await meet({ want: chatsOnly })
    await attached(pair, 2)
    const { policies } = pair.a.multiplexer
    policies.use({ want: { types: ['kv'] } })
    await attached(pair, 2)
    await until(() =>
      pair.a.connection.streams.some(
        ({ attached, id }) => attached && Buffer.compare(id, streams.kv.id) === 0,
      ),
    )
    policies.use({ want: {} })
    await attached(pair, 4)
    policies.use({ want: chatsOnly })
    await attached(pair, 2)
    // Other policies that change leave it as it is.
    policies.use({ accept: () => true })
    await quiet(pair)
    await attached(pair, 2)
  })

  test('follows labels that change', async () => {
    const pair = await meet({ want: chatsOnly })
    await until(() => pair.a.connection.offers.length === 1)
    origin.change({ ...streams.spam, labels: [] })
    await until(() => pair.a.connection.offers.length === 2)
    origin.change({ ...streams.chat, labels: ['spam'] })
    await until(() => pair.b.connection.statistics.declinedByPeer === 1)
  })

  test('is gone by here too, where the peer does not', async () => {
    // What is not known to the one who offers is offered, as by a host that cannot read; its labels come with it.
    const hidden = await origin.make('hidden', { type: '', labels: ['spam'] }, 'buy')
    const pair = await meet({ want: { notLabels: ['spam'] } })
    await until(() => pair.b.connection.statistics.declinedByPeer === 1)
    await clone.take(hidden)
    await quiet(pair)
    expect(pair.a.connection.statistics).toMatchObject({ attached: 1, declined: 1 })
  })

  test('does not keep back what the user wants by hand', async () => {
    await clone.take(streams.kv)
    const pair = await meet({ want: chatsOnly })
    await pair.a.connection.want(streams.kv.id, { timeoutMs: 30_000 })
    await attached(pair, 2)
  })
})
