import { randomBytes } from 'node:crypto'
import { decode, encode } from '@datagram/log-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { lengthsOf } from '../src/agreement.ts'
import { digest } from '../src/digest.ts'
import { FEATURE_FRUGAL, FEATURE_HISTORIES } from '../src/hello.ts'
import type { PeerReport } from '../src/index.ts'
import { treeHashesOf } from '../src/log-histories.ts'
import { offer } from '../src/offer-record.ts'
import { ask } from '../src/round.ts'
import { StreamProver } from '../src/stream-proof.ts'
import { until } from './connected.ts'
import { Ground, record } from './ground.ts'
import { number, RawPeer } from './raw-peer.ts'

let ground: Ground

beforeEach(async () => {
  ground = await Ground.create()
})

const proverOf = (peer: RawPeer) =>
  new StreamProver('initiator', peer.noise.handshakeHash as Uint8Array)

describe('the digest', () => {
  test.each([
    ['over lengths alone to an older peer', FEATURE_FRUGAL, false],
    ['over histories to a peer that compares them', FEATURE_FRUGAL | FEATURE_HISTORIES, true],
  ])('is %s', async (_, features, isCompared) => {
    const { origin, settings } = ground
    const peer = await RawPeer.entitled(ground.victim(), origin.root, { features })
    await until(() => peer.heardOf(number.digest).length > 0)
    const { hashes } = decode(digest, peer.heardOf(number.digest)[0] as Uint8Array)
    const treeHashes = isCompared ? treeHashesOf(settings) : undefined
    const entry = { stream: settings, lengths: lengthsOf(settings), treeHashes }
    expect(hashes).toEqual([new Uint8Array(proverOf(peer).digest(entry).theirs)])
  })
})

describe('an offer', () => {
  test.each([
    ['of the same history is not reported', 'same', 0],
    ['of another history of the same length is, once', 'other', 1],
    ['of another length says nothing of the history', 'longer', 0],
    ['that says no history is not', 'none', 0],
  ] as const)('%s, and is taken all the same', async (_, kind, count) => {
    const { origin, settings } = ground
    const multiplexer = ground.victim()
    const reports: PeerReport[] = []
    multiplexer.on('peer-diverged', (_connection, report) => reports.push(report))
    const peer = await RawPeer.entitled(multiplexer, origin.root)
    const { id, key, data } = settings
    const { discoveryKey, length, treeHash } = data
    const right = proverOf(peer).history({
      key,
      log: discoveryKey,
      treeHash: treeHash as Uint8Array,
    })
    const index = { discoveryKey: id, length: settings.index.length }
    const histories = [randomBytes(8), kind === 'same' ? right.ours : randomBytes(8)]
    // Of the index nothing is known that could be compared, as it is said to be longer.
    const logs = [
      { ...index, length: index.length + 1 },
      { discoveryKey, length: kind === 'longer' ? length + 1 : length },
    ]
    const said = {
      ...record(id),
      logs,
      proof: peer.prove(settings),
      histories: kind === 'none' ? undefined : histories,
    }
    for (let i = 0; i < 2; i++) peer.say(number.offer, encode(offer, said))
    // The answer comes behind all that is said of them.
    peer.say(number.ask, encode(ask, 1))
    await until(() => peer.heardOf(number.told).length > 0)
    expect(peer.victim.statistics.offersReceived).toBe(2)
    expect(peer.heardOf(number.decline)).toEqual([])
    expect(peer.victim.isOpen).toBe(true)
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
    expect(reports.map(({ log, lengthNow }) => [hex(log), lengthNow])).toEqual(
      Array.from({ length: count }, () => [hex(discoveryKey), length]),
    )
  })
})
