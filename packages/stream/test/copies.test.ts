import path from 'node:path'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { AloneNotes, openStream } from '../src/index.ts'
import {
  assertSound,
  bytes,
  code,
  connect,
  type Logs,
  logsOf,
  plain,
  replicaLogsOf,
  storeIn,
  streamOver,
  temporaryFolder,
  temporaryStore,
  text,
} from './open-streams.ts'

const LARGE = 300_000
const MIDDLE = 5000
const body = (size: number, fill: number) => new Uint8Array(size).fill(fill)

async function author() {
  const logs = await logsOf(await temporaryStore())
  const stream = await streamOver(logs, plain)
  const { main } = stream
  await main.write((tx) => {
    tx.append(body(LARGE, 1))
    tx.append(body(MIDDLE, 2))
    tx.append(body(MIDDLE, 3))
    tx.put(bytes('large'), body(LARGE, 4))
    tx.put(bytes('middle'), body(MIDDLE, 5))
    tx.put(bytes('small'), bytes('in the index'))
  })
  await stream.index.flush()
  return { logs, stream, main }
}

/** A replica that keeps what it forgets alone, in a folder that it can be opened from again. */
async function replicaOf(from: Logs, folder?: string) {
  const store = await storeIn(path.join(folder ?? (await temporaryFolder()), 'store'))
  const logs = await replicaLogsOf(store, from)
  const notes = new AloneNotes(() => store.open('alone'))
  await notes.load()
  const cut = connect(from, logs)
  const alone = notes.of(logs.data.key)
  const stream = await openStream({ name: 'replica', ...logs, definition: plain, alone })
  const close = async () => {
    await cut()
    await stream.close()
    await store.close()
  }
  return { store, logs, stream, main: stream.main, cut, close }
}

const stateOf = async (main: Awaited<ReturnType<typeof author>>['main'], n: number) =>
  (await main.status({ n }))?.state

describe('a copy', () => {
  it('is evicted, told so, and fetched again when it is read', async () => {
    const { logs } = await author()
    const { stream, main, close } = await replicaOf(logs)
    await stream.download()
    expect(await main.status({ n: 0 })).toEqual({ state: 'stored', size: LARGE, holders: 1 })
    expect(await main.status(bytes('large'))).toMatchObject({ state: 'stored', holders: 1 })
    expect(await main.status(bytes('small'))).toMatchObject({ state: 'stored', holders: 1 })
    expect(await main.status({ n: 9 })).toBeUndefined()
    expect(await main.status(bytes('none'))).toBeUndefined()
    await main.evict({ n: 0 }, bytes('large'), bytes('small'))
    expect(await stateOf(main, 0)).toBe('evicted')
    expect((await main.status(bytes('large')))?.state).toBe('evicted')
    expect(await main.read({ n: 0 })).toEqual(body(LARGE, 1))
    expect(await stateOf(main, 0)).toBe('stored')
    await close()
  })

  it('of one’s own is evicted only when a connected peer has it, and comes back', async () => {
    const { logs, main, stream } = await author()
    await expect(main.evict({ n: 0 })).rejects.toMatchObject(code('COPY_ONLY_HERE'))
    const replica = await replicaOf(logs)
    await replica.stream.download()
    await expect
      .poll(async () => (await main.status({ n: 0 }))?.holders, { timeout: 30_000 })
      .toBe(1)
    // What shares its frame with others stays.
    await main.evict({ n: 0 }, { n: 1 })
    expect(await stateOf(main, 0)).toBe('evicted')
    expect(await stateOf(main, 1)).toBe('stored')
    await main.write((tx) => tx.append('more'))
    await main.forget(bytes('middle'))
    expect(await main.read({ n: 0 })).toEqual(body(LARGE, 1))
    await replica.close()
    await assertSound(stream)
  })
})

describe('a reader that forgets alone', () => {
  it('has it no more, reads what lay beside it, and gets it back when it asks', async () => {
    const { logs } = await author()
    const folder = await temporaryFolder()
    const first = await replicaOf(logs, folder)
    await first.stream.download()
    await first.main.forget({ n: 0 }, { n: 1 }, bytes('middle'))
    await first.main.forget({ n: 0 })
    const check = async ({ main, stream }: Pick<typeof first, 'main' | 'stream'>) => {
      await stream.update()
      await stream.download()
      await main.download([0, 1, 2])
      for (const n of [0, 1]) {
        expect(await stateOf(main, n)).toBe('forgotten')
        await expect(main.read({ n })).rejects.toMatchObject(code('FORGOTTEN_HERE'))
      }
      await expect(main.index.get(bytes('middle'))).rejects.toMatchObject(code('FORGOTTEN_HERE'))
      expect(await main.read({ n: 2 })).toEqual(body(MIDDLE, 3))
      expect(text(await main.index.get(bytes('small')))).toBe('in the index')
      expect(await main.index.get(bytes('large'))).toEqual(body(LARGE, 4))
    }
    await check(first)
    await first.close()
    const again = await replicaOf(logs, folder)
    await check(again)
    await again.main.refetch({ n: 0 }, { n: 1 })
    expect(await again.main.read({ n: 0 })).toEqual(body(LARGE, 1))
    expect(await again.main.read({ n: 1 })).toEqual(body(MIDDLE, 2))
    // In the same frame as what came back, and not asked for.
    await expect(again.main.index.get(bytes('middle'))).rejects.toMatchObject(
      code('FORGOTTEN_HERE'),
    )
    await again.main.refetch(bytes('middle'))
    expect(await again.main.index.get(bytes('middle'))).toEqual(body(MIDDLE, 5))
    await again.close()
  })

  it('is told that what lies in the index is its author’s to forget', async () => {
    const { logs } = await author()
    const { main, close } = await replicaOf(logs)
    await expect(main.forget(bytes('small'))).rejects.toMatchObject(code('FORGET_NEEDS_AUTHOR'))
    await main.forget(bytes('none'), { n: 50 })
    await close()
  })

  it('keeps it forgotten when its author moves the frame, and forgets what the author does', async () => {
    const { logs, main: own } = await author()
    const { main, stream, logs: its, close } = await replicaOf(logs)
    await stream.download()
    await main.forget({ n: 1 })
    await own.forget({ n: 2 })
    await stream.update()
    await stream.download()
    await stream.update()
    await expect(main.read({ n: 1 })).rejects.toMatchObject(code('FORGOTTEN_HERE'))
    await expect(main.read({ n: 2 })).rejects.toMatchObject(code('OBJECT_FORGOTTEN'))
    expect(await main.index.get(bytes('middle'))).toEqual(body(MIDDLE, 5))
    for (let i = 1; i < its.data.length; i++) {
      if (!(await its.data.has(i))) continue
      const payload = await its.data.get(i)
      for (const fill of [2, 3]) expect(b4a.indexOf(payload, body(1000, fill))).toBe(-1)
    }
    await close()
  })

  it('gets back what its author has moved since, however often, and no more than it asks for', async () => {
    const { logs, main: own } = await author()
    const folder = await temporaryFolder()
    const first = await replicaOf(logs, folder)
    await first.stream.download()
    await first.main.forget({ n: 1 }, { n: 0 }, bytes('middle'))
    await own.forget({ n: 2 })
    await first.stream.update()
    await own.forget({ n: 0 })
    // It has not heard of the second move.
    await first.main.refetch({ n: 1 }, { n: 2 }, { n: 0 })
    const check = async ({ main }: Pick<typeof first, 'main'>) => {
      expect(await main.read({ n: 1 })).toEqual(body(MIDDLE, 2))
      for (const n of [0, 2]) {
        await expect(main.read({ n })).rejects.toMatchObject(code('OBJECT_FORGOTTEN'))
      }
      await expect(main.index.get(bytes('middle'))).rejects.toMatchObject(code('FORGOTTEN_HERE'))
    }
    await check(first)
    await first.close()
    const again = await replicaOf(logs, folder)
    await check(again)
    await again.main.refetch(bytes('middle'))
    expect(await again.main.index.get(bytes('middle'))).toEqual(body(MIDDLE, 5))
    await again.close()
  })

  it('is one of three holders: afterwards nobody has it, and who joins is told so', async () => {
    const { logs, stream } = await author()
    const holders = await Promise.all([1, 2, 3].map(() => replicaOf(logs)))
    for (const { stream: one } of holders) await one.download()
    // The author is gone, and said nothing.
    for (const { cut } of holders) await cut()
    await stream.close()
    const [a, b, c] = holders as [(typeof holders)[0], (typeof holders)[0], (typeof holders)[0]]
    connect(a.logs, b.logs)
    connect(b.logs, c.logs)
    connect(a.logs, c.logs)
    const status = async (main: typeof a.main) => main.status({ n: 0 })
    await expect.poll(async () => (await status(a.main))?.holders, { timeout: 30_000 }).toBe(2)
    await a.main.forget({ n: 0 })
    await b.main.forget({ n: 0 })
    await expect
      .poll(() => status(a.main), { timeout: 30_000 })
      .toEqual({ state: 'forgotten', size: LARGE, holders: 1 })
    await c.main.forget({ n: 0 })
    for (const { main } of holders) {
      await expect
        .poll(() => status(main), { timeout: 30_000 })
        .toEqual({ state: 'forgotten', size: LARGE, holders: 0 })
    }
    const store = await temporaryStore()
    const joining = await replicaLogsOf(store, logs)
    for (const one of holders) connect(one.logs, joining)
    const joined = await streamOver(joining, plain)
    await joined.update()
    expect(await joined.main.status({ n: 0 })).toEqual({
      state: 'evicted',
      size: LARGE,
      holders: 0,
    })
    await expect(joined.main.read({ n: 0 })).rejects.toMatchObject(code('BLOCK_UNAVAILABLE'))
    expect(await joined.main.read({ n: 2 })).toEqual(body(MIDDLE, 3))
    expect(await joined.main.index.get(bytes('large'))).toEqual(body(LARGE, 4))
    await expect(a.main.refetch({ n: 0 })).rejects.toMatchObject(code('BLOCK_UNAVAILABLE'))
    await expect(a.main.read({ n: 0 })).rejects.toMatchObject(code('FORGOTTEN_HERE'))
    for (const { close } of holders) await close()
  })
})
