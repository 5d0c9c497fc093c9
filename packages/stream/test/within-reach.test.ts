import { expect, it } from 'vitest'
import { downloadStream } from '../src/index.ts'
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

const BODY = 20_000

/** An author who has written twice, each time with a head, and a host that has all of the first state. */
async function authorAndHost() {
  const author = await logsOf(await temporaryStore())
  const stream = await streamOver(author, plain)
  const host = await replicaLogsOf(await temporaryStore(), author)
  const write = async (round: string) => {
    await stream.main.write((tx) => {
      for (let i = 0; i < 300; i++) tx.put(bytes(`key ${round} ${i}`), bytes(`value ${round} ${i}`))
      tx.put(bytes(`body ${round}`), new Uint8Array(BODY).fill(7))
    })
    await stream.index.flush()
  }
  await write('old')
  const cut = connect(author, host)
  await known(host, author)
  await downloadStream(host)
  await write('new')
  await known(host, author)
  return { author, stream, host, cut, reader: await replicaLogsOf(await temporaryStore(), author) }
}

/** Resolves when these logs know how long those of a peer are. */
async function known(logs: Logs, peer: Logs): Promise<void> {
  for (const log of ['data', 'index'] as const) {
    while (logs[log].length < peer[log].length) await logs[log].update()
  }
}

/** Connects a reader to an author; resolves when it knows what that has, which takes a while on a busy machine. */
async function meet(author: Logs, reader: Logs): Promise<void> {
  connect(author, reader)
  for (const log of ['data', 'index'] as const) {
    const newest = reader[log].length - 1
    await expect.poll(() => reader[log].holders(newest), { timeout: 20_000 }).toBe(1)
  }
}

const isNewest = (entries: Record<string, string>) => 'key new 0' in entries

it('a host that lacks a leaf of the newest head gives the newest state that it has whole', async () => {
  const { author, host, cut, reader } = await authorAndHost()
  await host.data.download()
  // All of the newest head but one of its leaves: the connection was cut in the middle.
  const { length } = host.index
  await host.index.download({ ranges: [{ start: length - 1, end: length }] })
  await cut()
  const gone = connect(host, reader)
  await known(reader, host)
  await downloadStream(reader)
  await gone()
  const alone = await streamOver(reader, plain)
  const entries = await entriesOf(alone)
  expect(entries['key old 7']).toBe('value old 7')
  // The frames beyond that head are here, and are read as the tail.
  expect(entries['key new 7']).toBe('value new 7')
  await assertSound(alone)
  await alone.close()
  // With the author it goes on to the newest head, whole.
  await meet(author, reader)
  await downloadStream(reader)
  // Or to a newer one, that the author has written meanwhile.
  expect(reader.index.here({ start: length - 1, end: reader.index.length })).not.toEqual([])
})

it('a reader that opens it takes that state too, and reads all of it', async () => {
  const { host, cut, reader } = await authorAndHost()
  const { length } = host.index
  await host.index.download({ ranges: [{ start: length - 1, end: length }] })
  await cut()
  connect(host, reader)
  await known(reader, host)
  const stream = await streamOver(reader, plain)
  const entries = await entriesOf(stream)
  expect(entries['key old 299']).toBe('value old 299')
  expect(isNewest(entries)).toBe(false)
  // What was looked at and passed over is not kept, so that it does not count as known the next time.
  expect(await reader.index.has(length - 1)).toBe(false)
  await stream.download()
  expect((await entriesOf(stream))['body old']).toHaveLength(BODY)
})

it('a host that lacks frames that the newest head covers gives the state before them', async () => {
  const { author, host, cut, reader } = await authorAndHost()
  await host.index.download()
  expect(host.data.here({ start: 0, end: host.data.length })).not.toEqual([
    { start: 0, end: host.data.length },
  ])
  await cut()
  const gone = connect(host, reader)
  await known(reader, host)
  await downloadStream(reader)
  await gone()
  const alone = await streamOver(reader, plain)
  const entries = await entriesOf(alone)
  expect(entries['key old 7']).toBe('value old 7')
  expect(entries['body old']).toHaveLength(BODY)
  expect(isNewest(entries)).toBe(false)
  await alone.close()
  await meet(author, reader)
  await downloadStream(reader)
  const whole = await streamOver(reader, plain)
  expect(isNewest(await entriesOf(whole))).toBe(true)
})

it('what nobody has of any state is said', async () => {
  const { host, cut, reader } = await authorAndHost()
  const { length } = host.index
  await host.index.download({ ranges: [{ start: length - 1, end: length }] })
  await cut()
  await host.index.evict({ start: 1, end: length - 1 })
  connect(host, reader)
  await known(reader, host)
  await expect(downloadStream(reader)).rejects.toMatchObject(code('BLOCK_UNAVAILABLE'))
})
