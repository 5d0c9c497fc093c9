import { acknowledge, childOptions } from '@datagram/fault-harness'
import { openKv } from '../src/index.ts'

// Writes until it is killed: single sets, batches and large values; each is acknowledged once it resolved.
const { folder, first } = childOptions<{ folder: string; first: number }>()
const kv = await openKv(folder)

async function round(n: number): Promise<void> {
  const keys = [0, 1, 2, 3].map((i) => `batch:${i}`)
  await Promise.all([
    kv.set(`single:${n}`, `${n}`).then(() => acknowledge(`single:${n}`)),
    kv
      .batch(
        keys.map((key) => ({
          type: 'set',
          key,
          value: `${n}`.padStart(n % 5 === 0 ? 70_000 : 8, '0'),
        })),
      )
      .then(() => acknowledge(`batch:${n}`)),
  ])
}

for (let n = first; ; n++) await round(n)
