import { describe, expect, it } from 'vitest'
import { type Change, defineInterface, type InterfaceStream, type Moment } from '../src/index.ts'
import {
  bytes,
  code,
  listed,
  logsOf,
  plain,
  streamOver,
  temporaryStore,
  temporaryStream,
  text,
} from './open-streams.ts'

const put = (stream: InterfaceStream, key: string, value = '1') =>
  stream.write((tx) => tx.put(bytes(key), bytes(value)))

async function word({ operations }: Change): Promise<string> {
  const all: string[] = []
  for (const one of operations) {
    if (one.type === 'put') all.push(`${text(one.key)}=${text(await one.read())?.slice(0, 5)}`)
    else if (one.type === 'del') all.push(`-${text(one.key)}`)
    else all.push(`#${one.object.n}:${text(await one.object.read())}`)
  }
  return all.join(' ')
}

const words = async (changes: AsyncIterable<Change>) => {
  const all: string[] = []
  for (const change of await listed(changes)) all.push(await word(change))
  return all
}

async function filled(): Promise<InterfaceStream> {
  const { main } = await temporaryStream()
  await put(main, 'a')
  const first = put(main, 'b')
  await Promise.all([
    first,
    put(main, 'c'),
    put(main, 'large', 'x'.repeat(200_000)),
    put(main, 'd'),
  ])
  await main.write((tx) => {
    tx.del(bytes('a'))
    tx.append('hello')
  })
  await put(main, 'e')
  return main
}

const everything = ['a=1', 'b=1', 'c=1', 'large=xxxxx', 'd=1', '-a #0:hello', 'e=1']

describe('the past of a stream', () => {
  it('is its transactions in either direction, and ends', async () => {
    const main = await filled()
    expect(await words(main.past())).toEqual(everything)
    expect(await words(main.past({ reverse: true }))).toEqual([...everything].reverse())
  })

  it('lies between any two of its moments, also where transactions share an append', async () => {
    const main = await filled()
    const moments: Moment[] = [
      { position: 0, transactions: 0 },
      ...(await listed(main.past())).map(({ moment }) => moment),
    ]
    expect(moments.some(({ transactions }) => transactions > 0)).toBe(true)
    expect(moments.at(-1)).toEqual(main.moment())
    for (const [i, from] of moments.entries()) {
      for (const [j, to] of moments.entries()) {
        const expected = everything.slice(i, Math.max(i, j))
        expect(await words(main.past({ from, to }))).toEqual(expected)
        expect(await words(main.past({ from, to, reverse: true }))).toEqual(expected.reverse())
      }
      const after: string[] = []
      if (i < everything.length) {
        for await (const change of main.changes({ from })) {
          after.push(await word(change))
          if (after.length === everything.length - i) break
        }
      }
      expect(after).toEqual(everything.slice(i))
    }
  })

  it('shows every moment again, and none that never was', async () => {
    const main = await filled()
    const shown: string[][] = []
    for (const { moment } of await listed(main.past())) {
      using snapshot = await main.checkout(moment)
      const keys = await listed(snapshot.keys())
      shown.push(keys.map((key) => text(key) as string))
    }
    expect(shown).toEqual([
      ['a'],
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['a', 'b', 'c', 'large'],
      ['a', 'b', 'c', 'd', 'large'],
      ['b', 'c', 'd', 'large'],
      ['b', 'c', 'd', 'e', 'large'],
    ])
    const { position } = main.moment()
    const never = [
      { position: position + 1, transactions: 0 },
      { position, transactions: 1 },
      { position: position - 1, transactions: 1 },
      { position: 3, transactions: 0 }, // between the chunk of a large value and its frame
    ]
    for (const moment of never) {
      await expect(main.checkout(moment)).rejects.toMatchObject(code('MOMENT_UNAVAILABLE'))
    }
    const odd = [{ position: -1, transactions: 0 }, { position: 1.5, transactions: 0 }, undefined]
    for (const moment of odd) {
      await expect(main.checkout(moment as Moment)).rejects.toBeInstanceOf(TypeError)
    }
  })

  it('is of the own key space alone', async () => {
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
    const { api, main } = await streamOver(await logsOf(await temporaryStore()), outer)
    await put(main, 'k')
    const moment = main.moment()
    await api.inner.put('k')
    await put(main, 'ours')
    expect(await words(main.past())).toEqual(['k=1', 'ours=1'])
    using snapshot = await main.checkout(moment)
    expect((await listed(snapshot.keys())).map(text)).toEqual(['k'])
  })

  it('is closed with its snapshot, and with the stream', async () => {
    const stream = await streamOver(await logsOf(await temporaryStore()), plain)
    const { main } = stream
    await put(main, 'a')
    const moment = main.moment()
    await put(main, 'a', '2')
    const snapshot = await main.checkout(moment)
    const open = await main.checkout(moment)
    snapshot.close()
    snapshot.close()
    await expect(snapshot.get(bytes('a'))).rejects.toMatchObject(code('SNAPSHOT_CLOSED'))
    const past = main.past()[Symbol.asyncIterator]()
    await stream.close()
    await expect(past.next()).rejects.toMatchObject(code('STREAM_CLOSED'))
    await expect(open.get(bytes('a'))).rejects.toMatchObject(code('STREAM_CLOSED'))
    await expect(main.checkout(moment)).rejects.toMatchObject(code('STREAM_CLOSED'))
    expect(() => main.moment()).toThrow(expect.objectContaining(code('STREAM_CLOSED')))
  })
})
