import type { Random } from '@datagram/fault-harness'
import type { Datagram } from '../../src/index.ts'

/** How much a datagram is filled with. */
export interface Filling {
  readonly streams: number
  readonly entries: number
  /** Sizes of values in characters; one is drawn for each entry. */
  readonly sizes: readonly number[]
}

/** Fills a datagram with entries of random sizes, streams one after another, and returns its link. */
export async function fill(
  datagram: Datagram,
  random: Random,
  { streams, entries, sizes }: Filling,
): Promise<string> {
  for (let stream = 0; stream < streams; stream++) {
    const kv = await datagram.kv(`stream ${stream}`)
    await kv.batch(
      Array.from({ length: entries }, (_, entry) => ({
        type: 'set' as const,
        key: `key ${entry}`,
        value: text(random, random.pick(sizes)),
      })),
    )
    await kv.set('last', text(random, 20))
    if (stream % 2 === 0) await datagram.describe(`stream ${stream}`, { title: `title ${stream}` })
  }
  return datagram.share()
}

function text(random: Random, characters: number): string {
  return Buffer.from(random.bytes(Math.ceil(characters / 2)))
    .toString('hex')
    .slice(0, characters)
}
