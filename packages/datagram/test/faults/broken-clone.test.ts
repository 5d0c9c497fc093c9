import {
  faultyProxy,
  type Random,
  runChild,
  seededRun,
  soakFactor,
  startChild,
  temporaryFolder,
} from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { type CloneOptions, cloneDatagram, isDatagramError, openDatagram } from '../../src/index.ts'
import type { AuthorOptions, AuthorReady } from './children/author.ts'
import type { ClonerOptions } from './children/cloner.ts'
import { contentsOf } from './contents.ts'
import { type Filling, fill } from './filled-datagram.ts'

const author = new URL('./children/author.ts', import.meta.url)
const cloner = new URL('./children/cloner.ts', import.meta.url)
const CUTS = 20 * soakFactor()
const ATTEMPTS_MAX = CUTS * 3
const KILLS = 4 * soakFactor()
const KILLS_OF_CLONE = 10 * soakFactor()
const filling: Filling = { streams: 5, entries: 30, sizes: [20, 200, 3000, 30_000, 90_000] }

/** Clones until it succeeds, as a person would who just tries again; how often it failed, and with what. */
async function persist(link: string, folder: string, options: CloneOptions): Promise<string[]> {
  const codes: string[] = []
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    try {
      await (await cloneDatagram(link, folder, options)).close()
      return codes
    } catch (error) {
      if (!isDatagramError(error)) throw error
      codes.push(error.code)
    }
  }
  throw new Error(`it was not cloned in ${ATTEMPTS_MAX} attempts: ${codes.join(', ')}`)
}

describe.concurrent('a clone over TCP', () => {
  it(`whose connection is cut at random ${CUTS} times completes, identical`, {
    timeout: 60_000 * soakFactor(),
  }, async () => {
    await seededRun(async (random) => {
      await using folder = await temporaryFolder()
      await using mine = await openDatagram(folder.join('mine'))
      const link = await fill(mine, random, filling)
      const server = await mine.listen({ host: '127.0.0.1', port: 0 })
      // Early cuts are the more delicate ones: in the handshake, between a log's header and its blocks.
      const codes = await cutOff(random, server.address() as { port: number }, (connect) =>
        persist(link, folder.join('copy'), { connect: [connect], timeoutMs: 5000 }),
      )
      // It connects again by itself; only where cut after cut brings nothing it has to be begun again.
      expect(codes.length).toBeLessThan(CUTS)
      await using copy = await openDatagram(folder.join('copy'))
      expect(await contentsOf(copy)).toEqual(await contentsOf(mine))
    })
  })

  it(`goes on where it was when its author is killed and comes back, ${KILLS} times`, async () => {
    await seededRun(async (random) => {
      await using folder = await temporaryFolder()
      const options: AuthorOptions = { folder: folder.join('mine'), seed: random.next32(), filling }
      let link = ''
      let broken = 0
      for (let kill = 0; kill < KILLS; kill++) {
        const running = startChild(author, { options })
        const ready = (await running.acknowledgement(1)) as AuthorReady
        link = ready.link
        // Slow enough to die in the middle.
        await using proxy = await faultyProxy(ready, { bytesPerSecond: 1_000_000, bufferBytes: 1 })
        const wanted = random.between(1, 200_000)
        const cloning = cloneDatagram(link, folder.join('copy'), {
          connect: [{ host: proxy.host, port: proxy.port }],
          onProgress: ({ bytesReceived }) => bytesReceived >= wanted && running.kill(),
        })
        // What it had sent by then may have been all.
        const outcome = await cloning.then(
          (copy) => copy.close(),
          (error: unknown) => error,
        )
        if (outcome !== undefined) expect(outcome).toSatisfy(isDatagramError)
        if (outcome !== undefined) broken++
        running.kill()
        await running.ended
      }
      expect(broken).toBeGreaterThan(0)
      await using mine = await openDatagram(folder.join('mine'))
      const server = await mine.listen({ host: '127.0.0.1', port: 0 })
      const connect = [server.address()]
      await using copy = await cloneDatagram(link, folder.join('copy'), { connect })
      await server.close()
      expect(await contentsOf(copy)).toEqual(await contentsOf(mine))
    })
  })

  it(`goes on where it was when it is killed itself, ${KILLS_OF_CLONE} times`, {
    timeout: 120_000 * soakFactor(),
  }, async () => {
    await seededRun(async (random) => {
      await using folder = await temporaryFolder()
      await using mine = await openDatagram(folder.join('mine'))
      const link = await fill(mine, random, filling)
      const server = await mine.listen({ host: '127.0.0.1', port: 0 })
      const { port } = server.address() as { port: number }
      const options: ClonerOptions = { folder: folder.join('copy'), link, port }
      for (let kill = 0; kill < KILLS_OF_CLONE; kill++) {
        const killAt = random.chance(0.3)
          ? { afterStartMs: random.between(200, 800) }
          : { acknowledgements: random.between(1, 60) }
        const { signal, exitCode, output } = await runChild(cloner, { options, killAt })
        expect({ signal, exitCode }, output).toEqual(
          signal === null ? { signal, exitCode: 0 } : { signal: 'SIGKILL', exitCode: null },
        )
      }
      const { exitCode, acknowledged, output } = await runChild(cloner, { options })
      expect(exitCode, output).toBe(0)
      expect(acknowledged.at(-1)).toEqual({ cloned: true })
      await server.close()
      await using copy = await openDatagram(folder.join('copy'))
      expect(await contentsOf(copy)).toEqual(await contentsOf(mine))
    })
  })
})

/** Runs `use` with the address of a proxy that cuts connections at random, {@link CUTS} times. */
async function cutOff(
  random: Random,
  target: { readonly port: number },
  use: (address: { host: string; port: number }) => Promise<string[]>,
): Promise<string[]> {
  await using proxy = await faultyProxy(target, {
    seed: random.next32(),
    cutAtRandom: { from: 1, to: 100_000 },
    cutsMax: CUTS,
    cutStyle: random.pick(['reset', 'end'] as const),
    pieceBytesMax: 4000,
    delayMs: 1,
  })
  const codes = await use({ host: proxy.host, port: proxy.port })
  expect(proxy.cuts).toBe(CUTS)
  return codes
}
