import { type Random, seededRun } from '@datagram/fault-harness'
import { encode } from '@datagram/log-core'
import { beforeEach, describe, expect, test } from 'vitest'
import type { StreamFilter } from '../src/index.ts'
import { announce } from '../src/announce.ts'
import { decline } from '../src/decline.ts'
import { type Digest, digest } from '../src/digest.ts'
import { filter } from '../src/filter.ts'
import { offer } from '../src/offer-record.ts'
import { want } from '../src/proven-id.ts'
import { ask, told } from '../src/round.ts'
import { collectedHeapBytes } from './collected-heap.ts'
import { Ground, reasonOf, record } from './ground.ts'
import { number, RawPeer } from './raw-peer.ts'
import type { TestContainer, TestStream } from './test-container.ts'

let ground: Ground
let origin: TestContainer
let settings: TestStream

beforeEach(async () => {
  ground = await Ground.create()
  ;({ origin, settings } = ground)
})

const INPUTS = 100_000

describe('fuzzed', () => {
  test(`${INPUTS} control messages of entitled peers leave an honest peer served`, {
    timeout: 60_000,
  }, async () => {
    const multiplexer = ground.victim({ offersPendingMax: 1_000, messagesBurst: 1e9 })
    const good = await ground.honest(multiplexer)
    await seededRun(async (random) => {
      let sent = 0
      let broken = 0
      const before = collectedHeapBytes()
      while (sent < INPUTS) {
        const features = random.between(0, 2)
        const peer = await RawPeer.entitled(multiplexer, origin.root, { features })
        if (random.chance()) peer.say(number.digest, encode(digest, anyDigest(random)))
        const until = sent + random.between(1, 2_000)
        while (sent < until && peer.victim.isOpen) {
          for (let i = 0; i < 50; i++, sent++) sayAnything(peer, random)
          await new Promise((resolve) => setImmediate(resolve))
        }
        await new Promise((resolve) => setTimeout(resolve, 2))
        if (!peer.victim.isOpen) {
          broken++
          expect(await reasonOf(peer.victim)).toBe('PEER_PROTOCOL_BROKEN')
        }
        peer.noise.destroy()
        await peer.victim.closed
      }
      expect(broken).toBeGreaterThan(10)
      expect(collectedHeapBytes() - before).toBeLessThan(100 * 1024 * 1024)
    })
    expect(multiplexer.connections.length).toBe(1)
    await good.proveServed()
  })

  test(`${INPUTS} random plain messages of strangers do so too`, { timeout: 60_000 }, async () => {
    const multiplexer = ground.victim()
    const good = await ground.honest(multiplexer)
    await seededRun(async (random) => {
      for (let examined = 0; examined < INPUTS; ) {
        const peer = await RawPeer.polite(multiplexer)
        for (; peer.victim.isOpen && examined < INPUTS; examined += 10) {
          for (let i = 0; i < 10; i++) peer.sendPlain(anyPlain(random))
          await new Promise((resolve) => setImmediate(resolve))
        }
        peer.noise.destroy()
        await peer.victim.closed
      }
    })
    await good.proveServed()
  })
})

/** Something that a control message may be: well made of known and unknown streams, or mangled. */
function sayAnything(peer: RawPeer, random: Random): void {
  const streams = [settings, origin.root, { id: random.bytes(32), key: random.bytes(32) }]
  const { id, key } = random.pick(streams)
  const proof = random.chance() ? peer.prove({ id, key }) : random.bytes(32)
  const proven = encode(want, { id, proof })
  const reason = random.pick(['other', 'policy', 'unknown', 'proof-wrong', 'too-many'] as const)
  const messages: [number, Uint8Array][] = [
    [number.want, proven],
    [number.accept, proven],
    [number.decline, encode(decline, { id, reason })],
    [number.withdraw, id],
    [number.offer, encode(offer, { ...record(id), proof })],
    [number.announce, encode(announce, { id, lengths: [random.between(0, 9), 2 ** 50] })],
    [number.ask, encode(ask, random.between(0, 9))],
    [number.told, encode(told, random.between(0, 9))],
    [number.filter, encode(filter, anyFilter(random))],
    [random.pick([6, number.mark, 20]), random.bytes(random.between(0, 100))],
  ]
  const [messageNumber, bytes] = random.pick(messages)
  const isWhole = !random.chance(0.0005)
  peer.say(
    messageNumber,
    isWhole ? bytes : bytes.subarray(0, random.between(0, bytes.byteLength + 1)),
  )
}

function anyFilter(random: Random): StreamFilter {
  const texts = () => (random.chance() ? [] : ['kv', 'home', random.bytes(3).toString()])
  return {
    types: texts(),
    labels: texts(),
    notLabels: texts(),
    bytesMax: random.pick([undefined, 0, 9]),
  }
}

function anyDigest(random: Random): Digest {
  const bits = random.between(0, 3)
  return { bits, first: 0, hashes: Array.from({ length: 2 ** bits }, () => random.bytes(16)) }
}

/** Something that a muxer's message may be; mostly about channels that are not there. */
function anyPlain(random: Random): Uint8Array {
  const bytes = random.bytes(random.between(2, 60))
  // Few are about the muxer's own channel or the control channel: those soon break the protocol.
  bytes[0] = random.chance(0.02) ? random.between(0, 2) : random.between(2, 0xfd)
  if (bytes[0] < 2) bytes[1] = random.between(0, 6)
  return bytes
}
