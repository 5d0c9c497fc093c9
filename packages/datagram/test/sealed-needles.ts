import path from 'node:path'
import { findBytes } from '@datagram/fault-harness'
import type { Log } from '@datagram/log-core'
import b4a from 'b4a'
import { expect } from 'vitest'
import { StockHypercore } from './stock-hypercore.ts'
import { temporaryFolder } from './temporary-datagram.ts'

/** Some bytes of these blocks as they lie on the disk, sealed. */
export async function sealedNeedles(log: Log, blocks: readonly number[]): Promise<Uint8Array[]> {
  const stock = new StockHypercore(path.join(await temporaryFolder(), 'stock'), log.key)
  await stock.ready()
  const ours = StockHypercore.createProtocolStream(true)
  const theirs = stock.replicate(false)
  ours.pipe(theirs).pipe(ours)
  const attachment = log.attach(StockHypercore.getProtocolMuxer(ours))
  try {
    await expect
      .poll(() => stock.update({ wait: true }).then(() => stock.length), { timeout: 30_000 })
      .toBe(log.length)
    const sealed = await Promise.all(blocks.map((block) => stock.get(block)))
    return sealed.map((bytes) => b4a.from(bytes.subarray(0, 48)))
  } finally {
    await attachment.detach()
    ours.destroy()
    theirs.destroy()
    await stock.close()
  }
}

/** Where in a folder's files any of these is, in any form. */
export async function foundIn(folder: string, needles: readonly (string | Uint8Array)[]) {
  const found = []
  for (const needle of needles) found.push(...(await findBytes(needle, { folder })))
  return found
}
