import { randomBytes } from 'node:crypto'
import { faultyLink } from '@datagram/fault-harness'
import { encode } from '@datagram/log-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { decline } from '../src/decline.ts'
import { offer } from '../src/offer-record.ts'
import type { Connection } from '../src/index.ts'
import { multiplexerOf, until } from './connected.ts'
import { Ground, openLog, reasonOf, record } from './ground.ts'
import { number, RawPeer } from './raw-peer.ts'
import { replicaStream, TestContainer, type TestStream, temporaryStore } from './test-container.ts'

let ground: Ground
let origin: TestContainer

beforeEach(async () => {
  ground = await Ground.create()
  ;({ origin } = ground)
})

describe('bounds', () => {
  test('a flood of messages ends the connection, an honest peer goes on', async () => {
    const multiplexer = ground.victim({ messagesBurst: 5_000, messagesPerSecond: 100 })
    const good = await ground.honest(multiplexer)
    const peer = await RawPeer.polite(multiplexer)
    const bytes = encode(decline, { id: randomBytes(32), reason: 'other' })
    for (let i = 0; i < 10_000; i++) peer.say(number.decline, bytes)
    expect(await reasonOf(peer.victim)).toBe('PEER_FLOODING')
    await good.proveServed()
  })

  test('a flood of log channels ends the connection', async () => {
    const multiplexer = ground.victim({ messagesBurst: 5_000, messagesPerSecond: 100 })
    const good = await ground.honest(multiplexer)
    const peer = await RawPeer.polite(multiplexer)
    for (let i = 0; i < 10_000 && peer.victim.isOpen; i++) openLog(peer, randomBytes(32))
    expect(await reasonOf(peer.victim)).toBe('PEER_FLOODING')
    await good.proveServed()
  })

  test('a peer that asks and never reads is given up', async () => {
    const multiplexer = ground.victim({ unsentBytesMax: 100_000 })
    const good = await ground.honest(multiplexer)
    const peer = await RawPeer.polite(multiplexer, { link: { bufferBytes: 1000 } })
    peer.link.a.pause()
    // Each is declined, and the answer waits.
    for (let i = 0; i < 20_000; i++) peer.want({ id: randomBytes(32), key: randomBytes(32) })
    expect(await reasonOf(peer.victim)).toBe('PEER_STALLED')
    await good.proveServed()
  })

  test('of offers that wait the oldest is refused, and those that stay are taken', async () => {
    const multiplexer = ground.victim({ offersPendingMax: 10 })
    const peer = await RawPeer.entitled(multiplexer, origin.root)
    const ids = Array.from({ length: 15 }, () => new Uint8Array(randomBytes(32)))
    for (const id of ids) peer.say(number.offer, encode(offer, record(id)))
    await until(() => peer.heardOf(number.decline).length >= 5)
    const refused = peer.heardOf(number.decline)
    expect(refused).toEqual(
      ids.slice(0, 5).map((id) => encode(decline, { id, reason: 'too-many' })),
    )
    expect(peer.victim.offers.map(({ id }) => id)).toEqual(ids.slice(5))
  })

  test('of wants of a stranger as many are remembered as the bound says', async () => {
    const peer = await RawPeer.polite(ground.victim({ wantsPendingMax: 3 }))
    const later = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => TestContainer.create().then((one) => one.make(`${n}`, {}, 'x'))),
    )
    for (const stream of later) peer.want(stream)
    await until(() => peer.heardOf(number.decline).length >= 5)
    for (const stream of later) origin.add(stream)
    await until(() => peer.heardOf(number.accept).length === 3)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(peer.heardOf(number.accept).length).toBe(3)
  })

  test('one peer is not offered more than it may be', async () => {
    const warnings: string[] = []
    const logger = {
      debug: () => undefined,
      warn: (message: string) => void warnings.push(message),
    }
    const multiplexer = multiplexerOf(origin, { logger, limits: { streamsPerPeerMax: 2 } })
    for (let i = 0; i < 4; i++) await origin.make(`${i}`)
    const peer = await RawPeer.entitled(multiplexer, origin.root)
    await until(() => warnings.length === 3)
    await until(() => peer.heardOf(number.offer).length === 2)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(peer.heardOf(number.offer).length).toBe(2)
  })

  test('blocks that a peer asks for and does not take are counted', async () => {
    const multiplexer = ground.victim({ requestsPerPeerMax: 100 })
    const good = await ground.honest(multiplexer)
    const peer = await RawPeer.polite(multiplexer, { link: { bufferBytes: 1000 } })
    const request = await openedWire(peer, 1)
    peer.link.a.pause()
    const nothing = { hash: null, seek: null, upgrade: null }
    for (let id = 1; id <= 10_000 && peer.victim.isOpen; id++) {
      request.send({ id, fork: 0, block: { index: 0, nodes: 0 }, ...nothing })
      if (id % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await reasonOf(peer.victim)).toBe('PEER_FLOODING')
    await good.proveServed()
  })

  test('a peer that says to have blocks and never sends them is given up for one that does', async () => {
    const clone = await TestContainer.clone(origin)
    const replica = await clone.take(ground.settings)
    const multiplexer = multiplexerOf(clone, { limits: { answerMs: 500 } })
    const peer = await RawPeer.polite(multiplexer)
    for (const log of ground.settings.logs) log.attach(peer.muxer as never)
    const data = await openedWire(peer, 3, replica)
    const send = data.send.bind(data)
    // Proofs of how long the log is arrive, and no block.
    data.send = (message) => (message as { block: unknown }).block !== null || send(message)
    await until(() => replica.data.length === 1, 30_000)
    const reading = replica.data.get(0, { timeoutMs: 30_000 })
    reading.catch(() => undefined)
    expect(await reasonOf(peer.victim)).toBe('PEER_STALLED')
    const link = faultyLink()
    multiplexerOf(origin).connect(link.a, { initiator: true })
    const patient = multiplexerOf(clone)
    await patient.connect(link.b, { initiator: false }).rootAgreed({ timeoutMs: 30_000 })
    expect(await replica.data.get(0).then((block) => Buffer.from(block).toString())).toBe('dark')
  })

  test('of the connections of one peer the oldest gives way', async () => {
    const multiplexer = ground.victim({ connectionsPerPeerMax: 2 })
    const clone = multiplexerOf(await TestContainer.clone(origin))
    const connect = async () => {
      const link = faultyLink()
      const connection = multiplexer.connect(link.b, { initiator: false })
      clone.connect(link.a, { initiator: true })
      await connection.ready()
      return connection
    }
    const [oldest, second, third] = [await connect(), await connect(), await connect()]
    expect(await reasonOf(oldest as Connection)).toBe('CONNECTION_REPLACED')
    expect([second?.isOpen, third?.isOpen]).toEqual([true, true])
  })

  test('connections are counted', async () => {
    const multiplexer = ground.victim({ connectionsMax: 1 })
    const link = faultyLink()
    const connection = multiplexer.connect(link.a, { initiator: true })
    expect(() => multiplexer.connect(link.b, { initiator: false })).toThrow(
      expect.objectContaining({ code: 'CONNECTIONS_EXHAUSTED' }),
    )
    await connection.close()
    expect(multiplexer.connect(faultyLink().a, { initiator: true }).isOpen).toBe(false)
  })

  test.each([0, -1, Number.NaN, '5'])('a limit of %j is a TypeError', (messagesBurst) => {
    expect(() => ground.victim({ messagesBurst: messagesBurst as number })).toThrow(TypeError)
  })
})

/** A message of hypercore's on the data log's channel of a peer, by its place; the log is attached first where it is not. */
async function openedWire(
  peer: RawPeer,
  place: number,
  attached?: TestStream,
): Promise<{ send: (message: object) => boolean }> {
  const { settings } = ground
  if (attached === undefined) {
    peer.want(settings)
    await until(() => peer.heardOf(number.accept).length === 1, 30_000)
    const replica = await replicaStream(await temporaryStore(), settings)
    replica.data.attach(peer.muxer as never)
  } else {
    peer.want(origin.root)
    peer.accept(settings)
    peer.want(settings)
  }
  const find = () =>
    peer.muxer.getLastChannel({ protocol: 'hypercore/alpha', id: settings.data.discoveryKey })
  await until(() => find() !== null, 30_000)
  expect(await find()?.fullyOpened()).toBe(true)
  const { messages } = find() as unknown as { messages: { send: (message: object) => boolean }[] }
  return messages[place] as { send: (message: object) => boolean }
}
