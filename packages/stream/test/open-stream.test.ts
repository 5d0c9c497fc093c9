import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import {
  defineInterface,
  type InterfaceStream,
  openStream,
  ownLogs,
  readHeader,
  streamKeys,
} from '../src/index.ts'
import {
  assertSound,
  bytes,
  code,
  connect,
  logsOf,
  plain,
  replicaLogsOf,
  storeIn,
  streamKey,
  streamOver,
  temporaryFolder,
  temporaryStore,
  text,
  watchedLog,
} from './open-streams.ts'

const plainVersion = (version: number, migrate?: (from: number) => void) =>
  defineInterface({
    name: 'plain',
    contract: 1,
    version,
    open: (stream: InterfaceStream) => ({ stream }),
    ...(migrate === undefined
      ? {}
      : {
          migrate: async (from, tx) => {
            migrate(from)
            tx.put(bytes('migrated'), bytes(String(from)))
          },
        }),
  })

describe('opening a stream', () => {
  it('writes a header into both logs, and finds them again', async () => {
    const logs = await logsOf(await temporaryStore())
    const stream = await streamOver(logs, plain)
    expect(stream).toMatchObject({ name: 'stream', type: 'plain', writable: true })
    const [ofData, ofIndex] = [await readHeader(logs.data), await readHeader(logs.index)]
    expect(ofData).toMatchObject({
      role: 'data',
      type: 'plain',
      contract: 1,
      version: 1,
      writer: 0,
    })
    expect({ ...ofIndex, role: 'data' }).toEqual(ofData)
    expect(ofData.created.ms).toBeGreaterThan(Date.now() - 60_000)
    await stream.close()
    const again = await streamOver(logs, plain)
    expect(again.header).toEqual(ofData)
    expect(logs.data.length).toBe(1)
  })

  it("finds, from either log and the stream's key, the other", async () => {
    const author = await temporaryStore()
    const keys = streamKeys(streamKey)
    const data = await author.open('d', { cipherKey: keys.dataKey })
    const index = await author.open('i', { cipherKey: keys.indexKey })
    await streamOver({ data, index }, plain)
    for (const [from, cipherKey] of [
      [data, keys.dataKey],
      [index, keys.indexKey],
    ] as const) {
      const opened = await author.openRemote(from.key, { cipherKey })
      const { dataKey, indexKey } = ownLogs(await readHeader(opened))
      expect(b4a.equals(dataKey, data.key)).toBe(true)
      expect(b4a.equals(indexKey, index.key)).toBe(true)
    }
  })

  it('finishes a first open that was cut off between the two headers', async () => {
    const logs = await logsOf(await temporaryStore())
    const watched = watchedLog(logs.index)
    watched.failNext = 'before'
    await expect(
      openStream({ name: 's', data: logs.data, index: watched.log, definition: plain }),
    ).rejects.toThrow('the disk said no')
    expect([logs.data.length, logs.index.length]).toEqual([1, 0])
    const stream = await streamOver(logs, plain)
    expect(stream.header.role).toBe('data')
    expect((await readHeader(logs.index)).created).toEqual(stream.header.created)
  })

  it('refuses another interface, and logs that do not belong together', async () => {
    const store = await temporaryStore()
    const [left, right] = [await logsOf(store, 'left'), await logsOf(store, 'right')]
    const stream = await streamOver(left, plain)
    await streamOver(right, plain)
    await stream.close()
    const other = defineInterface({ name: 'other', contract: 1, version: 1, open: () => ({}) })
    await expect(streamOver(left, other)).rejects.toMatchObject(code('STREAM_TYPE_MISMATCH'))
    const mixed = { data: left.data, index: right.index }
    await expect(streamOver(mixed, plain)).rejects.toMatchObject(code('STREAM_LOGS_MISMATCHED'))
    const turned = { data: left.index, index: left.data }
    await expect(streamOver(turned, plain)).rejects.toMatchObject(code('STREAM_LOGS_MISMATCHED'))
    await expect(
      streamOver({ ...left, data: await store.open('no stream', { cipherKey: null }) }, plain),
    ).rejects.toMatchObject(code('STREAM_LOGS_MISMATCHED'))
  })

  it('refuses a log whose first block is no header', async () => {
    const logs = await logsOf(await temporaryStore())
    await logs.data.append(bytes('hello'))
    await expect(streamOver(logs, plain)).rejects.toMatchObject(code('HEADER_DAMAGED'))
  })

  it('says that nothing of a replica is here, and that nobody has it', async () => {
    const author = await logsOf(await temporaryStore())
    await streamOver(author, plain)
    const replica = await replicaLogsOf(await temporaryStore(), author)
    await expect(streamOver(replica, plain)).rejects.toMatchObject(code('STREAM_UNAVAILABLE'))
  })

  it('leaves nothing behind when the interface fails to open', async () => {
    const logs = await logsOf(await temporaryStore())
    const failing = defineInterface({
      name: 'plain',
      contract: 1,
      version: 1,
      open: async (stream: InterfaceStream): Promise<object> => {
        await stream.write((tx) => tx.put(bytes('a'), bytes('1')))
        throw new RangeError('no')
      },
    })
    await expect(streamOver(logs, failing)).rejects.toThrow(RangeError)
    const stream = await streamOver(logs, plain)
    expect(text(await stream.main.index.get(bytes('a')))).toBe('1')
  })
})

describe('versions of the data', () => {
  it('refuses data that is newer than the interface', async () => {
    const logs = await logsOf(await temporaryStore())
    await (await streamOver(logs, plainVersion(2))).close()
    await expect(streamOver(logs, plainVersion(1))).rejects.toMatchObject(
      code('STREAM_VERSION_NEWER'),
    )
  })

  it('migrates older data once, in one transaction, and remembers it', async () => {
    const folder = await temporaryFolder()
    const runs: number[] = []
    for (const version of [1, 3, 3]) {
      const store = await storeIn(folder)
      const definition = plainVersion(version, (from) => runs.push(from))
      const stream = await streamOver(await logsOf(store), definition)
      expect(text(await stream.main.index.get(bytes('migrated')))).toBe(
        version === 1 ? undefined : '1',
      )
      await assertSound(stream)
      await stream.close()
      await store.close()
    }
    expect(runs).toEqual([1])
    const store = await storeIn(folder)
    await expect(streamOver(await logsOf(store), plainVersion(2))).rejects.toMatchObject(
      code('STREAM_VERSION_NEWER'),
    )
  })

  it('leaves the data as it was when a migration throws', async () => {
    const logs = await logsOf(await temporaryStore())
    await (await streamOver(logs, plainVersion(1))).close()
    const failing = plainVersion(2, () => {
      throw new RangeError('no')
    })
    await expect(streamOver(logs, failing)).rejects.toThrow(RangeError)
    const stream = await streamOver(logs, plainVersion(1))
    expect(await stream.main.index.get(bytes('migrated'))).toBeUndefined()
  })

  it('stops a replica whose author has migrated to a version that it does not know', async () => {
    const author = await logsOf(await temporaryStore())
    const old = await streamOver(author, plainVersion(1))
    await old.main.write((tx) => tx.put(bytes('a'), bytes('1')))
    const replicaLogs = await replicaLogsOf(await temporaryStore(), author)
    connect(author, replicaLogs)
    const replica = await streamOver(replicaLogs, plainVersion(1))
    await replica.update()
    expect(text(await replica.main.index.get(bytes('a')))).toBe('1')
    await old.close()
    await streamOver(
      author,
      plainVersion(2, () => undefined),
    )
    const newer = code('STREAM_VERSION_NEWER')
    const untilRefused = async () => {
      for (;;) await replica.update()
    }
    await expect(untilRefused()).rejects.toMatchObject(newer)
    await expect(replica.main.index.get(bytes('a'))).rejects.toMatchObject(newer)
    await expect(replica.update()).rejects.toMatchObject(newer)
  })

  it('refuses older data without a migration, and on a replica', async () => {
    const author = await logsOf(await temporaryStore())
    await (await streamOver(author, plainVersion(1))).close()
    await expect(streamOver(author, plainVersion(2))).rejects.toMatchObject(
      code('STREAM_VERSION_OLDER'),
    )
    const replica = await replicaLogsOf(await temporaryStore(), author)
    connect(author, replica)
    await expect(
      streamOver(
        replica,
        plainVersion(2, () => undefined),
      ),
    ).rejects.toMatchObject(code('STREAM_VERSION_OLDER'))
  })
})

describe('required interfaces', () => {
  const inner = defineInterface({
    name: 'inner',
    contract: 1,
    version: 1,
    open: (stream: InterfaceStream) => ({
      put: (key: string, value: string) => stream.write((tx) => tx.put(bytes(key), bytes(value))),
      get: async (key: string) => text(await stream.index.get(bytes(key))),
    }),
  })
  const outer = defineInterface({
    name: 'outer',
    contract: 1,
    version: 1,
    requires: { first: inner, second: inner },
    open: (stream: InterfaceStream, { first, second }) => ({ stream, first, second }),
  })

  it('have key spaces of their own, the same ones after reopening', async () => {
    const folder = await temporaryFolder()
    for (const round of [1, 2]) {
      const store = await storeIn(folder)
      const stream = await streamOver(await logsOf(store), outer)
      const { first, second } = stream.api
      if (round === 1) {
        await first.put('a', 'first')
        await second.put('a', 'second')
        await stream.main.write((tx) => tx.put(bytes('a'), bytes('outer')))
      }
      expect([await first.get('a'), await second.get('a')]).toEqual(['first', 'second'])
      expect(text(await stream.main.index.get(bytes('a')))).toBe('outer')
      await stream.close()
      await store.close()
    }
  })

  it('take part in one transaction inside join, and go with it when it fails', async () => {
    const stream = await streamOver(await logsOf(await temporaryStore()), outer)
    const { first, second } = stream.api
    const both = (fails: boolean) =>
      stream.main.write(async (tx) => {
        await tx.join(() => first.put('a', '1'))
        await tx.join(() => Promise.all([second.put('b', '2'), second.put('c', '3')]))
        tx.put(bytes('own'), bytes('4'))
        if (fails) throw new RangeError('no')
      })
    await expect(both(true)).rejects.toThrow(RangeError)
    expect([await first.get('a'), await second.get('b')]).toEqual([undefined, undefined])
    const before = stream.data.length
    await both(false)
    expect(stream.data.length).toBe(before + 1)
    expect([await first.get('a'), await second.get('b'), await second.get('c')]).toEqual([
      '1',
      '2',
      '3',
    ])
    await assertSound(stream)
  })

  it('are refused when the slot holds another interface', async () => {
    const logs = await logsOf(await temporaryStore())
    await (await streamOver(logs, outer)).close()
    const changed = defineInterface({
      name: 'outer',
      contract: 1,
      version: 1,
      requires: { first: plain },
      open: () => ({}),
    })
    await expect(streamOver(logs, changed)).rejects.toMatchObject(code('STREAM_TYPE_MISMATCH'))
  })

  it('are empty on a replica whose author does not have them yet', async () => {
    const author = await logsOf(await temporaryStore())
    const old = defineInterface({ name: 'outer', contract: 1, version: 1, open: () => ({}) })
    await streamOver(author, old)
    const replica = await replicaLogsOf(await temporaryStore(), author)
    connect(author, replica)
    const stream = await streamOver(replica, outer)
    expect(await stream.api.first.get('a')).toBeUndefined()
    await expect(stream.api.first.put('a', '1')).rejects.toMatchObject(code('STREAM_NOT_WRITABLE'))
  })
})
