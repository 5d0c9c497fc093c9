import path from 'node:path'
import b4a from 'b4a'
import Corestore from 'corestore'
import HypercoreStorage from 'hypercore-storage'
import { expect, it, onTestFinished } from 'vitest'
import { SEAL_BYTES } from '../src/block-cipher.ts'
import { connectedMuxers, temporaryFolder, temporaryStore } from './temporary-store.ts'

it('a stock hypercore replicates a log, verifies its blocks, and sees none of them', async () => {
  const log = await (await temporaryStore()).open('a')
  const texts = Array.from({ length: 50 }, (_, i) => `canary-${i}`)
  await log.append(texts.map((text) => b4a.from(text)))
  await log.evict({ start: 10, end: 20 })

  const folder = path.join(await temporaryFolder(), 'stock')
  const corestore = new Corestore(new HypercoreStorage(folder))
  onTestFinished(() => corestore.close())
  const stock = corestore.get({ key: log.key })
  await stock.ready()
  const { left, right } = connectedMuxers()
  log.attach(left)
  stock.core.replicator.attachTo(right)
  while (stock.length < 50) {
    await stock.update({ wait: true })
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  // Hypercore checks each block against the signed Merkle tree before it resolves.
  for (const [i, text] of texts.entries()) {
    if (i >= 10 && i < 20) continue
    const block = (await stock.get(i)) as Uint8Array
    expect(block.byteLength).toBeGreaterThan(SEAL_BYTES + text.length)
    expect(b4a.toString(block, 'latin1')).not.toContain('canary')
  }
})
