import { runChild, temporaryFolder } from '@datagram/fault-harness'
import b4a from 'b4a'
import { expect, it } from 'vitest'
import { assertSound, bytes, type Logs, logsOf, openStore, plain, text } from './open-streams.ts'
import { openStream } from '../src/index.ts'

const script = new URL('./forget-child.ts', import.meta.url)
const SECRET = 'what nobody is to find again '.repeat(40)
const kills = [
  { step: 'log.append.before', count: 1 },
  { step: 'log.append.after', count: 1 },
  { step: 'log.append.after', count: 2 },
  { step: 'log.append.after', count: 3 },
  { step: 'log.append.after', count: 4 },
  { step: 'index.flush.after', count: 1 },
  { step: 'index.compact.after', count: 1 },
  { step: 'log.evict.before', count: 1 },
  { step: 'log.evict.after', count: 1 },
  { step: 'store.compact.before', count: 1 },
  { step: 'store.compact.after', count: 1 },
] as const

async function holds({ data, index }: Logs): Promise<boolean> {
  for (const log of [data, index]) {
    for (let i = 0; i < log.length; i++) {
      if (!(await log.has(i))) continue
      if (b4a.indexOf(await log.get(i), b4a.from(SECRET.slice(0, 200))) !== -1) return true
    }
  }
  return false
}

it.each(kills)(
  'forgetting that is killed at $step $count is finished by the next open',
  {
    timeout: 120_000,
  },
  async (killAt) => {
    await using folder = await temporaryFolder()
    const place = folder.join('store')
    const open = async () => {
      const store = await openStore(place)
      const logs = await logsOf(store)
      const stream = await openStream({ name: 'stream', ...logs, definition: plain })
      return { logs, stream, close: () => stream.close().finally(() => store.close()) }
    }
    const before = await open()
    const set = (key: string, value: string) =>
      before.stream.main.write((tx) => tx.put(bytes(key), bytes(value)))
    await Promise.all([set('a', '1'), set('secret', SECRET), set('b', 'b'.repeat(2000))])
    await set('secret', `${SECRET}again`)
    await before.stream.index.flush()
    expect(await holds(before.logs)).toBe(true)
    await before.close()

    const result = await runChild(script, { options: { folder: place }, killAt, timeoutMs: 60_000 })
    expect(result.signal, result.output).toBe('SIGKILL')

    const { stream, logs, close } = await open()
    try {
      const get = async (key: string) => text(await stream.main.index.get(bytes(key)))
      if ((await get('secret')) === undefined) {
        await expect.poll(() => holds(logs)).toBe(false)
      } else {
        // Killed before it was said at all.
        expect(killAt.step).toBe('log.append.before')
      }
      expect(await get('a')).toBe('1')
      expect(await get('b')).toBe('b'.repeat(2000))
      await stream.main.forget(bytes('secret'))
      expect(await holds(logs)).toBe(false)
      await assertSound(stream)
    } finally {
      await close()
    }
  },
)
