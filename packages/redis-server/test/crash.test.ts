import { Random, runChild, temporaryFolder } from '@datagram/fault-harness'
import { openKv } from '@datagram/kv-interface'
import { describe, expect, it } from 'vitest'

const script = new URL('./crash-child.ts', import.meta.url)

describe('a server that is killed in the middle of a pipelined load', () => {
  it('has every command that was answered, and no half transaction', {
    timeout: 180_000,
  }, async () => {
    const random = new Random(Date.now())
    await using folder = await temporaryFolder()
    const answered: string[] = []
    let first = 0
    for (let kill = 0; kill < 4; kill++) {
      const killAt = { step: 'stream.append.after', count: random.between(3, 40) } as const
      const options = { folder: folder.join('kv'), first }
      const result = await runChild(script, { options, killAt, timeoutMs: 60_000 })
      const what = `seed ${random.seed}: ${result.output}`
      expect(result.signal, what).toBe('SIGKILL')
      for (const one of result.acknowledged as string[]) {
        answered.push(one)
        first = Math.max(first, Number(one.split(':')[0]) + 1)
      }
      first++
      await using kv = await openKv(folder.join('kv'))
      const values = (await kv.redis.mGet('none', ...answered)) as (string | undefined)[]
      expect(values.slice(1), what).toEqual(answered.map((one) => one.split(':')[0]))
      const [a, b] = await kv.redis.hMGet('pair', 'a', 'b')
      expect(a, what).toBe(b)
    }
    expect(answered.length).toBeGreaterThan(20)
  })
})
