import { Random, runChild, temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { openKv } from '../src/index.ts'

const script = new URL('./crash-child.ts', import.meta.url)
const steps = [
  'stream.append.before',
  'log.append.before',
  'log.append.after',
  'stream.append.after',
  'stream.apply.after',
] as const

describe('a key/value store whose process is killed', () => {
  it('has everything that was acknowledged, and no half batch', { timeout: 120_000 }, async () => {
    const random = new Random(Date.now())
    await using folder = await temporaryFolder()
    let next = 0
    let lastBatch = -1
    const acknowledged = new Set<string>()
    for (let kill = 0; kill < 12; kill++) {
      const byStep = { step: random.pick(steps), count: random.between(2, 60) }
      const killAt = random.chance() ? byStep : { afterMs: random.between(1, 120) }
      const options = { folder: folder.join('kv'), first: next }
      const result = await runChild(script, { options, killAt, timeoutMs: 20_000 })
      const what = `seed ${random.seed}, ${JSON.stringify(killAt)}: ${result.output}`
      expect(result.signal, what).toBe('SIGKILL')
      for (const one of result.acknowledged as string[]) {
        acknowledged.add(one)
        const [kind, n] = one.split(':') as [string, string]
        if (kind === 'batch') lastBatch = Math.max(lastBatch, Number(n))
        next = Math.max(next, Number(n) + 1)
      }
      next += 1
      await using kv = await openKv(folder.join('kv'))
      for (const one of acknowledged) {
        const [kind, n] = one.split(':') as [string, string]
        if (kind === 'single') expect(await kv.get(one), what).toBe(n)
      }
      const batch = (await kv.getMany([0, 1, 2, 3].map((i) => `batch:${i}`))).map(Number)
      expect(new Set(batch).size, what).toBe(1)
      if (lastBatch >= 0) expect(batch[0], what).toBeGreaterThanOrEqual(lastBatch)
    }
    expect(acknowledged.size).toBeGreaterThan(50)
  })
})
