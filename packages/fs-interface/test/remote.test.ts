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
import { type DatagramFs, fsInterface } from '../src/index.ts'

// How often a reader far away waits, and for how many bytes: counted, not timed.

const GIB = 2 ** 30
const CHUNK_BYTES = 256 * 1024
const MIDDLE = GIB / 2 - 2048
const DELAY_MS = 10
const READERS = 3
const random = new Random(1)

/**
 * A file of 1 GiB. Something was written in each of its 4,096 cells, so that the index is as large as that of a
 * file without holes; around its middle there are whole chunks, as of any large file.
 */
async function author(): Promise<{ readonly logs: Logs; readonly middle: Uint8Array }> {
  const logs = await logsOf(await temporaryStore())
  const { api: fs, index } = await streamOver(logs, fsInterface)
  await using file = await fs.promises.open('/large', 'w')
  await file.truncate(GIB)
  const writes: Promise<unknown>[] = []
  for (let at = 0; at < GIB; at += CHUNK_BYTES) {
    writes.push(file.write(random.bytes(64), 0, 64, at))
    if (writes.length === 512) await Promise.all(writes.splice(0))
  }
  const bytes = random.bytes(16 * CHUNK_BYTES)
  const start = GIB / 2 - 8 * CHUNK_BYTES
  await file.write(bytes, 0, bytes.length, start)
  await index.compact()
  return { logs, middle: bytes.subarray(MIDDLE - start, MIDDLE - start + 4096) }
}

/** A replica that knows the newest state and has read nothing of it; what crosses the link is counted. */
async function replica(of: Logs) {
  const logs = await replicaLogsOf(await temporaryStore(), of)
  const link = faultyLink({ delayMs: DELAY_MS })
  const muxers = noiseMuxers(link)
  for (const log of [of.data, of.index]) log.attach(muxers.left)
  for (const log of [logs.data, logs.index]) log.attach(muxers.right)
  for (const name of ['data', 'index'] as const) {
    while (logs[name].length < of[name].length) await logs[name].update()
  }
  const stream = await streamOver(logs, fsInterface)
  await stream.update()
  await quiet(link)
  link.traffic.reset()
  const chunksHere = async () => {
    let bytes = 0
    for (const { start, end } of logs.data.here({ start: 0, end: logs.data.length })) {
      for (let i = start; i < end; i++) bytes += (await logs.data.get(i)).byteLength
    }
    return bytes / CHUNK_BYTES
  }
  return { fs: stream.api as DatagramFs, link, chunksHere }
}

/** Until nothing has crossed the link for some round trips. */
async function quiet({ traffic }: FaultyLink): Promise<void> {
  for (let pieces = -1; pieces !== traffic.pieces; ) {
    pieces = traffic.pieces
    await new Promise((resolve) => setTimeout(resolve, 12 * DELAY_MS))
  }
}

describe('a reader far away', () => {
  it('reads 4 KiB in the middle of 1 GiB in few round trips', { timeout: 120_000 }, async () => {
    const { logs, middle } = await author()
    const roundTrips: number[] = []
    for (let reader = 0; reader < READERS; reader++) {
      const { fs, link, chunksHere } = await replica(logs)
      const before = await chunksHere()
      await using file = await fs.promises.open('/large')
      const { bytesRead, buffer } = await file.read(Buffer.alloc(4096), 0, 4096, MIDDLE)
      expect(bytesRead).toBe(4096)
      expect(buffer.equals(middle)).toBe(true)
      expect((await chunksHere()) - before).toBeLessThanOrEqual(2)
      roundTrips.push(link.traffic.roundTrips)
    }
    // A busy machine sends an answer in parts, which count as several: so that of the best reader is asked.
    expect(Math.min(...roundTrips)).toBeLessThanOrEqual(3)
  })
})
