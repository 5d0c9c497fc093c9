import { type FaultyLink, faultyLink, Random } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { noiseMuxers } from '../../log-core/test/containment/raw-hypercore.ts'
import {
  type Logs,
  logsOf,
  replicaLogsOf,
  streamOver,
  temporaryStore,
} from '../../stream/test/open-streams.ts'
import { type AnyKvOptions, type Kv, kvInterface } from '../src/index.ts'

// How often a reader far away waits, and for how many bytes. What crosses the link is counted: a round trip
// is counted once for all that is asked together, however busy the machine is.

const KEYS = 60_000
const DELAY_MS = 10
const ATTEMPTS_MAX = 8
const ENTRY_BYTES = 104
const keyOf = (number: number) => `user:${String(number).padStart(9, '0')}`
// Hardly compressible, and as long as the keys' goals in the benchmark are for.
const valueOf = (number: number) => Buffer.from(new Random(number).bytes(45)).toString('hex')

/** An author who has come to rest: keys in random order, merged, and what that superseded dropped. */
async function loadedAuthor(options: AnyKvOptions): Promise<Logs> {
  const logs = await logsOf(await temporaryStore())
  const stream = await streamOver(logs, kvInterface, options)
  const { api: kv } = stream
  const numbers = new Random(1).shuffled(Array.from({ length: KEYS }, (_, i) => i))
  for (let at = 0; at < KEYS; at += 1000) {
    const batch = numbers.slice(at, at + 1000)
    await kv.batch(batch.map((n) => ({ type: 'set' as const, key: keyOf(n), value: valueOf(n) })))
  }
  await stream.compact()
  return logs
}

/** A new replica that knows the lengths of the logs and has no block; what it reads is counted. */
async function newReplica(author: Logs) {
  const logs = await replicaLogsOf(await temporaryStore(), author)
  const link = faultyLink({ delayMs: DELAY_MS })
  const muxers = noiseMuxers(link)
  for (const log of [author.data, author.index]) log.attach(muxers.left)
  for (const log of [logs.data, logs.index]) log.attach(muxers.right)
  for (const name of ['data', 'index'] as const) {
    while (logs[name].length < author[name].length) await logs[name].update()
  }
  await quiet(link)
  link.traffic.reset()
  return {
    link,
    logs,
    /** As a reader opens it: in the newest state. */
    open: async (): Promise<Kv> => {
      const stream = await streamOver(logs, kvInterface)
      await stream.update()
      return stream.api
    },
    /** What crossed the link since the last call, and until it fell silent. */
    crossed: async () => {
      const { roundTrips, bytes } = link.traffic
      await quiet(link)
      link.traffic.reset()
      return { roundTrips, bytes }
    },
  }
}

/** Until nothing has crossed the link for some round trips. */
async function quiet({ traffic }: FaultyLink): Promise<void> {
  for (let pieces = -1; pieces !== traffic.pieces; ) {
    pieces = traffic.pieces
    await new Promise((resolve) => setTimeout(resolve, 12 * DELAY_MS))
  }
}

interface Crossed {
  readonly roundTrips: number
  readonly bytes: number
}

/**
 * Measures with new replicas until one stays within the bounds. On a busy machine an answer may leave in parts, the
 * later after word of the earlier has come back, which counts as one round trip more; what a reader needs is
 * what the best of some readers took.
 */
async function expectWithin(
  bounds: readonly Crossed[],
  measure: () => Promise<readonly Crossed[]>,
): Promise<void> {
  let crossed: readonly Crossed[] = []
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    crossed = await measure()
    const isWithin = bounds.every(({ roundTrips, bytes }, i) => {
      const actual = crossed[i] as Crossed
      return actual.roundTrips <= roundTrips && actual.bytes <= bytes
    })
    if (isWithin) return
  }
  expect({ crossed }, 'in no attempt was it within the bounds').toEqual({ crossed: bounds })
}

describe('a reader far away', () => {
  // What is dropped is listed in the index, and a reader who does not need the list does not fetch it.
  it.each(['all', 'latest'] as const)(
    'waits seldom and fetches little where %s is retained',
    { timeout: 300_000 },
    async (retain) => {
      const author = await loadedAuthor({ retain })
      const kib = 1024
      const later = { roundTrips: 1, bytes: 10 * kib }
      await expectWithin([{ roundTrips: 3, bytes: 16 * kib }, later, later, later], async () => {
        const { open, crossed } = await newReplica(author)
        const kv = await open()
        const all: Crossed[] = []
        for (const number of [4711, 17, KEYS - 1, 30_303]) {
          expect(await kv.get(keyOf(number))).toBe(valueOf(number))
          all.push(await crossed())
        }
        return all
      })
      await expectWithin([{ roundTrips: 3, bytes: 1.3 * 1000 * ENTRY_BYTES }], async () => {
        const { open, crossed } = await newReplica(author)
        const part = (await open()).entries({ gte: keyOf(20_000), limit: 1000 })
        let next = 20_000
        for await (const entry of part) expect(entry).toEqual([keyOf(next), valueOf(next++)])
        expect(next).toBe(21_000)
        return [await crossed()]
      })
      await expectWithin([{ roundTrips: 10, bytes: 1.2 * KEYS * ENTRY_BYTES }], async () => {
        const { open, crossed } = await newReplica(author)
        let count = 0
        for await (const [key] of (await open()).entries()) expect(key).toBe(keyOf(count++))
        expect(count).toBe(KEYS)
        return [await crossed()]
      })
    },
  )
})
