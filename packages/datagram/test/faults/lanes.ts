import type { Datagram, Kv } from '../../src/index.ts'

/*
 * A lane is a sequence of steps 1, 2, 3, … on keys of its own, one after another, so that what the store
 * must show after the last acknowledged step is a function of the step's number alone. Lanes run side by
 * side, many in the same stream.
 */

/** What one lane writes, and where. */
export interface Lane {
  readonly id: string
  readonly kind: LaneKind
  /** The stream that it writes to. */
  readonly stream: string
}

export type LaneKind = 'set' | 'batch' | 'large' | 'mixed' | 'history' | 'describe' | 'create'

/** The keys of a stream, undefined where nothing is to be there; as far as the lane has a say in them. */
export type Expected = ReadonlyMap<string, string | undefined>

const BATCH_KEYS = 12
const LARGE_BYTES = [20_000, 70_000, 300_000, 1_000, 700_000]

/** Carries out step `number`; resolves when it is acknowledged. */
export async function runStep(datagram: Datagram, lane: Lane, number: number): Promise<void> {
  const kv = await datagram.kv(lane.kind === 'create' ? createdName(lane, number) : lane.stream)
  if (lane.kind === 'describe') return datagram.describe(lane.stream, descriptionAt(number))
  const changes = [...changesAt(lane, number)]
  if (lane.kind === 'batch' || lane.kind === 'mixed') {
    await kv.batch(changes.map(([key, value]) => operation(key, value)))
  } else {
    for (const [key, value] of changes) await change(kv, key, value)
  }
}

/** What a lane's stream shows of it after step `number`, 0 for none. */
export function expectedAt(lane: Lane, number: number): Expected {
  const { kind } = lane
  if (kind === 'describe' || kind === 'create') return new Map()
  if (kind !== 'history') {
    return number === 0 ? absent(changesAt(lane, 1)) : changesAt(lane, number)
  }
  const all = Array.from({ length: number }, (_, i) => [...changesAt(lane, i + 1)])
  return new Map([...all.flat(), ...absent(changesAt(lane, number + 1))])
}

/** What is said of a stream by step `number` of a `describe` lane. */
export function descriptionAt(number: number): { title: string; labels: string[] } {
  if (number === 0) return { title: '', labels: [] }
  const labels = Array.from({ length: number % 4 }, (_, i) => `label ${number} ${i}`)
  return { title: `title ${number}`, labels }
}

/** The stream that step `number` of a `create` lane makes. */
export function createdName(lane: Lane, number: number): string {
  return `${lane.id} made ${number}`
}

/** The only entry of such a stream. */
export const CREATED_KEY = 'made'

function changesAt(lane: Lane, number: number): Map<string, string | undefined> {
  const { id, kind } = lane
  const value = (bytes: number) => valueOf(`${id} ${number}`, bytes)
  switch (kind) {
    case 'set':
      return new Map([[`${id}/key`, number % 5 === 0 ? undefined : value(number % 900)]])
    case 'large': {
      const bytes = LARGE_BYTES[number % LARGE_BYTES.length] as number
      return new Map([[`${id}/key`, number % 4 === 0 ? undefined : value(bytes)]])
    }
    case 'history':
      return new Map([[`${id}/${number}`, value(40)]])
    case 'create':
      return new Map([[CREATED_KEY, value(40)]])
    default: {
      const keys = Array.from({ length: BATCH_KEYS }, (_, i) => `${id}/key ${i}`)
      if (number % 7 === 0) return new Map(keys.map((key) => [key, undefined]))
      const large = (i: number) => kind === 'mixed' && i % 5 === 2
      return new Map(keys.map((key, i) => [key, value(large(i) ? 90_000 : 60)]))
    }
  }
}

function absent(changes: ReadonlyMap<string, unknown>): Map<string, undefined> {
  return new Map([...changes.keys()].map((key) => [key, undefined]))
}

function operation(key: string, value: string | undefined) {
  return value === undefined
    ? ({ type: 'del', key } as const)
    : ({ type: 'set', key, value } as const)
}

async function change(kv: Kv, key: string, value: string | undefined): Promise<void> {
  if (value === undefined) await kv.del(key)
  else await kv.set(key, value)
}

function valueOf(mark: string, bytes: number): string {
  return `${mark}:`.padEnd(bytes, `${mark}.`)
}
