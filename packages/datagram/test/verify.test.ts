import fs from 'node:fs/promises'
import { storeFiles } from '@datagram/fault-harness'
import { expect, it } from 'vitest'
import { openDatagram } from '../src/index.ts'
import { temporaryFolder } from './temporary-datagram.ts'

it('finds nothing where all is well, and the block that was changed on the disk', async () => {
  const folder = await temporaryFolder()
  const datagram = await openDatagram(folder)
  await (await datagram.kv('small')).set('a', '1')
  await (await datagram.kv('large')).set('b', 'x'.repeat(500_000))
  const report = await datagram.verify()
  expect(report.problems).toEqual([])
  expect(report.blocks).toBeGreaterThan(8)
  await datagram.compact()
  await datagram.close()

  const blobs = (await storeFiles(folder)).filter(({ kind }) => kind === 'blob')
  for (const { path } of blobs) {
    const bytes = await fs.readFile(path)
    if (bytes.byteLength < 100_000) continue
    const middle = bytes.byteLength >> 1
    bytes[middle] = (bytes[middle] as number) ^ 1
    await fs.writeFile(path, bytes)
  }
  await using again = await openDatagram(folder)
  const { problems } = await again.verify()
  expect(problems.length).toBeGreaterThan(0)
  expect(problems.every(({ stream, block }) => stream === 'large' && block !== undefined)).toBe(
    true,
  )
})

it('takes what is forgotten while it reads for no damage', async () => {
  await using datagram = await openDatagram(await temporaryFolder())
  const map = await datagram.kv('map', { retain: 'latest' })
  for (let round = 0; round < 3; round++) {
    // A block for each.
    for (let i = 0; i < 40; i++) await map.set(`key ${i}`, `${round}`.padEnd(3000))
    const keys = Array.from({ length: 40 }, (_, i) => `key ${i}`)
    const forgetting = map.forget(...keys)
    let isOver = false
    forgetting.finally(() => (isOver = true)).catch(() => undefined)
    do expect((await datagram.verify()).problems).toEqual([])
    while (!isOver)
    await forgetting
  }
})
