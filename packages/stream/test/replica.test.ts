import type { DownloadProgress } from '@datagram/log-core'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { downloadStream, type InterfaceStream } from '../src/index.ts'
import {
  assertSound,
  bytes,
  code,
  connect,
  listed,
  logsOf,
  plain,
  replicaLogsOf,
  streamOver,
  temporaryStore,
  text,
} from './open-streams.ts'

const put = (stream: InterfaceStream, key: string, value: Uint8Array | string) =>
  stream.write((tx) => tx.put(bytes(key), typeof value === 'string' ? bytes(value) : value))

async function authorAndReplica() {
  const author = await logsOf(await temporaryStore())
  const stream = await streamOver(author, plain)
  const store = await temporaryStore()
  const logs = await replicaLogsOf(store, author)
  return { author, stream, main: stream.main, store, logs, connect: () => connect(author, logs) }
}

describe('a replica', () => {
  it('moves to the newest state when it is told to, and refuses writes', async () => {
    const { main, logs, connect } = await authorAndReplica()
    await put(main, 'a', '1')
    connect()
    const replica = await streamOver(logs, plain)
    expect(replica.writable).toBe(false)
    await replica.update()
    expect(text(await replica.main.index.get(bytes('a')))).toBe('1')
    await put(main, 'a', '2')
    await main.write((tx) => tx.append('hello'))
    while (!(await replica.update())) await new Promise((resolve) => setTimeout(resolve, 5))
    while ((await replica.main.count()) === 0) await replica.update()
    expect(text(await replica.main.index.get(bytes('a')))).toBe('2')
    expect(text(await (await replica.main.at(0))?.read())).toBe('hello')
    expect(await replica.update()).toBe(false)
    await expect(put(replica.main, 'a', '3')).rejects.toMatchObject(code('STREAM_NOT_WRITABLE'))
  })

  it('brings everything here, with progress, and reads it alone', async () => {
    const { stream, main, logs, connect } = await authorAndReplica()
    for (let i = 0; i < 200; i++) await put(main, `k${i}`, `${i}`)
    await put(main, 'medium', new Uint8Array(5000).fill(1))
    await put(main, 'large', new Uint8Array(700_000).fill(2))
    await main.write((tx) => tx.append('hello'))
    await stream.index.flush()
    const cut = connect()
    const replica = await streamOver(logs, plain)
    const reports: DownloadProgress[] = []
    await replica.download({ onProgress: (progress) => reports.push(progress) })
    await cut()
    const last = reports.at(-1)
    expect(last?.blocksDone).toBe(last?.blocksWanted)
    expect(last?.bytesReceived).toBeGreaterThan(700_000)
    expect(await listed(replica.main.index.keys())).toHaveLength(202)
    const large = await replica.main.index.get(bytes('large'))
    expect(large && b4a.equals(large, new Uint8Array(700_000).fill(2))).toBe(true)
    expect(text(await replica.main.read({ n: 0 }))).toBe('hello')
    await assertSound(replica)
    await replica.close()
    const again = await streamOver(logs, plain)
    expect(await listed(again.main.index.keys())).toHaveLength(202)
    await assertSound(again)
  })

  it('is downloaded by its logs alone', async () => {
    const { main, author, logs, connect } = await authorAndReplica()
    for (let i = 0; i < 50; i++) await put(main, `k${i}`, `${i}`)
    const cut = connect()
    await Promise.all([logs.data.update(), logs.index.update()])
    while (logs.data.length < author.data.length) await logs.data.update()
    await downloadStream(logs)
    await cut()
    const replica = await streamOver(logs, plain)
    expect(await listed(replica.main.index.keys())).toHaveLength(50)
  })

  it('fetches a large value only when it is read, and not to replay it', async () => {
    const { stream, main, logs, connect } = await authorAndReplica()
    await put(main, 'large', new Uint8Array(20_000_000).fill(7))
    await put(main, 'small', '1')
    await stream.index.flush()
    connect()
    const replica = await streamOver(logs, plain)
    await replica.update()
    while (!(await replica.main.index.has(bytes('small')))) await replica.update()
    const here = async () => {
      let count = 0
      for (let i = 0; i < logs.data.length; i++) if (await logs.data.has(i)) count++
      return count
    }
    expect(await here()).toBeLessThan(10)
    expect((await replica.main.index.get(bytes('large')))?.byteLength).toBe(20_000_000)
    expect(await here()).toBeGreaterThan(70)
  })

  it('says that a value is nowhere to be had, and does not hang', async () => {
    const { stream, main, logs, connect } = await authorAndReplica()
    await put(main, 'medium', new Uint8Array(5000).fill(1))
    await stream.index.flush()
    const cut = connect()
    const replica = await streamOver(logs, plain)
    await replica.update()
    while (!(await replica.main.index.has(bytes('medium')))) await replica.update()
    await cut()
    await logs.data.evict({ start: 0, end: logs.data.length })
    await expect(replica.main.index.get(bytes('medium'))).rejects.toMatchObject(
      code('BLOCK_UNAVAILABLE'),
    )
    await expect(replica.main.index.get(bytes('medium'), { timeoutMs: 20 })).rejects.toMatchObject({
      code: expect.stringMatching(/WAIT_TIMEOUT|BLOCK_UNAVAILABLE/),
    })
  })

  it('opens without a peer on what is here', async () => {
    const { main, logs, store, author, connect } = await authorAndReplica()
    for (let i = 0; i < 10; i++) await put(main, `k${i}`, `${i}`)
    const cut = connect()
    const replica = await streamOver(logs, plain)
    await replica.download()
    while ((await listed(replica.main.index.keys())).length < 10) await replica.download()
    await put(main, 'late', '1')
    await cut()
    await replica.close()
    const again = await streamOver(await replicaLogsOf(store, author), plain)
    expect(await listed(again.main.index.keys())).toHaveLength(10)
    expect(await again.update()).toBe(false)
  })

  it('never shows half a batch, however it lags', async () => {
    const { main, logs, connect } = await authorAndReplica()
    connect()
    const replica = await streamOver(logs, plain)
    const keys = Array.from({ length: 50 }, (_, i) => bytes(`key-${i}`))
    let isDone = false
    const writing = (async () => {
      for (let round = 0; round < 60; round++) {
        // Far over the size of a frame, so that the batch spans several blocks.
        const value = new Uint8Array(4000).fill(round)
        await main.write((tx) => {
          for (const key of keys) tx.put(key, value)
        })
      }
      isDone = true
    })()
    let rounds = 0
    while (!isDone || rounds < 3) {
      await replica.update()
      const values = await replica.main.index.getMany(keys)
      const seen = new Set(values.map((value) => value?.[0]))
      expect(seen.size).toBe(1)
      rounds++
    }
    await writing
  })
})
