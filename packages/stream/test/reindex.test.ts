import { describe, expect, it } from 'vitest'
import { openStream, reindexStream } from '../src/index.ts'
import {
  assertSound,
  bytes,
  code,
  connect,
  entriesOf,
  type Logs,
  logsOf,
  plain,
  replicaLogsOf,
  streamOver,
  temporaryStore,
} from './open-streams.ts'

const HEAD_KIND = 18

/** A stream with entries of all sizes, deleted ones and objects; what it holds. It is closed. */
async function written(): Promise<{ logs: Logs; expected: Record<string, string> }> {
  const logs = await logsOf(await temporaryStore())
  const stream = await openStream({ name: 's', ...logs, definition: plain })
  const { main } = stream
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 40; n++) {
      await main.write((tx) => {
        tx.put(bytes(`key ${n % 30} ${n}`), new Uint8Array([1, 90, 2000][n % 3] as number).fill(n))
        if (n % 7 === 0) tx.del(bytes(`key ${n - 1} ${n - 1}`))
        if (n % 5 === 0) tx.append(`object ${n}`)
      })
    }
    await main.write((tx) => tx.put(bytes('large'), new Uint8Array(300_000).fill(round)))
    await stream.index.flush()
  }
  const expected = await entriesOf(stream)
  await stream.close()
  return { logs, expected }
}

/** Opens the stream and looks whether it is what was written. */
async function expectWhole(logs: Logs, expected: Record<string, string>): Promise<void> {
  const stream = await streamOver(logs, plain)
  expect(await entriesOf(stream)).toEqual(expected)
  await assertSound(stream)
  await stream.close()
}

describe('reindexing', () => {
  it('leaves a sound index as it is', async () => {
    const { logs, expected } = await written()
    expect(await reindexStream(logs)).toBe(false)
    await expectWhole(logs, expected)
    const empty = await logsOf(await temporaryStore())
    expect(await reindexStream(empty)).toBe(false)
  })

  it('gives the same map where blocks of the index are missing', async () => {
    const { logs, expected } = await written()
    // All of it but the header and the newest head.
    await logs.index.evict({ start: 1, end: logs.index.length - 1 })
    await expect(openStream({ name: 's', ...logs, definition: plain })).rejects.toMatchObject(
      code('BLOCK_UNAVAILABLE'),
    )
    expect(await reindexStream(logs)).toBe(true)
    await expectWhole(logs, expected)
    expect(await reindexStream(logs)).toBe(false)
  })

  it.each([
    ['of another format', Uint8Array.of(9), 'INDEX_FORMAT_UNKNOWN'],
    ['that is damaged', Uint8Array.of(1, 0xff), 'INDEX_HEAD_DAMAGED'],
  ])('gives the same map behind a head %s', async (_, payload, expectedCode) => {
    const { logs, expected } = await written()
    await logs.index.append({ kind: HEAD_KIND, payload })
    await expect(openStream({ name: 's', ...logs, definition: plain })).rejects.toMatchObject(
      code(expectedCode),
    )
    expect(await reindexStream(logs)).toBe(true)
    await expectWhole(logs, expected)
  })

  it('is not needed where only the newest head is missing', async () => {
    const { logs, expected } = await written()
    await logs.index.evict({ start: logs.index.length - 1, end: logs.index.length })
    await expectWhole(logs, expected)
  })

  it('says so where the data log cannot tell all any more', async () => {
    const { logs } = await written()
    await logs.index.evict({ start: 1, end: logs.index.length - 1 })
    await logs.data.evict({ start: 3, end: 4 })
    await expect(reindexStream(logs)).rejects.toMatchObject(code('INDEX_LOST'))
    const replica = await replicaLogsOf(await temporaryStore(), logs)
    await expect(reindexStream(replica)).rejects.toMatchObject(code('STREAM_NOT_WRITABLE'))
  })

  it('says so where frames are gone that the stream does not retain', async () => {
    const logs = await logsOf(await temporaryStore())
    const stream = await openStream({ name: 's', ...logs, definition: plain })
    stream.main.retain('latest')
    for (let n = 0; n < 40; n++)
      await stream.main.write((tx) => tx.put(bytes(`key ${n % 5}`), bytes('v')))
    await stream.compact()
    const expected = await entriesOf(stream)
    await stream.close()
    expect(logs.data.here({ start: 0, end: logs.data.length })).not.toEqual([
      { start: 0, end: logs.data.length },
    ])
    const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
    let cut = connect(logs, replicaLogs)
    const replica = await streamOver(replicaLogs, plain)
    while (replica.status().position < logs.data.length) await replica.update()
    await replica.download()
    await cut()
    const live = replica.index.liveRanges()
    await logs.index.evict({ start: 1, end: logs.index.length - 1 })
    await expect(reindexStream(logs)).rejects.toMatchObject(code('INDEX_LOST'))
    // As its message says: a replica brings it back.
    cut = connect(logs, replicaLogs)
    await logs.index.download({ ranges: live })
    expect(await reindexStream(logs)).toBe(false)
    await cut()
    await expectWhole(logs, expected)
  })

  it('takes the missing blocks from a replica that is connected, and is followed by one', async () => {
    const { logs, expected } = await written()
    const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
    let cut = connect(logs, replicaLogs)
    const replica = await streamOver(replicaLogs, plain)
    while (replica.status().position < logs.data.length) await replica.update()
    await replica.download()
    await logs.index.evict({ start: 1, end: logs.index.length - 1 })
    expect(await reindexStream(logs)).toBe(false)
    await cut()
    await logs.index.evict({ start: 1, end: logs.index.length - 1 })
    expect(await reindexStream(logs)).toBe(true)
    cut = connect(logs, replicaLogs)
    const { length } = logs.index
    while (replica.index.stats().headBlock < length - 1) await replica.update()
    expect(await entriesOf(replica)).toEqual(expected)
    await cut()
  })
})
