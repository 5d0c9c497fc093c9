import { randomBytes } from 'node:crypto'
import { faultyLink, seededRun } from '@datagram/fault-harness'
import { decode, encode } from '@datagram/log-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { decline } from '../src/decline.ts'
import { FEATURE_FRUGAL, hello } from '../src/hello.ts'
import { offer } from '../src/offer-record.ts'
import { want } from '../src/proven-id.ts'
import { multiplexerOf, until } from './connected.ts'
import { Ground, openLog, opensLog, reasonOf, record } from './ground.ts'
import { number, RawPeer } from './raw-peer.ts'
import { TestContainer, type TestStream } from './test-container.ts'

let ground: Ground
let origin: TestContainer
let settings: TestStream

beforeEach(async () => {
  ground = await Ground.create()
  ;({ origin, settings } = ground)
})

describe('before the encryption is agreed', () => {
  test('random bytes end the connection with a code, whatever they are', async () => {
    const multiplexer = ground.victim()
    const good = await ground.honest(multiplexer)
    await seededRun(async (random) => {
      for (let i = 0; i < 200; i++) {
        const link = faultyLink()
        const initiator = random.chance()
        const connection = multiplexer.connect(link.a, { initiator })
        link.b.on('error', () => undefined).resume()
        link.b.write(random.bytes(random.between(1, 200)))
        // Some say too little to be wrong; their end is what is wrong then.
        link.b.end()
        expect(['HANDSHAKE_FAILED', 'PEER_CLOSED']).toContain(await reasonOf(connection))
      }
    })
    await good.proveServed()
  })

  test('a web browser is told off before memory is taken for it', async () => {
    const link = faultyLink()
    const connection = ground.victim().connect(link.a, { initiator: false })
    link.b.on('error', () => undefined).resume()
    link.b.write('GET / HTTP/1.1\r\n')
    expect(await connection.closed).toMatchObject({
      code: 'HANDSHAKE_FAILED',
      details: { limit: 1024 },
    })
  })

  test('silence is a timeout', async () => {
    const multiplexer = ground.victim({ handshakeTimeoutMs: 50 })
    const link = faultyLink()
    link.b.on('error', () => undefined)
    const connection = multiplexer.connect(link.a, { initiator: true })
    await expect(connection.ready()).rejects.toMatchObject({ code: 'PEER_TIMEOUT' })
    expect(await reasonOf(connection)).toBe('PEER_TIMEOUT')
  })

  test('two initiators do not wait for each other for ever', async () => {
    const link = faultyLink()
    const multiplexer = ground.victim({ handshakeTimeoutMs: 200 })
    const connections = [link.a, link.b].map((end) => multiplexer.connect(end, { initiator: true }))
    const reasons = await Promise.all(connections.map(reasonOf))
    for (const reason of reasons) expect(['HANDSHAKE_FAILED', 'CONNECTION_LOST']).toContain(reason)
  })
})

describe('after it', () => {
  test('no hello is a timeout', async () => {
    const peer = await RawPeer.silent(ground.victim({ helloTimeoutMs: 50 }))
    expect(await reasonOf(peer.victim)).toBe('PEER_TIMEOUT')
  })

  test('no sign of life is a reason to part', async () => {
    const peer = await RawPeer.polite(ground.victim({ silenceMs: 200 }))
    expect(await reasonOf(peer.victim)).toBe('PEER_SILENT')
  })

  test('bytes that do not decrypt end the connection', async () => {
    const peer = await RawPeer.polite(ground.victim())
    peer.link.a.write(Buffer.from([40, 0, 0, ...randomBytes(40)]))
    expect(await reasonOf(peer.victim)).toBe('PEER_PROTOCOL_BROKEN')
  })

  test('a large piece from a stranger is refused at its first three bytes', async () => {
    const peer = await RawPeer.polite(ground.victim())
    peer.link.a.write(Buffer.from([0xff, 0xff, 0xff]))
    const reason = await peer.victim.closed
    expect(reason).toMatchObject({ code: 'PEER_PROTOCOL_BROKEN', details: { limit: 65_536 } })
  })

  test('a large piece from a peer that has proved the root is taken', async () => {
    const peer = await RawPeer.entitled(ground.victim(), origin.root)
    await until(() => peer.heardOf(number.offer).length === 1)
    peer.sendPlain(new Uint8Array(1_000_000).fill(0x7f))
    peer.accept(settings)
    await until(() => peer.victim.statistics.rawBytesIn > 1_000_000)
    expect(peer.victim.isOpen).toBe(true)
  })

  test.each([
    ['a message before hello', (peer: RawPeer) => peer.say(number.want, new Uint8Array(64))],
    ['a hello without a version', (peer: RawPeer) => peer.say(number.hello, new Uint8Array(0))],
  ])('%s breaks the protocol', async (_what, act) => {
    const peer = await RawPeer.silent(ground.victim())
    act(peer)
    expect(await reasonOf(peer.victim)).toBe('PEER_PROTOCOL_BROKEN')
  })

  test.each([
    ['a second hello', (peer: RawPeer) => peer.say(number.hello, new Uint8Array([1, 0, 0]))],
    ['a want that is cut short', (peer: RawPeer) => peer.say(number.want, new Uint8Array(63))],
    ['an offer of nothing', (peer: RawPeer) => peer.say(number.offer, new Uint8Array(0))],
    ['a message over its size', (peer: RawPeer) => peer.say(number.want, new Uint8Array(2000))],
    ['an offer over its size', (peer: RawPeer) => peer.say(number.offer, new Uint8Array(193))],
  ])('%s breaks the protocol', async (_what, act) => {
    const multiplexer = ground.victim()
    const good = await ground.honest(multiplexer)
    const peer = await RawPeer.polite(multiplexer)
    act(peer)
    expect(await reasonOf(peer.victim)).toBe('PEER_PROTOCOL_BROKEN')
    await good.proveServed()
  })

  test('another major version is refused with a code, a newer minor version is welcome', async () => {
    const newer = await RawPeer.silent(ground.victim())
    newer.say(number.hello, encode(hello, { major: 2, minor: 0, features: 0 }))
    const reason = await newer.victim.closed
    expect(reason).toMatchObject({ code: 'PEER_VERSION_UNSUPPORTED', details: { version: 2 } })

    const peer = await RawPeer.silent(ground.victim())
    const greeting = encode(hello, { major: 1, minor: 7, features: 0xffff })
    peer.say(number.hello, Buffer.concat([greeting, Buffer.from('fields of version 1.7')]))
    peer.say(number.mark, Buffer.from('a message of version 1.7'))
    peer.say(29, new Uint8Array(5000))
    peer.want(origin.root)
    await until(() => peer.heardOf(number.digest).length === 1)
    expect(peer.victim.isOpen).toBe(true)
  })

  test('closing the control channel is a farewell', async () => {
    const peer = await RawPeer.polite(ground.victim())
    peer.closeChannel()
    expect(await reasonOf(peer.victim)).toBe('PEER_CLOSED')
  })
})

describe('a wrong proof', () => {
  test('costs that stream, and nothing else', async () => {
    const other = await origin.make('other', {}, 'light')
    const peer = await RawPeer.entitled(ground.victim(), origin.root)
    await until(() => peer.heardOf(number.offer).length === 2)
    peer.accept({ id: settings.id, key: randomBytes(32) })
    peer.want({ id: settings.id, key: randomBytes(32) })
    peer.accept(other)
    await until(() => peer.heardOf(number.decline).length === 2)
    const declined = encode(decline, { id: settings.id, reason: 'proof-wrong' })
    expect(peer.heardOf(number.decline)).toEqual([declined, declined])
    expect(peer.victim.statistics).toMatchObject({ proofsWrong: 2, declined: 2 })
    expect(peer.victim.isOpen).toBe(true)
    // Nothing of the stream is attached: its channel is rejected, while the other's is opened.
    expect(await opensLog(peer, settings)).toBe(false)
    expect(await opensLog(peer, other)).toBe(true)
    // And the right proof is as good as ever.
    peer.accept(settings)
    await until(() => peer.heardOf(number.accept).length === 1)
    expect(await opensLog(peer, settings)).toBe(true)
  })

  test('of the root shows nothing of the container', async () => {
    const peer = await RawPeer.polite(ground.victim())
    peer.want({ id: origin.root.id, key: randomBytes(32) })
    await until(() => peer.heardOf(number.decline).length === 1)
    peer.want({ id: settings.id, key: randomBytes(32) })
    await until(() => peer.heardOf(number.decline).length === 2)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(peer.heardOf(number.offer)).toEqual([])
    expect(await opensLog(peer, settings)).toBe(false)
    expect(await opensLog(peer, origin.root)).toBe(false)
    expect(peer.victim.peer?.provedRoot).toBe(false)
  })

  test('that is our own, sent back to us, is wrong', async () => {
    const peer = await RawPeer.polite(ground.victim())
    await until(() => peer.heardOf(number.want).length === 1)
    peer.say(number.want, peer.heardOf(number.want)[0] as Uint8Array)
    await until(() => peer.heardOf(number.decline).length === 1)
    expect(peer.victim.peer?.provedRoot).toBe(false)
  })

  test('that was right on another connection is wrong', async () => {
    const multiplexer = ground.victim()
    const [one, two] = [await RawPeer.polite(multiplexer), await RawPeer.polite(multiplexer)]
    two.say(number.want, encode(want, { id: origin.root.id, proof: one.prove(origin.root) }))
    await until(() => two.heardOf(number.decline).length === 1)
    expect(two.victim.peer?.provedRoot).toBe(false)
  })

  test("on a log's own channel costs that peer its connection, and nobody else anything", async () => {
    const multiplexer = ground.victim()
    const good = await ground.honest(multiplexer)
    const peer = await RawPeer.entitled(multiplexer, origin.root)
    await until(() => peer.heardOf(number.offer).length === 1)
    peer.accept(settings)
    await until(() => peer.victim.statistics.offered === 1)
    openLog(peer, settings.data.discoveryKey)
    expect(await reasonOf(peer.victim)).toBe('PEER_PROTOCOL_BROKEN')
    await good.proveServed()
  })
})

describe('a peer that has proved one stream only', () => {
  test('gets that stream and is shown no other; what it offers is refused', async () => {
    await origin.make('secret', { type: 'chat' }, 'hidden')
    const peer = await RawPeer.polite(ground.victim())
    peer.want(settings)
    await until(() => peer.heardOf(number.accept).length === 1)
    expect(await opensLog(peer, settings)).toBe(true)
    peer.say(number.offer, encode(offer, record(randomBytes(32))))
    await until(() => peer.heardOf(number.decline).length === 1)
    expect(decode(decline, peer.heardOf(number.decline)[0] as Uint8Array).reason).toBe(
      'not-entitled',
    )
    await origin.make('later', {}, 'hidden')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(peer.heardOf(number.offer)).toEqual([])
    expect(peer.victim.offers).toEqual([])
  })
})

describe('a peer that never answers', () => {
  test('does not hold up who asks all peers for news', async () => {
    const clone = await TestContainer.clone(origin)
    const replica = await clone.take(settings)
    const multiplexer = multiplexerOf(clone, { limits: { logIdleMs: 200 } })
    const mute = await RawPeer.polite(multiplexer, { features: FEATURE_FRUGAL })
    const link = faultyLink()
    multiplexerOf(origin).connect(link.a, { initiator: true })
    const connection = multiplexer.connect(link.b, { initiator: false })
    await connection.rootAgreed({ timeoutMs: 30_000 })
    await until(() => replica.data.length === 1, 30_000)
    // Where a log is attached it hears of news by itself; where it is not, all are asked.
    await until(() => connection.statistics.streamsOpen === 0, 30_000)
    // Each is asked, one does not answer, and the update ends without an error.
    await replica.data.update({ timeoutMs: 30_000 })
    expect(mute.heardOf(number.ask).length).toBeGreaterThan(0)
    expect(mute.victim.isOpen).toBe(true)
  })
})

describe('a malformed message to the muxer:', () => {
  test.each([
    ['a channel numbered zero', [0, 1, 0, 1, 0x61, 0]],
    ['a rejection of nothing', [0, 2, 9]],
    ['a channel that leaves out numbers', [0, 1, 9, 1, 0x61, 0]],
    ['a channel opened twice', [0, 1, 2, 1, 0x61, 0, 0, 1, 2, 1, 0x61, 0]],
    ['a message cut short', [0xfd]],
    ['a huge number', [0xff, 255, 255, 255, 255, 255, 255, 255, 255]],
    ['a batch in a batch in a batch', nested(9_000)],
  ])('%s ends a connection at most', async (_what, bytes) => {
    const multiplexer = ground.victim()
    const good = await ground.honest(multiplexer)
    const peer = await RawPeer.polite(multiplexer)
    peer.sendPlain(Uint8Array.from(bytes))
    await new Promise((resolve) => setTimeout(resolve, 50))
    await good.proveServed()
    if (peer.victim.isOpen) return
    // The test's own muxer, which has no guard, may be the first to give up.
    expect(['PEER_PROTOCOL_BROKEN', 'CONNECTION_LOST']).toContain(await reasonOf(peer.victim))
  })
})

// Each batch says that the next is all that is in it.
function nested(depth: number): number[] {
  const bytes = [0, 0]
  for (let i = 0; i < depth; i++) bytes.push(0, 0xfe, 255, 255, 255, 255, 0)
  return bytes
}
