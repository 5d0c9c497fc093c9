import {
  faultyProxy,
  type FaultyProxyOptions,
  seededRun,
  temporaryFolder,
} from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { type CloneOptions, cloneDatagram, openDatagram } from '../../src/index.ts'
import { contentsOf } from './contents.ts'
import { type Filling, fill } from './filled-datagram.ts'

const KIB = 1024

/** What a clone over a bad link is, and what came over the link. */
interface Ground {
  readonly filling: Filling
  readonly proxy: FaultyProxyOptions
  readonly options?: CloneOptions
}

/** Clones a filled datagram over a bad link, and expects all of it; how long that took, in milliseconds. */
async function cloneSlowly({ filling, proxy, options }: Ground): Promise<number> {
  return seededRun(async (random) => {
    await using folder = await temporaryFolder()
    await using mine = await openDatagram(folder.join('mine'))
    const link = await fill(mine, random, filling)
    const server = await mine.listen({ host: '127.0.0.1', port: 0 })
    await using between = await faultyProxy(server.address() as { port: number }, proxy)
    const start = Date.now()
    await using copy = await cloneDatagram(link, folder.join('copy'), {
      ...options,
      connect: [{ host: between.host, port: between.port }],
    })
    const ms = Date.now() - start
    expect(await contentsOf(copy)).toEqual(await contentsOf(mine))
    return ms
  })
}

describe.concurrent('a clone over a slow link', () => {
  it('of several streams goes on as long as something arrives', async () => {
    const filling = { streams: 6, entries: 1, sizes: [60 * KIB] }
    const proxy = { bytesPerSecond: 80 * KIB, bufferBytes: 32 * KIB, pieceBytesMax: 4 * KIB }
    const ms = await cloneSlowly({ filling, proxy, options: { timeoutMs: 1000 } })
    // Without a limit of the link there would have been nothing to test.
    expect(ms).toBeGreaterThan(3000)
  })

  it('of one large value goes on while it is under way', async () => {
    const filling = { streams: 1, entries: 1, sizes: [250 * KIB] }
    const proxy = { bytesPerSecond: 60 * KIB, bufferBytes: 32 * KIB, pieceBytesMax: 4 * KIB }
    const ms = await cloneSlowly({ filling, proxy, options: { timeoutMs: 1000 } })
    expect(ms).toBeGreaterThan(3000)
  })

  it('of high latency and jitter completes', async () => {
    const filling = { streams: 8, entries: 20, sizes: [20, 2000, 30_000] }
    const proxy = { delayMs: 150, jitterMs: 100, pieceBytesMax: 1400 }
    const ms = await cloneSlowly({ filling, proxy })
    // 16 round trips of 300 to 500 ms: the handshake, the root's three logs, and all streams together.
    // Twice that, for a busy machine.
    expect(ms).toBeLessThan(16_000)
  })
})

describe.concurrent('a clone over a link on which nothing comes any more', () => {
  it.each(['datagram', 'stream'])(
    'of a %s ends when the line is cut right after the agreement',
    async (kind) => {
      await using folder = await temporaryFolder()
      await using mine = await openDatagram(folder.join('mine'))
      await (await mine.kv('a')).set('k', 'v')
      const link = kind === 'datagram' ? await mine.share() : await mine.share('a')
      const server = await mine.listen({ host: '127.0.0.1', port: 0 })
      await using between = await faultyProxy(server.address() as { port: number }, { delayMs: 20 })
      mine.on('stream-attached', () => setImmediate(() => between.cutAll()))
      const start = Date.now()
      await expect(
        cloneDatagram(link, folder.join('copy'), {
          connect: [{ host: between.host, port: between.port }],
        }),
      ).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
      // Far below the 30 s that it would wait for something to come.
      expect(Date.now() - start).toBeLessThan(20_000)
    },
  )

  it('ends after timeoutMs when the line goes silent, and at once when it is called off', async () => {
    await using folder = await temporaryFolder()
    await using mine = await openDatagram(folder.join('mine'))
    const kv = await mine.kv('a')
    for (let i = 0; i < 8; i++) await kv.set(`key ${i}`, 'x'.repeat(200 * KIB))
    const server = await mine.listen({ host: '127.0.0.1', port: 0 })
    const proxy = { bytesPerSecond: 300 * KIB, bufferBytes: 1, cutStyle: 'silence' } as const
    await using between = await faultyProxy(server.address() as { port: number }, proxy)
    const connect = [{ host: between.host, port: between.port }]
    const link = await mine.share()
    const calledOff = new AbortController()
    let startMs = 0
    const whenSomeIsHere = (act: () => void): CloneOptions => ({
      connect,
      onProgress: ({ bytesReceived }) => {
        if (bytesReceived === 0 || startMs > 0) return
        startMs = Date.now()
        act()
      },
    })
    await expect(
      cloneDatagram(link, folder.join('copy'), {
        ...whenSomeIsHere(() => calledOff.abort(new Error('enough'))),
        signal: calledOff.signal,
      }),
    ).rejects.toThrow('enough')
    expect(Date.now() - startMs).toBeLessThan(10_000)
    startMs = 0
    await expect(
      cloneDatagram(link, folder.join('copy'), {
        ...whenSomeIsHere(() => between.cutAll()),
        timeoutMs: 1000,
      }),
    ).rejects.toMatchObject({ code: 'WAIT_TIMEOUT' })
    expect(Date.now() - startMs).toBeLessThan(15_000)
  })
})
