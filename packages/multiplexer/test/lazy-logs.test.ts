import { beforeEach, describe, expect, test } from 'vitest'
import type { MultiplexerOptions } from '../src/index.ts'
import { connected, type Pair, quiet, until } from './connected.ts'
import { TestContainer, type TestStream } from './test-container.ts'

const IDLE_MS = 100
const limits: MultiplexerOptions = { limits: { logIdleMs: IDLE_MS } }

let origin: TestContainer
let clone: TestContainer
let settings: TestStream
let replica: TestStream

/** A clone whose replica of one stream is as long as the original, and empty of blocks. */
beforeEach(async () => {
  origin = await TestContainer.create()
  settings = await origin.make('settings', {}, 'dark')
  clone = await TestContainer.clone(origin)
  replica = await clone.take(settings)
})

async function meet(): Promise<Pair> {
  const pair = await connected(clone, origin, { a: limits, b: limits })
  await until(() =>
    [pair.a, pair.b].every(({ connection }) => connection.statistics.attached === 2),
  )
  return pair
}

const open = ({ a, b }: Pair) =>
  [a, b].map(({ connection }) => connection.statistics.streamsOpen) as [number, number]
const noneOpen = (pair: Pair) => open(pair).every((count) => count === 0)

/** Both have met, the replica has got its length, and the logs have gone idle. */
async function idle(): Promise<Pair> {
  const pair = await meet()
  await until(() => replica.data.length === settings.data.length)
  await until(() => noneOpen(pair))
  await quiet(pair)
  return pair
}

describe('the logs of a stream', () => {
  test('are attached while lengths differ, and detached when nobody needs them', async () => {
    const pair = await meet()
    let most = 0
    await until(() => {
      most = Math.max(most, ...open(pair))
      return replica.data.length === 1
    })
    expect(most).toBe(1)
    await until(() => noneOpen(pair))
    expect(pair.a.connection.statistics.attached).toBe(2)
  })

  test('are not attached at a reconnect where both know the same', async () => {
    const first = await idle()
    await first.a.connection.close()
    const second = await meet()
    await quiet(second)
    expect(noneOpen(second)).toBe(true)
    expect(second.a.connection.statistics).toMatchObject({ offersReceived: 0, offered: 1 })
  })

  test('are attached for a read, which gets its block, and then a second one later', async () => {
    await settings.data.append({ payload: Buffer.from('light') })
    const pair = await idle()
    expect(Buffer.from(await replica.data.get(0)).toString()).toBe('dark')
    expect(Math.max(...open(pair))).toBe(1)
    await until(() => noneOpen(pair))
    expect(Buffer.from(await replica.data.get(1)).toString()).toBe('light')
  })

  test('are attached for a read that began before anybody was connected', async () => {
    const first = await idle()
    await first.a.connection.close()
    const reading = replica.data.get(0, { timeoutMs: 20_000 }).catch((error: unknown) => error)
    const second = await meet()
    const read = await reading
    // It may have been told within the first second that there is nobody.
    if (read instanceof Error) expect(read).toMatchObject({ code: 'BLOCK_UNAVAILABLE' })
    else expect(Buffer.from(read as Uint8Array).toString()).toBe('dark')
    await second.a.connection.close()
  })

  test('that grow are announced, and then taken', async () => {
    const pair = await idle()
    await settings.data.append({ payload: Buffer.from('light') })
    await until(() => replica.data.length === 2)
    await until(() => noneOpen(pair))
    // Also when it happens again and again.
    for (let i = 0; i < 20; i++) await settings.data.append({ payload: Buffer.from(`${i}`) })
    await until(() => replica.data.length === 22)
  })

  test('are as new as the peer’s after an update, though they were idle', async () => {
    const pair = await idle()
    for (let i = 0; i < 5; i++) {
      await until(() => noneOpen(pair))
      const length = (await settings.data.append({ payload: Buffer.from('light') })) + 1
      await replica.data.update()
      expect(replica.data.length).toBe(length)
    }
  })

  test('cost nothing to update where there is nothing new', async () => {
    const pair = await idle()
    const before = pair.traffic.bytes
    await Promise.all([replica.data.update(), replica.index.update(), replica.data.update()])
    expect(pair.traffic.bytes - before).toBeLessThan(200)
    expect(noneOpen(pair)).toBe(true)
  })

  test('of a withdrawn stream are not attached for a read any more', async () => {
    const pair = await idle()
    pair.b.connection.withdraw(settings.id)
    await until(() => pair.a.connection.statistics.attached === 1)
    await quiet(pair)
    const before = pair.traffic.bytes
    await expect(replica.data.get(0)).rejects.toMatchObject({ code: 'BLOCK_UNAVAILABLE' })
    await settings.data.append({ payload: Buffer.from('light') })
    await quiet(pair)
    expect(pair.traffic.bytes).toBe(before)
  })
})
