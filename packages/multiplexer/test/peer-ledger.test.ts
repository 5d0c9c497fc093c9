import fs from 'node:fs'
import { seededRun } from '@datagram/fault-harness'
import { decode, encode } from '@datagram/log-core'
import { describe, expect, it, test } from 'vitest'
import { PeerLedger } from '../src/peer-ledger.ts'
import { LOGS_MAX, PEERS_MAX, peerLedger } from '../src/peer-ledger-format.ts'
import { connectPair, multiplexerOf, until } from './connected.ts'
import { TestContainer } from './test-container.ts'

const bytes = (number: number) => {
  const key = new Uint8Array(32)
  new DataView(key.buffer).setUint32(0, number)
  return key
}
const [PEER, LOG, OTHER] = [bytes(1), bytes(2), bytes(3)]

function met(ledger: PeerLedger, peer = PEER) {
  const watch = ledger.watch()
  watch.meet(peer)
  return watch
}

describe('what peers have said', () => {
  it('is compared by peer and log, and what is less is told once, until it is all there again', () => {
    const ledger = new PeerLedger()
    const first = met(ledger)
    for (const length of [0, 3, 3, 7]) expect(first.hear(LOG, length)).toBe(undefined)
    expect(first.hear(OTHER, 2)).toBe(undefined)
    expect(met(ledger, bytes(9)).hear(LOG, 2)).toBe(undefined)
    first.end()
    const second = met(ledger)
    expect(second.hear(LOG, 5)).toEqual({ lengthThen: 7, lengthNow: 5 })
    expect(second.hear(LOG, 5)).toBe(undefined)
    expect(second.hear(LOG, 6)).toBe(undefined)
    expect(met(ledger).hear(LOG, 5)).toBe(undefined)
    expect(met(ledger).hear(LOG, 4)).toEqual({ lengthThen: 7, lengthNow: 4 })
    expect(second.hear(LOG, 7)).toBe(undefined)
    expect(second.hear(LOG, 6)).toEqual({ lengthThen: 7, lengthNow: 6 })
  })

  it('may arrive over two connections in another order than it was said in', () => {
    const ledger = new PeerLedger()
    const [first, early] = [met(ledger), ledger.watch()]
    first.hear(LOG, 5)
    first.hear(LOG, 9)
    early.meet(PEER)
    // It may have said so before it said 9 on the other; but not before it had said 5 on this one.
    expect(early.hear(LOG, 5)).toBe(undefined)
    expect(early.hear(LOG, 4)).toEqual({ lengthThen: 9, lengthNow: 4 })
    expect(met(ledger).hear(LOG, 8)).toBe(undefined)
    expect(met(ledger).hear(LOG, 3)).toEqual({ lengthThen: 9, lengthNow: 3 })
  })

  it('is there after it was encoded and read', () => {
    const ledger = new PeerLedger()
    met(ledger).hear(LOG, 300)
    const again = new PeerLedger()
    again.load(ledger.encode())
    expect(met(again).hear(LOG, 299)).toEqual({ lengthThen: 300, lengthNow: 299 })
    expect(met(again).lengthOf(LOG)).toBe(300)
  })

  it('has its bounds: who came once goes before who came again', () => {
    const ledger = new PeerLedger()
    for (let i = 0; i < 2; i++) met(ledger, PEER).hear(LOG, 10)
    for (let i = 0; i < 3 * PEERS_MAX; i++) met(ledger, bytes(100 + i)).hear(LOG, 1)
    expect(decode(peerLedger, ledger.encode())).toHaveLength(PEERS_MAX)
    expect(met(ledger, PEER).hear(LOG, 9)).toEqual({ lengthThen: 10, lengthNow: 9 })
    expect(met(ledger, bytes(100)).hear(LOG, 0)).toBe(undefined)
    const greedy = met(ledger, bytes(7))
    for (let i = 0; i < LOGS_MAX + 10; i++) greedy.hear(bytes(i), 2)
    const logs = decode(peerLedger, ledger.encode()).flatMap((peer) => peer.logs)
    expect(logs.length).toBeLessThanOrEqual(LOGS_MAX)
    expect(greedy.hear(bytes(0), 1)).toEqual({ lengthThen: 2, lengthNow: 1 })
  })
})

describe('the format', () => {
  const { ledgers } = JSON.parse(
    fs.readFileSync(new URL('../../../test-vectors/multiplexer.json', import.meta.url), 'utf8'),
  ) as {
    ledgers: {
      about: string
      hex: string
      peers: { key: string; meetings: number; logs: { id: string; length: number }[] }[]
    }[]
  }

  test.each(ledgers)('known answer: $about', ({ peers, hex }) => {
    const fromHex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
    const value = peers.map(({ key, meetings, logs }) => ({
      key: fromHex(key),
      meetings,
      logs: logs.map(({ id, length }) => ({ id: fromHex(id), length })),
    }))
    expect(Buffer.from(encode(peerLedger, value)).toString('hex')).toBe(hex)
    expect(decode(peerLedger, fromHex(hex))).toEqual(value)
  })

  it('of hostile bytes is an error or a ledger within its bounds, 100,000 times', async () => {
    const good = Buffer.from(ledgers.at(-1)?.hex ?? '', 'hex')
    let refused = 0
    await seededRun((random) => {
      for (let i = 0; i < 100_000; i++) {
        const damaged = Uint8Array.from(good)
        damaged[random.between(0, damaged.length)] = random.between(0, 256)
        try {
          const peers = decode(
            peerLedger,
            damaged.subarray(0, 1 + random.between(0, damaged.length)),
          )
          expect(peers.length).toBeLessThanOrEqual(PEERS_MAX)
        } catch (error) {
          refused++
          // Plain ones: whoever keeps a ledger says that it is heard anew.
          expect(error).toBeInstanceOf(Error)
        }
      }
    })
    expect(refused).toBeGreaterThan(1_000)
  })
})

describe('a peer of a multiplexer', () => {
  it('that is longer and longer is not reported, over two connections at once', async () => {
    const origin = await TestContainer.create()
    const stream = await origin.make('settings', {}, 'dark')
    const clone = await TestContainer.clone(origin)
    await clone.take(stream)
    const [ours, theirs] = [multiplexerOf(clone), multiplexerOf(origin)]
    const reports: unknown[] = []
    ours.on('peer-rolled-back', (_, report) => reports.push(report))
    ours.on('peer-diverged', (_, report) => reports.push(report))
    const slow = connectPair(ours, theirs, { delayMs: 30 })
    await until(() => slow.a.connection.statistics.attached === 2)
    const fast = connectPair(ours, theirs)
    for (let i = 0; i < 40; i++) {
      await stream.data.append({ payload: Buffer.from(`${i}`) })
      if (i % 8 === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await until(() => fast.a.connection.statistics.attached === 2)
    await until(() => clone.streams().some(({ data }) => data.length === stream.data.length))
    expect(reports).toEqual([])
  })
})
