import path from 'node:path'
import { Random } from '@datagram/fault-harness'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import {
  assertSound,
  connect,
  finds,
  listed,
  logsOf,
  plain,
  replicaLogsOf,
  storeIn,
  streamOver,
  temporaryFolder,
  temporaryStore,
} from '../../stream/test/open-streams.ts'
import { kvInterface } from '../src/index.ts'

const random = new Random(Date.now())
const textOf = (bytes: number) => b4a.toString(random.bytes(bytes / 2), 'hex')

describe('a key that is forgotten', () => {
  it.each([100, 16 * 1024, 256 * 1024])(
    'is gone with its %s bytes, here and on replicas',
    async (size) => {
      const store = await temporaryStore()
      const logs = await logsOf(store)
      const stream = await streamOver(logs, kvInterface)
      const { api: kv } = stream
      const [old, value, key] = [textOf(size), textOf(size), textOf(100)]
      await kv.set('before', '1')
      await Promise.all([
        kv.set('beside', 'one'),
        kv.set(key, old),
        kv.set('large', 'x'.repeat(3000)),
      ])
      await kv.set(key, value)
      await stream.index.flush()
      const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
      const cut = connect(logs, replicaLogs)
      const replica = await streamOver(replicaLogs, kvInterface)
      await replica.download()
      expect(await replica.api.get(key)).toBe(value)
      await cut()
      await kv.forget(key)
      for (const secret of [old, value, key])
        expect(await finds(logs, b4a.from(secret))).toEqual([])
      expect(await kv.get(key)).toBeUndefined()
      expect(await kv.get('beside')).toBe('one')
      expect(await kv.get('large')).toBe('x'.repeat(3000))
      expect(await listed(kv.history('beside'))).toHaveLength(1)
      // One that was away while it was forgotten drops it when it comes back; one that joins never gets it.
      connect(logs, replicaLogs)
      const late = await replicaLogsOf(await temporaryStore(), logs)
      connect(logs, late)
      const joined = await streamOver(late, kvInterface)
      for (const [one, its] of [
        [replica, replicaLogs],
        [joined, late],
      ] as const) {
        await one.download()
        for (const secret of [old, value, key])
          expect(await finds(its, b4a.from(secret))).toEqual([])
        expect(await one.api.get('large')).toBe('x'.repeat(3000))
        expect(await one.api.get(key)).toBeUndefined()
        await assertSound(one)
      }
    },
  )

  it('is forgotten twice, or was never there', async () => {
    const stream = await streamOver(await logsOf(await temporaryStore()), kvInterface)
    const { api: kv } = stream
    await kv.set('a', '1')
    await kv.forget('b')
    await kv.forget('a', 'a')
    await kv.forget('a')
    expect(await listed(kv.entries())).toEqual([])
    await kv.set('a', '2')
    expect(await kv.get('a')).toBe('2')
    expect(await listed(kv.history('a'))).toHaveLength(1)
    await assertSound(stream)
  })
})

describe('forgetting among writes that are not awaited', () => {
  it('takes its turn: what was written before it goes, and what is written after it stays', async () => {
    const { api: kv, main } = await streamOver(await logsOf(await temporaryStore()), kvInterface)
    await Promise.all([
      kv.set('a1', 'before'),
      kv.forgetRange({ prefix: 'a' }),
      kv.set('a1', 'between'),
      kv.forget('a1', 'b'),
      kv.set('a1', 'after'),
      kv.set('b', 'after'),
    ])
    expect(await listed(kv.entries())).toEqual([
      ['a1', 'after'],
      ['b', 'after'],
    ])
    expect(await listed(kv.history('a1'))).toHaveLength(1)
    const append = (text: string) => main.write((tx) => tx.append(text))
    await Promise.all([append('0'), append('1'), main.forget({ from: 1 }), append('2')])
    const objects = await listed(main.objects())
    expect(objects.map(({ forgotten }) => forgotten)).toEqual([false, true, false])
  })
})

describe('a write that forgets what was before', () => {
  it('leaves the new value alone, after a crash too', async () => {
    const folder = await temporaryFolder()
    const store = await storeIn(path.join(folder, 'store'))
    const logs = await logsOf(store)
    const stream = await streamOver(logs, kvInterface)
    const secret = textOf(4000)
    await stream.api.set('a', secret)
    await stream.api.set('a', 'new', { previous: 'forget' })
    // As after a crash: nothing waits for the background.
    await stream.close()
    const again = await streamOver(logs, kvInterface)
    await expect.poll(() => finds(logs, b4a.from(secret)), { timeout: 20_000 }).toEqual([])
    expect(await again.api.get('a')).toBe('new')
    expect(await listed(again.api.history('a'))).toHaveLength(1)
    await assertSound(again)
  })
})

describe('an object that is forgotten', () => {
  it.each([100, 16 * 1024, 256 * 1024])(
    'leaves its number and its size of %s bytes',
    async (size) => {
      const logs = await logsOf(await temporaryStore())
      const stream = await streamOver(logs, plain)
      const secret = textOf(size)
      const [first, , third] = await stream.main.write((tx) =>
        [
          tx.append('first'),
          tx.put(b4a.from('key'), b4a.from('value')),
          tx.append(secret),
          tx.append('third'),
        ].filter((one) => one !== undefined),
      )
      await stream.main.forget({ n: 1 })
      expect(await finds(logs, b4a.from(secret))).toEqual([])
      expect(await stream.main.at(1)).toMatchObject({ n: 1, size: secret.length, forgotten: true })
      await expect(stream.main.read({ n: 1 })).rejects.toMatchObject({ code: 'OBJECT_FORGOTTEN' })
      expect(b4a.toString(await stream.main.read({ n: 0 }))).toBe('first')
      expect(b4a.toString(await stream.main.read({ n: 2 }))).toBe('third')
      expect([first?.n, third?.n]).toEqual([0, 2])
      await assertSound(stream)
    },
  )
})

describe('many random forgets', () => {
  it('leave every survivor readable, from the author and from a replica', async () => {
    const logs = await logsOf(await temporaryStore())
    const stream = await streamOver(logs, kvInterface)
    const model = new Map<string, string>()
    for (let i = 0; i < 600; i++) {
      const value = `${i}`.padEnd(random.pick([10, 10, 1500, 3000]), 'v')
      model.set(`key ${i}`, value)
    }
    const entries = [...model].map(([key, value]) => ({ type: 'set' as const, key, value }))
    for (let at = 0; at < entries.length; at += 30)
      await stream.api.batch(entries.slice(at, at + 30))
    for (let round = 0; round < 10; round++) {
      const keys = [...model.keys()].filter(() => random.chance(0.06))
      await stream.api.forget(...keys)
      for (const key of keys) model.delete(key)
    }
    const expected = [...model].sort(([a], [b]) => (a < b ? -1 : 1))
    expect(await listed(stream.api.entries()), `seed ${random.seed}`).toEqual(expected)
    await assertSound(stream)
    const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
    const cut = connect(logs, replicaLogs)
    const replica = await streamOver(replicaLogs, kvInterface)
    await replica.download()
    await cut()
    expect(await listed(replica.api.entries()), `seed ${random.seed}`).toEqual(expected)
  })
})
