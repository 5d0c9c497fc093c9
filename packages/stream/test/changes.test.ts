import { describe, expect, it } from 'vitest'
import { type Change, defineInterface, type InterfaceStream } from '../src/index.ts'
import {
  bytes,
  code,
  connect,
  logsOf,
  plain,
  replicaLogsOf,
  streamOver,
  temporaryStore,
  temporaryStream,
  text,
} from './open-streams.ts'

async function words({ operations }: Change): Promise<string> {
  const all: string[] = []
  for (const operation of operations) {
    if (operation.type === 'put') all.push(`${text(operation.key)}=${text(await operation.read())}`)
    else if (operation.type === 'del') all.push(`-${text(operation.key)}`)
    else all.push(`#${operation.object.n}:${text(await operation.object.read())}`)
  }
  return all.join(' ')
}

async function taken(changes: AsyncIterable<Change>, count: number): Promise<string[]> {
  const all: string[] = []
  for await (const change of changes) {
    all.push(await words(change))
    if (all.length === count) break
  }
  return all
}

const put = (stream: InterfaceStream, key: string, value = '1') =>
  stream.write((tx) => tx.put(bytes(key), bytes(value)))

describe('the changes of a stream', () => {
  it('are its transactions in order, past ones first', async () => {
    const { main } = await temporaryStream()
    await put(main, 'a')
    await Promise.all([put(main, 'b'), put(main, 'c')])
    await main.write((tx) => {
      tx.del(bytes('a'))
      tx.append('hello')
      tx.put(bytes('d'), bytes('large'.repeat(20_000)))
    })
    const coming = taken(main.changes({ from: 0 }), 5)
    await put(main, 'live')
    const seen = await coming
    expect(seen[3]?.slice(0, 20)).toBe('-a #0:hello d=largel')
    expect([...seen.slice(0, 3), seen[4]]).toEqual(['a=1', 'b=1', 'c=1', 'live=1'])
  })

  it('begin now unless told otherwise, and go on after a position', async () => {
    const { main } = await temporaryStream()
    await put(main, 'before')
    const coming = taken(main.changes(), 2)
    await put(main, 'x')
    await put(main, 'y')
    expect(await coming).toEqual(['x=1', 'y=1'])
    let position = 0
    for await (const change of main.changes({ from: 0 })) {
      position = change.position
      if ((await words(change)) === 'x=1') break
    }
    expect(await taken(main.changes({ from: position }), 1)).toEqual(['y=1'])
  })

  it('of one append are given again when they were not all seen', async () => {
    const { main } = await temporaryStream()
    const started = put(main, 'first')
    await Promise.all([started, put(main, 'a'), put(main, 'b'), put(main, 'c')])
    const positions = new Map<string, number>()
    for await (const change of main.changes({ from: 0 })) {
      positions.set(await words(change), change.position)
      if (positions.size === 4) break
    }
    const again = await taken(main.changes({ from: positions.get('a=1') as number }), 1)
    expect(again).toEqual(['first=1'])
    expect(positions.get('c=1')).toBe(main.status().position)
  })

  it('show only the own key space', async () => {
    const inner = defineInterface({
      name: 'inner',
      contract: 1,
      version: 1,
      open: (stream: InterfaceStream) => ({ put: (key: string) => put(stream, key) }),
    })
    const outer = defineInterface({
      name: 'outer',
      contract: 1,
      version: 1,
      requires: { inner },
      open: (_: InterfaceStream, requires) => ({ inner: requires.inner }),
    })
    const stream = await streamOver(await logsOf(await temporaryStore()), outer)
    const coming = taken(stream.main.changes(), 1)
    await stream.api.inner.put('theirs')
    await stream.main.write(async (tx) => {
      await tx.join(() => stream.api.inner.put('theirs too'))
      tx.put(bytes('ours'), bytes('1'))
    })
    expect(await coming).toEqual(['ours=1'])
  })

  it('end with the signal, and with the stream', async () => {
    const stream = await temporaryStream()
    const abort = new AbortController()
    const stopped = taken(stream.main.changes({ signal: abort.signal }), 1)
    const closed = taken(stream.main.changes(), 1)
    await new Promise((resolve) => setTimeout(resolve, 10))
    abort.abort(new RangeError('enough'))
    await expect(stopped).rejects.toThrow(RangeError)
    await Promise.all([expect(closed).rejects.toMatchObject(code('STREAM_CLOSED')), stream.close()])
    const { main } = await temporaryStream()
    expect(() => main.changes({ from: -1 })).toThrow(TypeError)
  })

  it('come on a replica as they arrive, each once, and reads show them', async () => {
    const author = await logsOf(await temporaryStore())
    const { main } = await streamOver(author, plain)
    await put(main, 'k0', '0')
    const replicaLogs = await replicaLogsOf(await temporaryStore(), author)
    connect(author, replicaLogs)
    const replica = await streamOver(replicaLogs, plain)
    const seen: string[] = []
    const watching = (async () => {
      for await (const change of replica.main.changes({ from: 0 })) {
        const word = await words(change)
        const key = word.split('=')[0] as string
        expect(await replica.main.index.has(bytes(key))).toBe(true)
        seen.push(word)
        if (seen.length === 101) break
      }
    })()
    for (let i = 1; i <= 100; i++) {
      await put(main, `k${i}`, String(i))
      if (i % 25 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await watching
    expect(seen).toEqual(Array.from({ length: 101 }, (_, i) => `k${i}=${i}`))
  })
})
