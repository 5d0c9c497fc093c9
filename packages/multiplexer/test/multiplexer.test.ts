import { once } from 'node:events'
import net from 'node:net'
import { duplexPair } from 'node:stream'
import { seededRun } from '@datagram/fault-harness'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connected, multiplexerOf, quiet, until } from './connected.ts'
import { TestContainer, type TestStream } from './test-container.ts'

async function textOf(stream: TestStream, index = 0): Promise<string> {
  await stream.data.update()
  return Buffer.from(await stream.data.get(index)).toString()
}

describe('a clone', () => {
  test('begins with the root, is offered the rest, and gets it when it knows the keys', async () => {
    const origin = await TestContainer.create()
    await origin.root.data.append({ payload: Buffer.from('the list') })
    const settings = await origin.make('settings', { type: 'kv', labels: ['home'] }, 'dark')
    const clone = await TestContainer.clone(origin)
    const pair = await connected(clone, origin)
    await pair.a.connection.rootAgreed()
    expect(await textOf(clone.root)).toBe('the list')

    await until(() => pair.a.connection.offers.length === 1)
    const offered = { type: 'kv', labels: ['home'], bytes: settings.data.byteLength }
    expect(pair.a.connection.offers[0]).toMatchObject(offered)
    expect(Buffer.from(settings.id).equals(pair.a.connection.offers[0]?.id as Uint8Array)).toBe(
      true,
    )
    expect(pair.a.connection.offers[0]?.logs.map(({ length }) => length)).toEqual([0, 1])
    const replica = await clone.take(settings)
    await until(() => pair.a.connection.statistics.attached === 2)
    expect(await textOf(replica)).toBe('dark')
    expect(pair.a.connection.offers).toEqual([])
    expect(pair.a.connection.statistics).toMatchObject({
      offersReceived: 1,
      offered: 0,
      declined: 0,
    })
    expect(pair.b.connection.statistics).toMatchObject({
      offersReceived: 0,
      offered: 1,
      attached: 2,
    })
  })

  test('works over TCP', async () => {
    const origin = await TestContainer.create()
    const settings = await origin.make('settings', {}, 'dark')
    const clone = await TestContainer.clone(origin)
    const server = net.createServer((socket) => {
      multiplexerOf(origin).connect(socket, { initiator: false })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1')
    const connection = multiplexerOf(clone).connect(socket, { initiator: true })
    await connection.rootAgreed()
    const replica = await clone.take(settings)
    await until(() => connection.statistics.attached === 2)
    expect(await textOf(replica)).toBe('dark')
    expect(connection.statistics.rawBytesIn).toBe(socket.bytesRead)
    expect(connection.statistics.rawBytesOut).toBe(socket.bytesWritten)
    await connection.close()
    expect(socket.destroyed).toBe(true)
  })

  test('works over a pair of streams that answers while it is being written to', async () => {
    const origin = await TestContainer.create()
    const settings = await origin.make('settings', {}, 'dark')
    const clone = await TestContainer.clone(origin)
    const replica = await clone.take(settings)
    const [here, there] = duplexPair()
    multiplexerOf(origin).connect(there, { initiator: false })
    const connection = multiplexerOf(clone).connect(here, { initiator: true })
    await until(() => connection.statistics.attached === 2)
    expect(await textOf(replica)).toBe('dark')
    await connection.close()
  })

  test('hears of a stream that is made while it is connected', async () => {
    const origin = await TestContainer.create()
    const clone = await TestContainer.clone(origin)
    const pair = await connected(clone, origin)
    await pair.a.connection.rootAgreed()
    const heard: string[] = []
    pair.a.multiplexer.on('stream-offered', (_connection, offer) => heard.push(offer.type))
    const late = await origin.make('late', { type: 'chat' }, 'hello')
    await until(() => heard.length === 1)
    expect(heard).toEqual(['chat'])
    expect(
      await textOf(await clone.take(late).then(async (one) => (await attached(pair, 2), one))),
    ).toBe('hello')
  })

  test('that knows a key before it is offered gets the stream at once', async () => {
    const origin = await TestContainer.create()
    const settings = await origin.make('settings', {}, 'dark')
    const clone = await TestContainer.clone(origin)
    const replica = await clone.take(settings)
    const pair = await connected(clone, origin)
    await attached(pair, 2)
    expect(await textOf(replica)).toBe('dark')
    // Their lengths differ, so each side offered what it has; the offers crossed, and needed no answer.
    expect(pair.b.connection.statistics).toMatchObject({
      offered: 1,
      offersReceived: 1,
      declined: 0,
    })
  })

  test('whose root has one log at first attaches the others when it learns of them', async () => {
    const origin = await TestContainer.create()
    await origin.root.data.append({ payload: Buffer.from('the list') })
    const clone = await TestContainer.clone(origin)
    const whole = { ...clone.root, logs: clone.root.logs }
    Object.assign(clone.root, { logs: [clone.root.index] })
    const pair = await connected(clone, origin)
    await pair.a.connection.rootAgreed()
    await quiet(pair)
    Object.assign(clone.root, { logs: whole.logs })
    clone.change(clone.root)
    await quiet(pair)
    expect(await textOf(clone.root)).toBe('the list')
  })

  test('goes on where it was after the connection was cut', async () => {
    const origin = await TestContainer.create()
    const settings = await origin.make('settings', {}, 'dark')
    const clone = await TestContainer.clone(origin)
    const first = await connected(clone, origin)
    await first.a.connection.rootAgreed()
    const replica = await clone.take(settings)
    await attached(first, 2)
    const reasons: unknown[] = []
    first.a.multiplexer.on('peer-removed', (_connection, reason) => reasons.push(reason))
    first.cut()
    expect(await first.a.connection.closed).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(await first.b.connection.closed).toMatchObject({ code: 'CONNECTION_LOST' })
    expect(reasons).toEqual([await first.a.connection.closed])
    expect(first.a.multiplexer.connections).toEqual([])

    await settings.data.append({ payload: Buffer.from('light') })
    const second = await connected(clone, origin)
    await attached(second, 2)
    expect(await textOf(replica, 1)).toBe('light')
  })
})

describe('two containers that both hold the root', () => {
  test('give each other what the other lacks', async () => {
    const origin = await TestContainer.create()
    const mine = await origin.make('mine', {}, 'of the origin')
    const clone = await TestContainer.clone(origin)
    const yours = await clone.make('yours', {}, 'of the clone')
    const pair = await connected(clone, origin)
    await until(() => pair.a.connection.offers.length + pair.b.connection.offers.length === 2)
    const [replicaOfMine, replicaOfYours] = [await clone.take(mine), await origin.take(yours)]
    await attached(pair, 3)
    expect(await textOf(replicaOfMine)).toBe('of the origin')
    expect(await textOf(replicaOfYours)).toBe('of the clone')
  })
})

describe('a stream that leaves', () => {
  test('is withdrawn: its logs are detached on both sides, and it may come back', async () => {
    const origin = await TestContainer.create()
    const settings = await origin.make('settings', {}, 'dark')
    const clone = await TestContainer.clone(origin)
    const replica = await clone.take(settings)
    const pair = await connected(clone, origin)
    await attached(pair, 2)
    expect(await textOf(replica)).toBe('dark')
    const events: string[] = []
    pair.a.multiplexer.on('stream-detached', () => events.push('detached'))
    pair.a.multiplexer.on('stream-attached', () => events.push('attached'))

    origin.remove(settings)
    await until(() => events.length === 1)
    await quiet(pair)
    const before = pair.traffic.bytes
    await settings.data.append({ payload: Buffer.from('light') })
    await quiet(pair)
    expect(pair.traffic.bytes).toBe(before)
    expect(replica.data.length).toBe(1)

    origin.add(settings)
    await until(() => events.length === 2)
    expect(events).toEqual(['detached', 'attached'])
    expect(await textOf(replica, 1)).toBe('light')
  })

  test('for the holder of a replica takes nothing from the author', async () => {
    const origin = await TestContainer.create()
    const [one, two] = [await origin.make('one', {}, '1'), await origin.make('two', {}, '2')]
    const clone = await TestContainer.clone(origin)
    const [replicaOfOne, replicaOfTwo] = [await clone.take(one), await clone.take(two)]
    const pair = await connected(clone, origin)
    await attached(pair, 3)
    clone.remove(replicaOfOne)
    await until(() => pair.b.connection.statistics.attached === 2)
    expect(await textOf(replicaOfTwo)).toBe('2')
    // The author's offer stands.
    await clone.take(one)
    await attached(pair, 3)
    expect(await textOf(replicaOfOne)).toBe('1')
  })

  test('and comes back a hundred times at random, on both sides, is there in the end', async () => {
    const origin = await TestContainer.create()
    const settings = await origin.make('settings', {}, 'dark')
    const clone = await TestContainer.clone(origin)
    const replica = await clone.take(settings)
    await seededRun(async (random) => {
      const link = { delayMs: 1, jitterMs: 2, seed: random.next32() }
      const pair = await connected(clone, origin, { link })
      const pause = () => new Promise((resolve) => setTimeout(resolve, random.between(0, 6)))
      for (let i = 0; i < 100; i++) {
        const [side, stream] = random.chance() ? [clone, replica] : [origin, settings]
        side.remove(stream)
        if (random.chance()) await pause()
        side.add(stream)
        if (random.chance()) await pause()
      }
      await quiet(pair)
      await attached(pair, 2)
      await settings.data.append({ payload: Buffer.from('light') })
      await until(() => replica.data.length === 2)
      expect(await textOf(replica, 1)).toBe('light')
      expect(pair.a.connection.isOpen && pair.b.connection.isOpen).toBe(true)
    })
  })
})

async function attached(pair: Awaited<ReturnType<typeof connected>>, count: number): Promise<void> {
  await until(() =>
    [pair.a, pair.b].every(({ connection }) => connection.statistics.attached === count),
  )
}
