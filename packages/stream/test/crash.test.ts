import { Random, runChild } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { openStream } from '../src/index.ts'
import {
  assertSound,
  bytes,
  logsOf,
  plain,
  storeIn,
  temporaryFolder,
  text,
} from './open-streams.ts'

const script = new URL('./crash-child.ts', import.meta.url)
const steps = [
  'stream.append.before',
  'stream.append.after',
  'stream.apply.after',
  'log.append.after',
  'index.flush.before',
  'index.flush.after',
  'index.compact.before',
] as const

describe('a stream whose process is killed', () => {
  it('recovers: all that was acknowledged, nothing half, and sound', {
    timeout: 120_000,
  }, async () => {
    const random = new Random(Date.now())
    const folder = await temporaryFolder()
    let acknowledged = 0
    for (let kill = 0; kill < 8; kill++) {
      const byStep = { step: random.pick(steps), count: random.between(1, 8) }
      const killAt = random.chance(0.7) ? byStep : { afterMs: random.between(1, 300) }
      const result = await runChild(script, { options: { folder }, killAt, timeoutMs: 20_000 })
      const what = `seed ${random.seed}, ${JSON.stringify(killAt)}: ${result.output}`
      expect(result.signal, what).toBe('SIGKILL')
      acknowledged = Math.max(acknowledged, ...(result.acknowledged as number[]))
      const store = await storeIn(folder)
      const stream = await openStream({ name: 's', ...(await logsOf(store)), definition: plain })
      const count = await stream.main.count()
      expect(count, what).toBeGreaterThanOrEqual(acknowledged)
      const entry = await stream.main.index.get(bytes('count'))
      expect(Number(text(entry) ?? 0), what).toBe(count)
      await assertSound(stream)
      await stream.close()
      await store.close()
    }
    expect(acknowledged).toBeGreaterThan(0)
  })
})
