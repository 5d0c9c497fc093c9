import { findBytes } from '@datagram/fault-harness'
import { describe, expect, test } from 'vitest'
import type { AcceptPolicy, ConnectionStatistics, MultiplexerOptions } from '../src/index.ts'
import { connected, type Pair, quiet, type Side, until } from './connected.ts'
import { TestContainer, type TestStream } from './test-container.ts'

/** Type, label and text of a stream, as they would be found on the wire. */
const canaries = {
  declined: ['canary-type-5f1c', 'canary-label-77d0', 'canary-text-0b44e1d3'],
  hidden: ['canary-type-8a2b', 'canary-label-19c4', 'canary-text-6f10ab27'],
  accepted: ['canary-type-c30e', 'canary-label-e5a8', 'canary-text-94d27c5b'],
} as const
type Fate = keyof typeof canaries

// One record of at most 200 bytes, with its framing; an id, a reason and their framing.
const RECORD_BYTES_MAX = 200
const ANSWER_BYTES_MAX = 50
const NEWS_BYTES = 5_000

// No log is detached in the middle of a count because nobody has used it for a while.
const limits = { logIdleMs: 1e9 }

interface Made {
  readonly stream: TestStream
  readonly replica: TestStream
}

/** Two containers of which one shows streams, and the other takes them or not. */
class Stage {
  readonly #containers: Record<'a' | 'b', TestContainer>
  readonly #shower: 'a' | 'b'
  pair!: Pair

  private constructor(containers: Record<'a' | 'b', TestContainer>, shower: 'a' | 'b') {
    this.#containers = containers
    this.#shower = shower
  }

  /** `shower`: the side that shows; the initiator, a clone of the other, is `a`. */
  static async open(shower: 'a' | 'b'): Promise<Stage> {
    const b = await TestContainer.create()
    const stage = new Stage({ a: await TestContainer.clone(b), b }, shower)
    await stage.meet()
    return stage
  }

  get shows(): Side {
    return this.pair[this.#shower]
  }

  get takes(): Side {
    return this.pair[this.#shower === 'a' ? 'b' : 'a']
  }

  /** Connects the two, and waits until all is said. */
  async meet(): Promise<void> {
    await this.pair?.a.connection.close()
    // Who takes a stream that is hidden from it would show it itself.
    const shows: MultiplexerOptions = { limits, offer: ({ type }) => type !== canaries.hidden[0] }
    const accept: AcceptPolicy = ({ type }) => type !== canaries.declined[0]
    const takes = { ...shows, accept }
    const [a, b] = this.#shower === 'a' ? [shows, takes] : [takes, shows]
    this.pair = await connected(this.#containers.a, this.#containers.b, { a, b })
    await this.pair.a.connection.rootAgreed()
    await quiet(this.pair)
  }

  /** Makes a stream on the side that shows; the other knows its key as well. */
  async make(fate: Fate): Promise<Made> {
    const [type, label, text] = canaries[fate]
    const shower = this.#containers[this.#shower]
    const stream = await shower.make(fate, { type, labels: [label] }, text)
    const taker = this.#containers[this.#shower === 'a' ? 'b' : 'a']
    return { stream, replica: await taker.take(stream) }
  }

  /** Resolves when so many blocks of a stream are on the side that takes it. */
  async arrival({ replica }: Made, blocks: number): Promise<void> {
    await until(() => replica.data.length === blocks)
    await replica.data.get(blocks - 1)
  }

  /** What the side that shows has counted. */
  get statistics(): ConnectionStatistics {
    return this.shows.connection.statistics
  }

  /** Streams that each side takes part in, the root among them, together. */
  get attached(): number {
    return this.statistics.attached + this.takes.connection.statistics.attached
  }

  /** Plain bytes that cross in each direction while `work` is done, and until no more do. */
  async count(work: () => unknown): Promise<{ shown: number; answered: number }> {
    const { shows, takes } = this
    const [shown, answered] = [bytesOf(shows.plainOut), bytesOf(takes.plainOut)]
    await work()
    await quiet(this.pair)
    // What the one has sent the other has got.
    const hasGot = (to: Side, from: Side) => bytesOf(to.plainIn) === bytesOf(from.plainOut)
    await until(() => hasGot(takes, shows) && hasGot(shows, takes))
    return {
      shown: bytesOf(shows.plainOut) - shown,
      answered: bytesOf(takes.plainOut) - answered,
    }
  }

  /** How often something was sent by each side of the present connection. */
  async found(needle: string | Uint8Array): Promise<[number, number]> {
    const [shown, answered] = await Promise.all(
      [this.shows, this.takes].map(({ plainOut }) => findBytes(needle, { buffers: plainOut })),
    )
    return [shown?.length ?? 0, answered?.length ?? 0]
  }
}

const nothing = { shown: 0, answered: 0 }
const news = ({ data }: TestStream) => data.append({ payload: Buffer.alloc(NEWS_BYTES, 'n') })

const lookedFor = async ({ replica: { data } }: Made) => {
  await data.update({ timeoutMs: 100 }).catch(() => undefined)
  await expect(data.get(data.length, { timeoutMs: 100 })).rejects.toThrow()
}

describe.each([
  ['the side that was dialled shows', 'b'],
  ['the side that dials shows', 'a'],
] as const)('where %s, the plain bytes on the wire', (_who, shower) => {
  test('of a declined stream are one record and its answer, of one that is not offered none', async () => {
    const stage = await Stage.open(shower)
    const made = {} as Record<Fate, Made>
    for (const fate of ['declined', 'hidden'] as const) {
      const cost = await stage.count(async () => {
        made[fate] = await stage.make(fate)
        if (fate === 'declined') await until(() => stage.statistics.declinedByPeer === 1)
      })
      if (fate === 'hidden') expect(cost).toEqual(nothing)
      else {
        expect(cost.shown).toBeGreaterThan(100)
        expect(cost.shown).toBeLessThanOrEqual(RECORD_BYTES_MAX)
        expect(cost.answered).toBeLessThanOrEqual(ANSWER_BYTES_MAX)
      }
      // Nothing further, though the stream grows, and the other side looks for what it has declined. (Of one that it
      // was not offered it would ask whether there is news at all, in 3 bytes that name no stream.)
      const later = await stage.count(async () => {
        await news(made[fate].stream)
        if (fate === 'declined') await lookedFor(made[fate])
      })
      expect(later).toEqual(nothing)
    }
    // The positive control: the same counts find one that is accepted.
    const accepted = await stage.count(async () => {
      made.accepted = await stage.make('accepted')
      await stage.arrival(made.accepted, 1)
    })
    expect(accepted.shown).toBeGreaterThan(RECORD_BYTES_MAX)
    const later = await stage.count(async () => {
      await news(made.accepted.stream)
      await stage.arrival(made.accepted, 2)
    })
    expect(later.shown).toBeGreaterThan(NEWS_BYTES)
    await expectFound(stage, made)

    // They meet again, and both know all of them.
    await stage.meet()
    await until(() => stage.statistics.declinedByPeer === 1)
    await stage.count(async () => {
      await news(made.accepted.stream)
      await stage.arrival(made.accepted, 3)
    })
    expect(stage.statistics.offered).toBeGreaterThan(0)
    await expectFound(stage, made)
  })

  test.each(['shows', 'takes'] as const)(
    'of a stream are none once who %s it has withdrawn',
    async (by) => {
      const stage = await Stage.open(shower)
      const made = await stage.make('accepted')
      await stage.arrival(made, 1)
      const withdrawal = await stage.count(async () => {
        stage[by].connection.withdraw(made.stream.id)
        await until(() => stage.attached === 2)
      })
      expect(withdrawal.shown + withdrawal.answered).toBeGreaterThan(0)
      const later = await stage.count(async () => {
        await news(made.stream)
        await made.replica.data.update({ timeoutMs: 100 }).catch(() => undefined)
        await expect(made.replica.data.get(1, { timeoutMs: 100 })).rejects.toThrow()
      })
      expect(later).toEqual(nothing)
      expect(made.replica.data.length).toBe(1)
      // The positive control: it comes back, and the same count finds it.
      const again = await stage.count(async () => {
        if (by === 'shows') await stage.shows.connection.want(made.stream.id)
        else stage.takes.connection.accept(made.stream.id)
        await stage.arrival(made, 2)
      })
      expect(again.shown).toBeGreaterThan(NEWS_BYTES)
    },
  )
})

// What names a declined stream is in one record, and its id in the answer.
async function expectFound(stage: Stage, made: Record<Fate, Made>): Promise<void> {
  const named = (fate: Fate) => [made[fate].stream.data.discoveryKey, ...canaries[fate].slice(0, 2)]
  for (const needle of named('declined')) expect(await stage.found(needle)).toEqual([1, 0])
  expect(await stage.found(made.declined.stream.id)).toEqual([1, 1])
  expect(await stage.found(canaries.declined[2])).toEqual([0, 0])
  for (const needle of [...named('hidden'), made.hidden.stream.id, canaries.hidden[2]]) {
    expect(await stage.found(needle)).toEqual([0, 0])
  }
  const [shown] = await stage.found(made.accepted.stream.id)
  expect(shown).toBeGreaterThan(0)
}

test('bytes are counted as the transport and the tap count them', async () => {
  const stage = await Stage.open('b')
  const made = await stage.make('accepted')
  await stage.arrival(made, 1)
  await quiet(stage.pair)
  const { a, b, traffic } = stage.pair
  const [here, there] = [a.connection.statistics, b.connection.statistics]
  expect(here.plainBytesIn).toBe(bytesOf(a.plainIn))
  expect(here.plainBytesOut).toBe(bytesOf(a.plainOut))
  expect(bytesOf(a.plainOut)).toBe(bytesOf(b.plainIn))
  expect(here.rawBytesOut + there.rawBytesOut).toBe(traffic.bytes)
  expect(here.rawBytesIn).toBe(traffic.bytesToA)
  expect(here.rawBytesIn).toBeGreaterThan(bytesOf(a.plainIn))
  // The blocks themselves, as they are.
  expect((await stage.found(canaries.accepted[2]))[0]).toBeGreaterThan(0)
})

function bytesOf(buffers: readonly Uint8Array[]): number {
  return buffers.reduce((sum, { byteLength }) => sum + byteLength, 0)
}
