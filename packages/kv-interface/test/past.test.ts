import { describe, expect, it } from 'vitest'
import {
  connect,
  type Logs,
  logsOf,
  replicaLogsOf,
  streamOver,
  temporaryStore,
} from '../../stream/test/open-streams.ts'
import { type Kv, kvInterface, type KvOperation } from '../src/index.ts'
import { encodeVersion } from '../src/kv-version.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })
const set = (key: string, value: string) => ({ type: 'set', key, value }) as const

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

async function temporary(): Promise<{ kv: Kv; logs: Logs; stream: { close(): Promise<void> } }> {
  const logs = await logsOf(await temporaryStore())
  const stream = await streamOver(logs, kvInterface)
  return { kv: stream.api, logs, stream }
}

/** A log that counts the blocks that are asked of it. */
function counted({ data, index }: Logs): Logs & { blocks: number } {
  const counting = { data, index, blocks: 0 }
  counting.data = new Proxy(data, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target)
      if (key === 'getBlocks') {
        return (indexes: readonly number[], ...rest: []) => {
          counting.blocks += indexes.length
          return target.getBlocks(indexes, ...rest)
        }
      }
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return counting
}

describe('a snapshot', () => {
  it('shows the map as it was, whatever comes, until it is closed', async () => {
    const logs = await logsOf(await temporaryStore())
    const { api: kv, index } = await streamOver(logs, kvInterface)
    await kv.batch([set('a', '1'), set('b', 'x'.repeat(100_000)), set('c', '')])
    const snapshot = kv.snapshot()
    const pending = snapshot.entries()
    expect(snapshot.version).toBe(kv.version())
    await kv.batch([set('a', '2'), { type: 'del', key: 'b' }, set('d', '4')])
    await index.compact()
    expect(await snapshot.get('a')).toBe('1')
    expect(await snapshot.getBuffer('c')).toEqual(new Uint8Array(0))
    expect(await snapshot.getMany(['d', 'c', 'b'])).toEqual([undefined, '', 'x'.repeat(100_000)])
    expect([await snapshot.has('b'), await snapshot.has('d')]).toEqual([true, false])
    expect(await all(snapshot.keys({ reverse: true }))).toEqual(['c', 'b', 'a'])
    expect(await all(snapshot.values({ limit: 1 }))).toEqual(['1'])
    expect((await all(pending)).map(([key]) => key)).toEqual(['a', 'b', 'c'])
    expect(await all(kv.keys())).toEqual(['a', 'c', 'd'])
    snapshot.close()
    snapshot.close()
    await expect(snapshot.get('a')).rejects.toThrow(code('SNAPSHOT_CLOSED'))
    expect(() => snapshot.entries()).toThrow(code('SNAPSHOT_CLOSED'))
  })

  it('stands still on a replica that moves on, and ends with the stream', async () => {
    const { kv, logs } = await temporary()
    await kv.set('a', '1')
    const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
    connect(logs, replicaLogs)
    const replica = await streamOver(replicaLogs, kvInterface)
    await replica.update()
    using snapshot = replica.api.snapshot()
    await kv.set('a', '2')
    // That there is something newer takes a moment to be known there.
    await expect.poll(() => replica.update().then(() => replica.api.get('a'))).toBe('2')
    expect(await snapshot.get('a')).toBe('1')
    expect(snapshot.version).not.toBe(replica.api.version())
    await replica.close()
    await expect(snapshot.get('a')).rejects.toThrow(code('STREAM_CLOSED'))
    expect(() => replica.api.snapshot()).toThrow(code('STREAM_CLOSED'))
  })
})

describe('checkout, diff and history', () => {
  it('refuse what is no version, and what is not known here', async () => {
    const { kv } = await temporary()
    await kv.batch([set('a', '1'), set('big', 'x'.repeat(300_000)), set('huge', 'y'.repeat(3e6))])
    await expect(kv.checkout('nonsense')).rejects.toThrow(code('VERSION_UNREADABLE'))
    await expect(kv.checkout(7 as never)).rejects.toThrow(TypeError)
    expect(() => kv.diff('nonsense')).toThrow(code('VERSION_UNREADABLE'))
    expect(() => kv.watch({ from: 'nonsense' })).toThrow(code('VERSION_UNREADABLE'))
    expect(() => kv.history('a', { limit: -1 })).toThrow(TypeError)
    const forged = [
      { position: 5, transactions: 0 },
      { position: 5, transactions: 1 },
      { position: 1000, transactions: 0 },
      { position: 1, transactions: 7 },
      { position: 0, transactions: 1 },
      { position: 2 ** 52, transactions: 2 ** 52 },
    ]
    for (const moment of forged) {
      const version = encodeVersion(moment)
      await expect(kv.checkout(version)).rejects.toThrow(code('VERSION_UNAVAILABLE'))
      await expect(all(kv.diff(version))).rejects.toThrow(code('VERSION_UNAVAILABLE'))
    }
  })

  it('refuse a version that a replica has not heard of, until it has', async () => {
    const { kv, logs } = await temporary()
    await kv.set('a', '1')
    const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
    const cut = connect(logs, replicaLogs)
    const { api: replica, update } = await streamOver(replicaLogs, kvInterface).then((stream) => ({
      api: stream.api,
      update: () => stream.update(),
    }))
    await update()
    await cut()
    await kv.set('a', '2')
    const version = kv.version()
    await kv.set('a', '3')
    await expect(replica.checkout(version)).rejects.toThrow(code('VERSION_UNAVAILABLE'))
    connect(logs, replicaLogs)
    await update()
    using view = await replica.checkout(version)
    expect(await view.get('a')).toBe('2')
    expect(await all(replica.diff(version))).toEqual([{ key: 'a', before: '2', after: '3' }])
  })

  it('say so where a replica has the index but not the data, until it comes', async () => {
    const logs = await logsOf(await temporaryStore())
    const { api: kv, index } = await streamOver(logs, kvInterface)
    const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
    const cut = connect(logs, replicaLogs)
    const replica = await streamOver(replicaLogs, kvInterface)
    await replica.update()
    await cut()
    await kv.set('a', '1')
    const version = kv.version()
    await kv.set('a', '2')
    await index.flush()
    // The index log alone.
    const both = (one: Logs) => ({ data: one.index, index: one.index })
    connect(both(logs), both(replicaLogs))
    await replica.indexLog.update()
    await replica.index.update()
    expect(await replica.api.get('a')).toBe('2')
    expect(replica.api.version()).toBe(kv.version())
    const seen = replica.api.watch()
    const coming = seen.next()
    await expect(replica.api.checkout(version)).rejects.toThrow(code('VERSION_UNAVAILABLE'))
    await expect(all(replica.api.history('a'))).rejects.toThrow(code('VERSION_UNAVAILABLE'))
    connect(logs, replicaLogs)
    await replica.update()
    using view = await replica.api.checkout(version)
    expect(await view.get('a')).toBe('1')
    expect((await all(replica.api.history('a'))).length).toBe(2)
    await kv.set('a', '3')
    expect((await coming).value).toMatchObject({ type: 'set', value: '3' })
    await seen.return?.()
  })

  it('say so where the data was dropped, after what is still there', async () => {
    const { kv, logs } = await temporary()
    const versions: string[] = []
    for (let i = 0; i < 20; i++) {
      await kv.set(i % 2 === 0 ? 'even' : 'odd', String(i))
      versions.push(kv.version())
    }
    await logs.data.evict({ start: 3, end: 11 })
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const one of kv.history('odd', { reverse: true })) {
        seen.push(one.type === 'set' ? one.value : undefined)
      }
    })()
    await expect(reading).rejects.toThrow(code('VERSION_UNAVAILABLE'))
    expect(seen).toEqual(['19', '17', '15', '13', '11'])
    await expect(kv.checkout(versions[5] as string)).rejects.toThrow(code('VERSION_UNAVAILABLE'))
    await expect(all(kv.diff(versions[5] as string))).rejects.toThrow(code('VERSION_UNAVAILABLE'))
    const watch = kv.watch({ from: versions[5] as string })
    await expect(watch.next()).rejects.toThrow(code('VERSION_UNAVAILABLE'))
    using view = await kv.checkout(versions[15] as string)
    expect(await all(view.entries())).toEqual([
      ['even', '14'],
      ['odd', '15'],
    ])
  })

  it('need no chunks of large values that they go past', async () => {
    const { kv, logs } = await temporary()
    await kv.set('first', '1')
    const version = kv.version()
    await kv.set('large', 'x'.repeat(2_000_000))
    await kv.set('first', '2')
    await kv.set('first', '3')
    await logs.data.evict({ start: 2, end: 10 })
    using view = await kv.checkout(version)
    expect(await all(view.entries())).toEqual([['first', '1']])
    const past = await all(kv.history('first', { reverse: true }))
    expect(past.map((one) => one.type === 'set' && one.value)).toEqual(['3', '2', '1'])
  })

  it('read no more of the log than they say', async () => {
    const logs = counted(await logsOf(await temporaryStore()))
    const { api: kv } = await streamOver(logs, kvInterface)
    for (let i = 0; i < 300; i++) await kv.set(`k${i % 10}`, String(i))
    const version = kv.version()
    for (let i = 0; i < 5; i++) await kv.set(`k${i}`, 'new')
    logs.blocks = 0
    using view = await kv.checkout(version)
    expect(await view.get('k3')).toBe('293')
    expect(logs.blocks).toBeLessThan(40)
    logs.blocks = 0
    const past = await all(kv.history('k3', { reverse: true, limit: 3 }))
    expect(past.map((one) => one.type === 'set' && one.value)).toEqual(['new', '293', '283'])
    expect(logs.blocks).toBeLessThan(70)
  })

  it('show deletions, and the newest write of a batch alone', async () => {
    const { kv } = await temporary()
    await kv.batch([set('a', '1'), set('a', '2')])
    await kv.del('a')
    await kv.batch([{ type: 'del', key: 'a' }, set('a', '3')])
    const past = await all(kv.history('a'))
    expect(past.map(({ type, ...rest }) => ('value' in rest ? rest.value : type))).toEqual([
      '2',
      'del',
      '3',
    ])
    expect(past.map(({ stamp }) => stamp.ms > 0)).toEqual([true, true, true])
    for (const { version, ...rest } of past) {
      using view = await kv.checkout(version)
      expect(await view.get('a')).toBe('value' in rest ? rest.value : undefined)
    }
  })

  it('end with the signal and the stream', async () => {
    const { kv, stream } = await temporary()
    for (let i = 0; i < 100; i++) await kv.set('a', String(i))
    const version = kv.version()
    const abort = new AbortController()
    abort.abort(new RangeError('enough'))
    const { signal } = abort
    await expect(
      kv.checkout(encodeVersion({ position: 1, transactions: 0 }), { signal }),
    ).rejects.toThrow(RangeError)
    await expect(all(kv.history('a', { signal }))).rejects.toThrow(RangeError)
    const past = kv.history('a')
    await past.next()
    await stream.close()
    await expect(past.next()).rejects.toThrow(code('STREAM_CLOSED'))
    await expect(kv.checkout(version)).rejects.toThrow(code('STREAM_CLOSED'))
    expect(() => kv.version()).toThrow(code('STREAM_CLOSED'))
    expect(() => kv.watch()).toThrow(code('STREAM_CLOSED'))
  })
})

describe('a watch', () => {
  it('gives what its prefix asks for, from now on or from a version', async () => {
    const { kv } = await temporary()
    await kv.set('user:0', 'before')
    const version = kv.version()
    await kv.set('user:1', 'Ada')
    const watch = kv.watch({ prefix: 'user:' })
    const operations: KvOperation<string, string>[] = [
      set('theme', 'dark'),
      set('user:2', 'Grace'),
      { type: 'del', key: 'user:1' },
    ]
    await kv.batch(operations)
    const changes = [(await watch.next()).value, (await watch.next()).value]
    const now = kv.version()
    expect(changes).toEqual([
      { ...operations[1], version: now },
      { ...operations[2], version: now },
    ])
    await watch.return?.()
    const again = kv.watch({ from: version, prefix: new Uint8Array([0x75]) })
    expect((await again.next()).value).toMatchObject({ type: 'set', key: 'user:1', value: 'Ada' })
    expect((await again.next()).value).toEqual(changes[0])
    await again.return?.()
  })

  it('ends a step that waits: by return, by the signal, with the stream', async () => {
    const { kv, stream } = await temporary()
    const returned = kv.watch()
    const waiting = returned.next()
    await returned.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await returned.next()).toEqual({ done: true, value: undefined })
    const abort = new AbortController()
    const aborted = kv.watch({ signal: abort.signal }).next()
    const closed = kv.watch().next()
    abort.abort(new RangeError('enough'))
    await expect(aborted).rejects.toThrow(RangeError)
    await Promise.all([expect(closed).rejects.toThrow(code('STREAM_CLOSED')), stream.close()])
  })

  it('asks for little at a time, however far it is behind', async () => {
    const logs = counted(await logsOf(await temporaryStore()))
    const { api: kv } = await streamOver(logs, kvInterface)
    const watch = kv.watch()
    for (let i = 0; i < 500; i++) await kv.set('a', String(i))
    logs.blocks = 0
    expect((await watch.next()).value).toMatchObject({ value: '0' })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(logs.blocks).toBeLessThanOrEqual(64)
    for (let i = 1; i < 500; i++) {
      expect((await watch.next()).value).toMatchObject({ value: String(i) })
    }
    await watch.return?.()
  })
})
