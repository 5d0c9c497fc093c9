import { faultyLink } from '@datagram/fault-harness'
import b4a from 'b4a'
import c from 'compact-encoding'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../../test-vectors/log-core.json' with { type: 'json' }
import { type Disclaimer, disclaimerMessage } from '../src/hypercore/disclaimer.ts'
import { decode, type DownloadOptions, encode, type Log } from '../src/index.ts'
import { noiseMuxers, rawLog, rawStore } from './containment/raw-hypercore.ts'
import { temporaryFolder, temporaryStore } from './temporary-store.ts'

const BLOCKS = 40
const cipherKey = b4a.alloc(32, 1)
const lost = { start: 3, end: 5 }
const patient = { timeout: 30_000 }
const unavailable = expect.objectContaining({ code: 'BLOCK_UNAVAILABLE' })

async function author(): Promise<Log> {
  const log = await (await temporaryStore()).open('log', { cipherKey })
  await log.append(Array.from({ length: BLOCKS }, (_, i) => b4a.alloc(100 + i, i)))
  return log
}

async function replica({ key }: Log): Promise<Log> {
  return (await temporaryStore()).openRemote(key, { cipherKey })
}

/** Connects two copies of a log. */
function connect(from: Log, to: Log) {
  const link = faultyLink()
  const muxers = noiseMuxers(link)
  from.attach(muxers.left)
  to.attach(muxers.right)
  return { link, muxers }
}

/** Another copy, with all but the lost blocks. */
async function lacking(log: Log): Promise<Log> {
  const copy = await replica(log)
  const { link, muxers } = connect(log, copy)
  while (copy.length < BLOCKS) await copy.update()
  await copy.download()
  link.cut('reset')
  await muxers.destroyed
  await copy.evict(lost)
  return copy
}

/** A new copy that knows of all blocks. */
async function reader(log: Log, ...peers: readonly Log[]): Promise<Log> {
  const copy = await replica(log)
  for (const peer of peers) connect(peer, copy)
  while (copy.length < BLOCKS) await copy.update()
  return copy
}

/** What a download goes without, or the code of its error: what a peer says is on its way for a moment. */
const gone = (copy: Log, onProgress?: DownloadOptions['onProgress']) =>
  copy.download({ without: [], onProgress }).catch(({ code }) => code)

describe('a download', { timeout: 120_000 }, () => {
  it('goes without what every peer disclaims, where it is asked to', async () => {
    const log = await author()
    const [a, b] = [await lacking(log), await lacking(log)]
    a.disclaim(lost)
    const copy = await reader(log, a, b)
    await expect.poll(() => copy.holdersOf({ start: 0, end: 1 }), patient).toBe(2)
    // One of the two merely lacks it.
    await expect(copy.download({ without: [] })).rejects.toEqual(unavailable)
    b.disclaim({ start: 3, end: 4 })
    b.disclaim({ start: 4, end: 5 })
    await expect(copy.download()).rejects.toEqual(unavailable)
    const seen: number[][] = []
    const onProgress = (one: { blocksDone: number; blocksWanted: number }) =>
      void seen.push([one.blocksDone, one.blocksWanted])
    await expect.poll(() => gone(copy, onProgress), patient).toEqual([lost])
    expect(seen.at(-1)).toEqual([BLOCKS - 2, BLOCKS - 2])
    const begun = performance.now()
    expect(await copy.download({ without: [lost] })).toEqual([lost])
    expect(performance.now() - begun).toBeLessThan(1000)
    // Envelopes of 11 bytes, seals of 40.
    expect(await copy.bytesOf([lost])).toBe(103 + 104 + 2 * 51)
    expect(await log.bytesOf([{ start: 0, end: BLOCKS }])).toBe(log.byteLength)
    // It comes with who has it.
    connect(log, copy)
    await expect.poll(() => copy.holders(3), patient).toBe(1)
    expect(await copy.download({ without: [lost] })).toEqual([])
    expect(copy.isWhole).toBe(true)
  })

  it('does not go without what a peer disclaims no longer', async () => {
    const log = await author()
    const a = await lacking(log)
    a.disclaim({ start: 0, end: BLOCKS })
    a.recall(lost)
    const copy = await reader(log, a)
    await expect(copy.download({ without: [] })).rejects.toEqual(unavailable)
    a.disclaim(lost)
    await expect.poll(() => gone(copy), patient).toEqual([lost])
    a.recall({ start: 4, end: 5 })
    await expect.poll(() => gone(copy), patient).toBe('BLOCK_UNAVAILABLE')
  })

  it('fails as ever where the one that has it falls silent, or goes', async () => {
    const log = await author()
    const a = await lacking(log)
    a.disclaim(lost)
    const copy = await replica(log)
    const { link, muxers } = connect(log, copy)
    while (copy.length < BLOCKS) await copy.update()
    await expect.poll(() => copy.holders(3), patient).toBe(1)
    link.cut('silence')
    connect(a, copy)
    const timeout = expect.objectContaining({ code: 'WAIT_TIMEOUT' })
    await expect(copy.download({ without: [], timeoutMs: 500 })).rejects.toEqual(timeout)
    const downloading = copy.download({ without: [] }).catch((error: unknown) => error)
    await expect.poll(() => copy.here({ start: 0, end: 1 }), patient).toHaveLength(1)
    muxers.right.stream.destroy()
    expect(await downloading).toEqual(unavailable)
    // Who asks now, asks those who are there.
    expect(await copy.download({ without: [] })).toEqual([lost])
  })

  it('is of the peers that there are: without any, nothing is disclaimed', async () => {
    const log = await author()
    const a = await lacking(log)
    a.disclaim(lost)
    const copy = await replica(log)
    const { link, muxers } = connect(a, copy)
    while (copy.length < BLOCKS) await copy.update()
    expect(await copy.download({ without: [] })).toEqual([lost])
    link.cut('reset')
    await muxers.destroyed
    await expect(copy.download({ without: [lost] })).rejects.toEqual(unavailable)
  })
})

describe('a disclaimer', () => {
  it.each(vectors.disclaimer)('has the known bytes of $about', ({ disclaimer, hex }) => {
    expect(b4a.toString(encode(disclaimerMessage, disclaimer as Disclaimer), 'hex')).toBe(hex)
    expect(decode(disclaimerMessage, b4a.from(hex, 'hex'))).toEqual(disclaimer)
  })

  it('that is damaged cannot be read, and no more, in 100,000 inputs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          decode(disclaimerMessage, bytes)
        } catch (error) {
          expect(error).toMatchObject({ message: 'what it disclaims cannot be read' })
        }
      }),
      { numRuns: 100_000 },
    )
  })

  it.each<[string, (send: (message: Uint8Array) => void) => void]>([
    ['of an unknown kind', (send) => send(b4a.from('0200', 'hex'))],
    ['that is cut short', (send) => send(b4a.from('0001', 'hex'))],
    [
      'of more places than can be remembered',
      (send) => {
        for (let at = 0; at <= 65_536; at += 1024) {
          const ranges = Array.from({ length: 1024 }, (_, i) => {
            return { start: 2 * (at + i), end: 2 * (at + i) + 1 }
          })
          send(encode(disclaimerMessage, { what: 'disclaimed', ranges }))
        }
      },
    ],
  ])('%s costs a peer its connection, and nothing else', async (_what, act) => {
    const log = await author()
    const raw = await rawLog(await rawStore(await temporaryFolder()), { key: log.key })
    const muxers = noiseMuxers(faultyLink())
    raw.core.replicator.attachTo(muxers.right)
    log.attach(muxers.left)
    await expect.poll(() => raw.peers.length, patient).toBe(1)
    const [peer] = raw.peers as unknown as { extension(name: string, message: Uint8Array): void }[]
    act((message) => peer?.extension('datagram/disclaimed/1', message))
    await muxers.destroyed
    expect(await log.get(0)).toHaveLength(100)
    const copy = await reader(log, log)
    await copy.download()
    expect(copy.isWhole).toBe(true)
  })

  it('of another name is passed over', async () => {
    const log = await author()
    const raw = await rawLog(await rawStore(await temporaryFolder()), { key: log.key })
    const muxers = noiseMuxers(faultyLink())
    raw.core.replicator.attachTo(muxers.right)
    log.attach(muxers.left)
    await expect.poll(() => raw.peers.length, patient).toBe(1)
    const [peer] = raw.peers as unknown as { extension(name: string, message: Uint8Array): void }[]
    peer?.extension('datagram/disclaimed/9', c.encode(c.string, 'what a newer one says'))
    expect(await raw.get(7, { timeout: 30_000 })).toBeTruthy()
    expect(muxers.isDestroyed()).toBe(false)
  })
})
