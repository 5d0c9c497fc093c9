import { describe, expect, it } from 'vitest'
import { defineInterface, type InterfaceStream, openStream } from '../src/index.ts'
import {
  assertSound,
  bytes,
  code,
  entriesOf,
  logsOf,
  plain,
  streamOver,
  temporaryStore,
  temporaryStream,
  text,
} from './open-streams.ts'

describe('closing a stream', () => {
  it('commits what has finished and refuses the rest', async () => {
    const logs = await logsOf(await temporaryStore())
    const stream = await streamOver(logs, plain)
    const { main } = stream
    const finished = Array.from({ length: 8 }, (_, i) =>
      main.write((tx) => tx.put(bytes(`k${i}`), bytes('1'))),
    )
    const running = main.write(() => new Promise<never>(() => undefined))
    const waiting = main.write((tx) => tx.put(bytes('waiting'), bytes('1')))
    const closing = stream.close()
    await Promise.all([
      ...finished,
      expect(running).rejects.toMatchObject(code('STREAM_CLOSED')),
      expect(waiting).rejects.toMatchObject(code('STREAM_CLOSED')),
      closing,
    ])
    await stream.close()
    const again = await streamOver(logs, plain)
    expect(Object.keys(await entriesOf(again))).toHaveLength(8)
    await assertSound(again)
  })

  it('refuses every use of the stream and its readers', async () => {
    const stream = await temporaryStream()
    const { main } = stream
    const { stream: handed } = stream.api
    await main.write((tx) => {
      tx.put(bytes('a'), bytes('1'))
      tx.append('hello')
    })
    const object = await main.at(0)
    const snapshot = main.snapshot()
    const iterator = main.index.range()[Symbol.asyncIterator]()
    await stream.close()
    const closed = expect.objectContaining(code('STREAM_CLOSED'))
    const refused: Record<string, () => unknown> = {
      get: () => main.index.get(bytes('a')),
      getMany: () => main.index.getMany([bytes('a')]),
      has: () => main.index.has(bytes('a')),
      range: () => main.index.range(),
      keys: () => main.index.keys(),
      write: () => main.write(() => undefined),
      at: () => main.at(0),
      count: () => main.count(),
      objects: () => main.objects(),
      read: () => main.read({ n: 0 }),
      changes: () => main.changes(),
      snapshot: () => main.snapshot(),
      update: () => main.update(),
      status: () => main.status(),
      descriptor: () => main.descriptor(1),
      handedGet: () => handed.index,
      object: () => object?.read(),
      snapshotGet: () => snapshot.get(bytes('a')),
      iterator: () => iterator.next(),
      streamUpdate: () => stream.update(),
      streamDownload: () => stream.download(),
      streamStatus: () => stream.status(),
    }
    for (const [name, use] of Object.entries(refused)) {
      await expect((async () => use())(), name).rejects.toEqual(closed)
    }
  })

  it('refuses what a required interface offers, whether it was looked at before or not', async () => {
    let looks = 0
    const inner = defineInterface({
      name: 'inner',
      contract: 1,
      version: 1,
      open: () => ({
        get seen() {
          return ++looks
        },
        ping: async () => 'pong',
      }),
    })
    const outer = defineInterface({
      name: 'outer',
      contract: 1,
      version: 1,
      requires: { early: inner, late: inner },
      open: (_stream: InterfaceStream, requires) => ({ requires, early: requires.early }),
    })
    const logs = await logsOf(await temporaryStore())
    const stream = await openStream({ name: 's', ...logs, definition: outer })
    const { requires, early } = stream.api
    expect(requires.early).toBe(requires.early)
    expect([await early.ping(), early.seen]).toEqual(['pong', 1])
    await stream.close()
    const closed = code('STREAM_CLOSED')
    await expect(early.ping()).rejects.toMatchObject(closed)
    expect(() => early.seen).toThrow(expect.objectContaining(closed) as Error)
    expect(() => requires.late).toThrow(expect.objectContaining(closed) as Error)
    expect(looks).toBe(1)
  })

  it('runs the close hooks while the stream can still be written, the inner one last', async () => {
    const order: string[] = []
    const inner = defineInterface({
      name: 'inner',
      contract: 1,
      version: 1,
      open: (stream: InterfaceStream) => ({
        put: (key: string) => stream.write((tx) => tx.put(bytes(key), bytes('1'))),
        get: async (key: string) => text(await stream.index.get(bytes(key))),
      }),
      close: async (api) => {
        order.push('inner')
        await api.put('inner')
      },
    })
    const outer = defineInterface({
      name: 'outer',
      contract: 1,
      version: 1,
      requires: { inner },
      open: (stream: InterfaceStream, requires) => ({ stream, inner: requires.inner }),
      close: async (api) => {
        order.push(`outer ${api.stream.signal.aborted}`)
        await api.inner.put('outer')
      },
    })
    const logs = await logsOf(await temporaryStore())
    const stream = await openStream({ name: 's', ...logs, definition: outer })
    await stream.close()
    expect(order).toEqual(['outer true', 'inner'])
    const again = await streamOver(logs, outer)
    expect(await again.api.inner.get('outer')).toBe('1')
    expect(await again.api.inner.get('inner')).toBe('1')
  })
})
