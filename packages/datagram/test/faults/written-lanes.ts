import type { Invariant } from '@datagram/fault-harness'
import type { Datagram } from '../../src/index.ts'
import type { StepReport } from './children/writer.ts'
import {
  CREATED_KEY,
  createdName,
  descriptionAt,
  type Expected,
  expectedAt,
  type Lane,
} from './lanes.ts'

/** What is known of each lane: the last acknowledged step, and whether one more was begun. */
export class WrittenLanes {
  readonly #lanes: readonly Lane[]
  readonly #done = new Map<string, number>()
  readonly #begun = new Map<string, number>()

  constructor(lanes: readonly Lane[]) {
    this.#lanes = lanes
    for (const { id } of lanes) {
      this.#done.set(id, 0)
      this.#begun.set(id, 0)
    }
  }

  /** Each lane with the number that a writer goes on from. */
  get progress(): [Lane, number][] {
    return this.#lanes.map((lane) => [lane, this.#of(this.#done, lane)])
  }

  get steps(): number {
    return [...this.#done.values()].reduce((sum, number) => sum + number, 0)
  }

  hear(reports: readonly unknown[]): void {
    for (const [what, id, number] of reports as readonly StepReport[]) {
      ;(what === 'begun' ? this.#begun : this.#done).set(id, number)
    }
  }

  /**
   * What must hold of the datagram now: of each lane all of its last acknowledged step is there, or all
   * of the one that was begun; and there are the streams that there must be. A step that turns out to be
   * there counts as done from now on, whether or not it was acknowledged. With `stream`: only that one's
   * lanes.
   */
  invariants(datagram: Datagram, stream?: string): Invariant[] {
    const wanted = this.#lanes.filter((lane) => stream === undefined || lane.stream === stream)
    const lanes = wanted.map((lane) => ({
      name: `lane ${lane.id}`,
      check: () => this.#checkLane(datagram, lane),
    }))
    const streams = { name: 'the list of streams', check: () => this.#checkStreams(datagram) }
    return [...lanes, streams]
  }

  /** As {@link invariants}, of all entries that a scan finds: they are those of the lanes, and no others. */
  scanInvariants(datagram: Datagram): Invariant[] {
    const streams = new Set(
      this.#lanes.filter(({ kind }) => kind !== 'create').map((l) => l.stream),
    )
    return [...streams].map((stream) => ({
      name: `all entries of ${stream}`,
      check: () => this.#scan(datagram, stream),
    }))
  }

  async #scan(datagram: Datagram, stream: string): Promise<string | undefined> {
    const left = new Map<string, string>()
    for (const lane of this.#lanes) {
      if (lane.stream !== stream) continue
      for (const [key, value] of expectedAt(lane, this.#of(this.#done, lane))) {
        if (value !== undefined) left.set(key, value)
      }
    }
    for await (const [key, value] of (await datagram.kv(stream)).entries()) {
      if (left.get(key) !== value)
        return `${key} is ${summary(value)}, not ${summary(left.get(key))}`
      left.delete(key)
    }
    return left.size === 0 ? undefined : `${[...left.keys()].join(', ')} are not there`
  }

  async #checkLane(datagram: Datagram, lane: Lane): Promise<string | undefined> {
    if (lane.kind === 'create') return this.#checkCreated(datagram, lane)
    const [done, begun] = [this.#of(this.#done, lane), this.#of(this.#begun, lane)]
    const names = await namesOf(datagram)
    if (!names.has(lane.stream) && done === 0) return undefined
    const matches = (number: number) =>
      lane.kind === 'describe'
        ? differsFromDescription(datagram, lane.stream, number)
        : differs(datagram, lane.stream, expectedAt(lane, number))
    const wrong = await matches(done)
    if (wrong === undefined) return this.#settle(lane, done)
    if (begun === done) return `step ${done} was acknowledged, but ${wrong}`
    const wrongToo = await matches(begun)
    if (wrongToo === undefined) return this.#settle(lane, begun)
    return `neither step ${done} is there (${wrong}), nor step ${begun}, which was begun (${wrongToo})`
  }

  async #checkCreated(datagram: Datagram, lane: Lane): Promise<string | undefined> {
    const names = await namesOf(datagram)
    const done = this.#of(this.#done, lane)
    for (let number = 1; number <= done; number++) {
      const name = createdName(lane, number)
      if (!names.has(name)) return `there is no stream ${name}`
      const value = await (await datagram.kv(name)).get(CREATED_KEY)
      if (value === undefined) return `the entry of ${name} is not there`
    }
    // One that was begun may be there, with or without its entry; its writer goes on with it.
    return undefined
  }

  async #checkStreams(datagram: Datagram): Promise<string | undefined> {
    const names = await namesOf(datagram)
    const mayBe = new Set(this.#lanes.filter(({ kind }) => kind !== 'create').map((l) => l.stream))
    for (const lane of this.#lanes.filter(({ kind }) => kind === 'create')) {
      for (let i = 1; i <= this.#of(this.#begun, lane); i++) mayBe.add(createdName(lane, i))
    }
    const strange = [...names].filter((name) => !mayBe.has(name))
    return strange.length === 0 ? undefined : `nobody made ${strange.join(', ')}`
  }

  #settle(lane: Lane, number: number): undefined {
    this.#done.set(lane.id, number)
    this.#begun.set(lane.id, number)
  }

  #of(numbers: ReadonlyMap<string, number>, { id }: Lane): number {
    return numbers.get(id) as number
  }
}

async function differs(
  datagram: Datagram,
  stream: string,
  expected: Expected,
): Promise<string | undefined> {
  const values = await (await datagram.kv(stream)).getMany([...expected.keys()])
  let i = 0
  for (const [key, value] of expected) {
    const actual = values[i++]
    if (actual !== value) return `${key} is ${summary(actual)}, not ${summary(value)}`
  }
  return undefined
}

async function differsFromDescription(
  datagram: Datagram,
  stream: string,
  number: number,
): Promise<string | undefined> {
  for await (const { name, title, labels } of datagram.streams()) {
    if (name !== stream) continue
    const actual = JSON.stringify({ title, labels })
    const expected = JSON.stringify(descriptionAt(number))
    return actual === expected ? undefined : `it is described as ${actual}, not ${expected}`
  }
  return 'there is no such stream'
}

async function namesOf(datagram: Datagram): Promise<Set<string>> {
  const names = new Set<string>()
  for await (const { name } of datagram.streams()) {
    if (names.has(name)) throw new Error(`${name} is listed twice`)
    names.add(name)
  }
  return names
}

function summary(value: string | undefined): string {
  if (value === undefined) return 'absent'
  return `${JSON.stringify(value.slice(0, 40))} of ${value.length} characters`
}
