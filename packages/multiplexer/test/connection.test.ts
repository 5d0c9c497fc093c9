import { faultyLink } from '@datagram/fault-harness'
import { beforeEach, describe, expect, test } from 'vitest'
import { createMultiplexer, type MultiplexerEvents } from '../src/index.ts'
import { connected, connectPair, multiplexerOf, until } from './connected.ts'
import { TestContainer } from './test-container.ts'

let origin: TestContainer
let clone: TestContainer

beforeEach(async () => {
  origin = await TestContainer.create()
  clone = await TestContainer.clone(origin)
})

describe('a connection', () => {
  test('tells of its beginning, its streams and its end, once each', async () => {
    const settings = await origin.make('settings', {}, 'dark')
    const [a, b] = [multiplexerOf(clone), multiplexerOf(origin)]
    const events: string[] = []
    const names: (keyof MultiplexerEvents)[] = [
      'peer-added',
      'stream-attached',
      'stream-offered',
      'stream-declined',
      'stream-detached',
      'peer-removed',
    ]
    for (const name of names) a.on(name, () => events.push(name))
    const pair = connectPair(a, b)
    expect(a.connections).toEqual([pair.a.connection])
    expect(pair.a.connection.isOpen).toBe(false)
    expect(pair.a.connection.peer).toBeUndefined()
    await pair.a.connection.rootAgreed()
    expect(pair.a.connection.isOpen).toBe(true)
    await until(() => events.length === 3)
    await clone.take(settings)
    await until(() => events.length === 4)
    await pair.a.connection.close()
    expect(events).toEqual([
      'peer-added',
      'stream-attached',
      'stream-offered',
      'stream-attached',
      'stream-detached',
      'stream-detached',
      'peer-removed',
    ])
    expect(a.connections).toEqual([])
    expect(await pair.a.connection.closed).toBeUndefined()
    expect(await pair.b.connection.closed).toMatchObject({ code: 'PEER_CLOSED' })
    await until(() => b.connections.length === 0)
  })

  test('that this side closes rejects whoever waits, and any call after', async () => {
    const link = faultyLink()
    const connection = multiplexerOf(clone).connect(link.a, { initiator: true })
    link.b.on('error', () => undefined).resume()
    const waits = [connection.ready(), connection.rootAgreed(), connection.want(clone.root.id)]
    const settled = Promise.allSettled(waits)
    await Promise.all([connection.close(), connection.close()])
    for (const one of await settled) {
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'CONNECTION_CLOSED' } })
    }
    expect(() => connection.accept(clone.root.id)).toThrow(
      expect.objectContaining({ code: 'CONNECTION_CLOSED' }),
    )
    await expect(connection.ready()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  })

  test('that is cut tells whoever waits why, and any call after', async () => {
    const pair = await connected(clone, await TestContainer.create())
    await expect(pair.a.connection.rootAgreed()).rejects.toMatchObject({ code: 'ROOT_DECLINED' })
    const late = await origin.make('late')
    await clone.take(late)
    const waiting = pair.a.connection.want(late.id, { timeoutMs: 5_000 })
    const settled = Promise.allSettled([waiting])
    pair.cut()
    const [result] = await settled
    expect(['CONNECTION_LOST', 'STREAM_DECLINED']).toContain(
      (result as PromiseRejectedResult).reason.code,
    )
    await pair.a.connection.closed
    const lost = expect.objectContaining({ code: 'CONNECTION_LOST' })
    await expect(pair.a.connection.rootAgreed()).rejects.toEqual(lost)
    expect(() => pair.a.connection.withdraw(late.id)).toThrow(lost)
  })

  test('ends each wait with its signal or its time', async () => {
    const link = faultyLink()
    const connection = multiplexerOf(clone).connect(link.a, { initiator: true })
    link.b.on('error', () => undefined).resume()
    await expect(connection.ready({ timeoutMs: 20 })).rejects.toMatchObject({
      code: 'WAIT_TIMEOUT',
    })
    const reason = new Error('enough')
    await expect(connection.rootAgreed({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(multiplexerOf(clone).connections).toEqual([])
  })

  test.each([
    ['accept', 'OFFER_NOT_FOUND'],
    ['withdraw', 'STREAM_NOT_FOUND'],
  ] as const)('%s of a stream that nobody spoke of is %s', async (method, code) => {
    const pair = await connected(clone, origin)
    expect(() => pair.a.connection[method](new Uint8Array(32))).toThrow(
      expect.objectContaining({ code }),
    )
  })

  test('goes on when a listener throws', async () => {
    const warnings: unknown[] = []
    const logger = {
      debug: () => undefined,
      warn: (_message: string, details?: Readonly<Record<string, unknown>>) =>
        void warnings.push(details?.['error']),
    }
    const [a, b] = [multiplexerOf(clone, { logger }), multiplexerOf(origin)]
    const broken = new Error('broken listener')
    let heard = 0
    a.on('peer-added', () => {
      throw broken
    })
    const undo = a.on('peer-added', () => heard++)
    const pair = connectPair(a, b)
    await pair.a.connection.rootAgreed()
    expect(warnings).toEqual([broken])
    expect(heard).toBe(1)
    undo()
    await connectPair(a, b).a.connection.ready()
    expect(heard).toBe(1)
  })

  test('knows the peer by its key, which stays the same', async () => {
    const [a, b] = [multiplexerOf(clone), multiplexerOf(origin)]
    const pairs = [connectPair(a, b), connectPair(a, b)]
    for (const { a: side, b: other } of pairs) {
      await Promise.all([side.connection.ready(), other.connection.ready()])
      expect(Buffer.compare(side.connection.peer?.publicKey as Uint8Array, b.publicKey)).toBe(0)
      expect(Buffer.compare(other.connection.peer?.publicKey as Uint8Array, a.publicKey)).toBe(0)
      expect([side.connection.isInitiator, other.connection.isInitiator]).toEqual([true, false])
    }
  })
})

describe('a multiplexer', () => {
  test('that is closed has closed its connections, and takes no more', async () => {
    const multiplexer = createMultiplexer(clone)
    const pair = connectPair(multiplexer, multiplexerOf(origin))
    await pair.a.connection.rootAgreed()
    await Promise.all([multiplexer.close(), multiplexer.close()])
    expect(await pair.a.connection.closed).toBeUndefined()
    expect(() => multiplexer.connect(faultyLink().a, { initiator: true })).toThrow(
      expect.objectContaining({ code: 'MULTIPLEXER_CLOSED' }),
    )
    // Its container may change without it.
    await clone.make('later')
  })

  test('is closed at the end of its scope', async () => {
    let connection: { closed: Promise<unknown> } | undefined
    {
      await using multiplexer = createMultiplexer(clone)
      connection = connectPair(multiplexer, multiplexerOf(origin)).a.connection
    }
    expect(await connection.closed).toBeUndefined()
  })

  test('asks for what it needs', () => {
    const multiplexer = multiplexerOf(clone)
    expect(() => multiplexer.connect(faultyLink().a, {} as never)).toThrow(TypeError)
    expect(() => multiplexer.on('peer-added', undefined as never)).toThrow(TypeError)
  })
})
