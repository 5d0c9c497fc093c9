import { beforeEach, describe, expect, test } from 'vitest'
import type { AcceptPolicy, Logger, MultiplexerOptions } from '../src/index.ts'
import { connected, type Pair, quiet, until } from './connected.ts'
import { TestContainer, type TestStream } from './test-container.ts'

let origin: TestContainer
let clone: TestContainer
let settings: TestStream

beforeEach(async () => {
  origin = await TestContainer.create()
  settings = await origin.make('settings', { type: 'kv', labels: ['home'] }, 'dark')
  clone = await TestContainer.clone(origin)
})

/** Connects the clone (a) to its origin (b), and waits until the root is agreed and all is said. */
async function exchange(options: {
  a?: MultiplexerOptions
  b?: MultiplexerOptions
}): Promise<Pair> {
  const pair = await connected(clone, origin, options)
  await pair.a.connection.rootAgreed()
  await quiet(pair, 40)
  return pair
}

async function attached(pair: Pair, count: number): Promise<void> {
  const sides = [pair.a, pair.b]
  await until(() => sides.every(({ connection }) => connection.statistics.attached === count))
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const no = () => false
const later =
  <T extends unknown[]>(policy: (...values: T) => boolean, ms = 5) =>
  (...values: T) =>
    new Promise<boolean>((resolve) => setTimeout(() => resolve(policy(...values)), ms))

describe('the accept policy', () => {
  test.each([
    ['at once', (policy: AcceptPolicy) => policy],
    ['later', (policy: AcceptPolicy) => later(policy as () => boolean)],
  ])('decides %s, by what the offer says and who the peer is', async (_when, timing) => {
    const seen: unknown[] = []
    const chat = await origin.make('chat', { type: 'chat' }, 'hello')
    const accept = timing((offer, peer) => {
      seen.push([offer.type, offer.labels, offer.bytes, peer.provedRoot, hex(peer.publicKey)])
      return offer.type === 'kv'
    })
    const pair = await exchange({ a: { accept } })
    await clone.take(settings)
    await clone.take(chat)
    await attached(pair, 2)
    await quiet(pair, 40)
    await attached(pair, 2)
    const key = hex(pair.b.multiplexer.publicKey)
    expect(seen).toEqual([
      ['kv', ['home'], settings.data.byteLength, true, key],
      ['chat', [], chat.data.byteLength, true, key],
    ])
    expect(pair.b.connection.statistics).toMatchObject({ offered: 2, declinedByPeer: 1 })
  })

  test('that fails is a no, and the logger hears of it', async () => {
    const heard: unknown[] = []
    const logger: Logger = {
      debug: () => undefined,
      warn: (_message, details) => void heard.push(details?.['error']),
    }
    const broken = new Error('broken policy')
    for (const accept of [
      () => {
        throw broken
      },
      () => Promise.reject(broken),
      () => 'yes' as unknown as boolean,
    ]) {
      const pair = await exchange({ a: { accept, logger } })
      expect(pair.a.connection.statistics.declined).toBe(1)
      await pair.a.connection.close()
    }
    expect(heard).toEqual([broken, broken])
  })

  test('that never answers holds up its own stream only', async () => {
    const other = await origin.make('other', { type: 'fs' }, 'light')
    const accept: AcceptPolicy = ({ type }) =>
      type === 'fs' || new Promise<boolean>(() => undefined)
    const pair = await exchange({ a: { accept } })
    await clone.take(settings)
    await clone.take(other)
    await attached(pair, 2)
    await pair.a.connection.close()
    await pair.b.connection.closed
  })

  test('is not asked of a stream of our own, nor of the root', async () => {
    const asked: string[] = []
    const accept: AcceptPolicy = ({ type }) => {
      asked.push(type)
      return false
    }
    await clone.take(settings)
    const pair = await exchange({ b: { accept } })
    await attached(pair, 2)
    expect(asked).toEqual([])
  })

  test('keeps what is open here as a replica from being passed on, or taken', async () => {
    await clone.take(settings)
    const pair = await exchange({ a: { accept: no } })
    expect(pair.a.connection.statistics).toMatchObject({ attached: 1, offered: 0, declined: 1 })
  })

  test('may be overruled later, and what was accepted may be withdrawn', async () => {
    const pair = await exchange({ a: { accept: no } })
    const replica = await clone.take(settings)
    await quiet(pair, 40)
    await attached(pair, 1)
    expect(pair.a.connection.offers.map(({ type }) => type)).toEqual(['kv'])

    pair.a.connection.accept(settings.id)
    await attached(pair, 2)
    await replica.data.update()
    expect(Buffer.from(await replica.data.get(0)).toString()).toBe('dark')
    expect(pair.a.connection.offers).toEqual([])

    pair.a.connection.withdraw(settings.id)
    await attached(pair, 1)
    await quiet(pair, 40)
    const before = pair.traffic.bytes
    await settings.data.append({ payload: Buffer.from('light') })
    await quiet(pair, 40)
    expect(pair.traffic.bytes).toBe(before)
    expect(replica.data.length).toBe(1)

    pair.a.connection.accept(settings.id)
    await attached(pair, 2)
    await until(() => replica.data.length === 2)
  })

  test('is overruled also before the key is known', async () => {
    const pair = await exchange({ a: { accept: no } })
    pair.a.connection.accept(settings.id)
    await clone.take(settings)
    await attached(pair, 2)
  })

  test('is asked again when the labels change', async () => {
    const accept: AcceptPolicy = ({ labels }) => labels.includes('public')
    const pair = await exchange({ a: { accept } })
    await clone.take(settings)
    await quiet(pair, 40)
    await attached(pair, 1)
    origin.change({ ...settings, labels: ['home', 'public'] })
    await attached(pair, 2)
  })
})

describe('the offer policy', () => {
  test.each([
    ['at once', no],
    ['later', later(no)],
  ])('hides a stream, answering %s', async (_when, offer) => {
    const pair = await exchange({ b: { offer } })
    expect(pair.a.connection.statistics.offersReceived).toBe(0)
    // Whoever knows the stream's key does not get it either.
    await clone.take(settings)
    await quiet(pair, 40)
    await attached(pair, 1)
    await expect(pair.a.connection.want(settings.id)).rejects.toMatchObject({
      code: 'STREAM_DECLINED',
      details: { reason: 'policy' },
    })
  })

  test('of a clone that shows nothing does not keep it from taking', async () => {
    const pair = await exchange({ a: { offer: no } })
    await clone.take(settings)
    await attached(pair, 2)
    await pair.a.connection.close()
    const again = await exchange({ a: { offer: no } })
    await attached(again, 2)
  })

  test('sees the stream and the peer', async () => {
    const seen: unknown[] = []
    const pair = await exchange({
      b: {
        offer: (stream, peer) => {
          seen.push([stream, peer.provedRoot, hex(peer.publicKey)])
          return true
        },
      },
    })
    const key = hex(pair.a.multiplexer.publicKey)
    expect(seen).toEqual([[settings, true, key]])
  })
})

describe('one stream alone', () => {
  test('is replicated with who holds its link, who hears of nothing else', async () => {
    await origin.make('secret', { type: 'chat' }, 'hidden')
    const reader = await TestContainer.clone({ root: settings } as TestContainer)
    const pair = await connected(reader, origin)
    await pair.a.connection.rootAgreed()
    await reader.root.data.update()
    expect(Buffer.from(await reader.root.data.get(0)).toString()).toBe('dark')
    await quiet(pair, 40)
    await attached(pair, 1)
    expect(pair.a.connection.statistics.offersReceived).toBe(0)
    expect(pair.b.connection.peer?.provedRoot).toBe(false)
  })

  test('that the peer gets later is attached then', async () => {
    const elsewhere = await TestContainer.create()
    const late = await elsewhere.make('late', {}, 'light')
    const reader = await TestContainer.clone({ root: late } as TestContainer)
    const pair = await connected(reader, origin)
    await expect(pair.a.connection.rootAgreed()).rejects.toMatchObject({
      code: 'ROOT_DECLINED',
      details: { reason: 'unknown' },
    })
    await origin.take(late)
    await attached(pair, 1)
    await pair.a.connection.rootAgreed()
  })

  test('may be wanted of a peer whose container is another', async () => {
    const mine = await TestContainer.create()
    const attachedStream = await mine.take(settings)
    const pair = await connected(mine, origin)
    await quiet(pair, 40)
    await attached(pair, 0)
    await pair.a.connection.want(settings.id)
    await attached(pair, 1)
    await attachedStream.data.update()
    expect(Buffer.from(await attachedStream.data.get(0)).toString()).toBe('dark')
    await expect(pair.a.connection.want(new Uint8Array(32))).rejects.toMatchObject({
      code: 'STREAM_NOT_FOUND',
    })
  })
})
