import { faultyLink } from '@datagram/fault-harness'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import type { Log } from '../src/index.ts'
import { noiseMuxers } from './containment/raw-hypercore.ts'
import { temporaryStore } from './temporary-store.ts'

const BLOCKS = 40
const patient = { timeout: 30_000 }
const all = Array.from({ length: BLOCKS }, (_, i) => i)
const cipherKey = b4a.alloc(32, 1)

async function author(): Promise<Log> {
  const log = await (await temporaryStore()).open('log', { cipherKey })
  await log.append(Array.from({ length: BLOCKS }, (_, i) => b4a.from(`block ${i}`)))
  return log
}

/** Connects two copies of a log; returns how one end falls silent, with nobody told. */
function connect(from: Log, to: Log): () => void {
  const link = faultyLink()
  const muxers = noiseMuxers(link)
  from.attach(muxers.left)
  to.attach(muxers.right)
  return () => link.cut('silence')
}

/** A reader of the log, connected to a peer which has said that it has every block and then fell silent. */
async function readerOfSilentPeer(log: Log): Promise<Log> {
  const reader = await (await temporaryStore()).openRemote(log.key, { cipherKey })
  const fallSilent = connect(log, reader)
  while (reader.length < BLOCKS) await reader.update()
  for (let i = 0; i < BLOCKS; i++) await expect.poll(() => reader.holders(i), patient).toBe(1)
  fallSilent()
  return reader
}

describe('a peer that says it has a block and falls silent', { timeout: 120_000 }, () => {
  it('makes a read fail in the time that it was given', async () => {
    const reader = await readerOfSilentPeer(await author())
    const timeout = expect.objectContaining({ code: 'WAIT_TIMEOUT' })
    await expect(reader.get(3, { timeoutMs: 200 })).rejects.toEqual(timeout)
    await expect(reader.getBlocks(all, { timeoutMs: 200 })).rejects.toEqual(timeout)
    await expect(reader.download({ timeoutMs: 200 })).rejects.toEqual(timeout)
    const calledOff = AbortSignal.abort(new Error('called off'))
    await expect(reader.get(3, { signal: calledOff })).rejects.toThrow('called off')
  })

  it('does not keep a read from another peer that has it', async () => {
    const log = await author()
    const reader = await readerOfSilentPeer(log)
    connect(log, reader)
    await expect.poll(() => reader.holders(3), patient).toBe(2)
    expect(b4a.toString(await reader.get(3))).toBe('block 3')
    const blocks = await reader.getBlocks(all)
    await reader.download()
    expect(blocks.map(({ payload }) => b4a.toString(payload))).toEqual(all.map((i) => `block ${i}`))
  })

  it('does not keep what is under way from a peer that comes later', async () => {
    const log = await author()
    const reader = await readerOfSilentPeer(log)
    const reading = reader.getBlocks(all)
    const downloading = reader.download()
    connect(log, reader)
    expect(await reading).toHaveLength(BLOCKS)
    await downloading
    expect(reader.isWhole).toBe(true)
  })
})
