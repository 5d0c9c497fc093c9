import { setTimeout as sleep } from 'node:timers/promises'
import { claimOrigin, Container, openLink } from '@datagram/container'
import {
  faultyLink,
  type Random,
  seededRun,
  soakFactor,
  temporaryFolder,
} from '@datagram/fault-harness'
import { openStore } from '@datagram/log-core'
import { describe, expect, it } from 'vitest'
import { Datagram } from '../../src/datagram.ts'
import { isDatagramError, openDatagram } from '../../src/index.ts'
import { contentsOf } from './contents.ts'

const REPLICAS = 5
/** Of the simulated time, which runs ten times as fast as the clock: delays and pauses are a tenth of what they stand for. */
const MISCHIEF_MS = 60_000 * soakFactor()
const SPEED = 10
/** What has to happen within it: on average there is a deed every 125 ms, and every fifth cuts a line. */
const DEEDS_MIN = MISCHIEF_MS / 200
const END_MS = 60_000

type Edge = readonly [from: number, to: number]

const pairs = Array.from({ length: REPLICAS }, (_, from) =>
  Array.from({ length: REPLICAS - 1 - from }, (__, i): Edge => [from, from + 1 + i]),
).flat()
const shapes: Readonly<Record<string, readonly Edge[]>> = {
  chain: pairs.filter(([from, to]) => to === from + 1),
  mesh: pairs,
}

/** The lines between replicas, which are cut and joined again. */
class Lines {
  readonly #replicas: readonly Datagram[]
  readonly #cuts = new Map<Edge, () => void>()

  constructor(replicas: readonly Datagram[]) {
    this.#replicas = replicas
  }

  async join(edge: Edge, random: Random): Promise<void> {
    if (this.#cuts.has(edge)) return
    const line = faultyLink({ delayMs: random.between(0, 200) / SPEED, seed: random.next32() })
    this.#cuts.set(edge, () => line.cut(random.pick(['reset', 'end'] as const)))
    const [from, to] = edge.map((one) => this.#replicas[one]) as [Datagram, Datagram]
    await Promise.all([
      from.replicate(line.a, { initiator: true }),
      to.replicate(line.b, { initiator: false }),
    ])
  }

  cut(edge: Edge): void {
    this.#cuts.get(edge)?.()
    this.#cuts.delete(edge)
  }
}

/** An update that may fail, as it does on a line that is cut; not with anything but a code. */
async function tryUpdate(replica: Datagram, timeoutMs: number): Promise<void> {
  await replica.update({ timeoutMs }).catch((error: unknown) => {
    if (!isDatagramError(error)) throw error
  })
}

async function replicaOf(link: string, folder: string): Promise<Datagram> {
  const store = await openStore(folder)
  await claimOrigin(store, await openLink(link), undefined)
  return new Datagram(store, await Container.open(store), {})
}

async function mischief(
  replicas: readonly Datagram[],
  lines: Lines,
  random: Random,
  edges: readonly Edge[],
) {
  const [author, ...others] = replicas as [Datagram, ...Datagram[]]
  const underway = new Set<Promise<void>>()
  let step = 0
  // By the simulated clock alone: on a busy machine as much is done, in more time.
  for (let nowMs = 0; nowMs < MISCHIEF_MS; step++) {
    const edge = random.pick(edges)
    const deed = random.between(0, 5)
    if (deed === 0) lines.cut(edge)
    else if (deed <= 2) await lines.join(edge, random)
    else if (deed === 3) {
      const kv = await author.kv(`stream ${random.between(0, 4)}`)
      const size = random.pick([10, 500, 20_000])
      await kv.set(`key ${random.between(0, 30)}`, `${step} `.repeat(size / 5))
    } else {
      const updating = tryUpdate(random.pick(others), 500)
      underway.add(updating)
      void updating.finally(() => underway.delete(updating))
    }
    const pauseMs = random.between(0, 250)
    nowMs += pauseMs
    await sleep(pauseMs / SPEED)
  }
  expect(step).toBeGreaterThan(DEEDS_MIN)
  await Promise.all(underway)
}

describe.concurrent('five replicas that are cut and joined at random for a simulated minute end equal', () => {
  it.each(Object.keys(shapes))('in a %s', { timeout: MISCHIEF_MS + 3 * END_MS }, async (shape) => {
    await seededRun(async (random) => {
      const edges = shapes[shape] as readonly Edge[]
      await using folder = await temporaryFolder()
      const author = await openDatagram(folder.join('0'))
      const replicas = [author]
      try {
        const link = await author.share()
        for (let i = 1; i < REPLICAS; i++) {
          replicas.push(await replicaOf(link, folder.join(`${i}`)))
        }
        const lines = new Lines(replicas)
        for (const edge of edges) await lines.join(edge, random)
        await mischief(replicas, lines, random, edges)
        for (const edge of edges) lines.cut(edge)
        for (const edge of edges) await lines.join(edge, random)
        const expected = await contentsOf(author)
        const end = performance.now() + END_MS
        for (const replica of replicas.slice(1)) {
          for (;;) {
            await tryUpdate(replica, 5_000)
            const contents = await contentsOf(replica).catch(() => undefined)
            if (JSON.stringify(contents) === JSON.stringify(expected)) break
            if (performance.now() > end) expect(contents).toEqual(expected)
          }
        }
      } finally {
        for (const replica of replicas.reverse()) await replica.close()
      }
    })
  })
})
