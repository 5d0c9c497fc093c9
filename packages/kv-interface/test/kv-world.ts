import { openStream, type Stream } from '@datagram/stream'
import { expect } from 'vitest'
import { MemoryLog } from '../../indexer/test/memory-log.ts'
import { ReplicaLog } from '../../indexer/test/replica-log.ts'
import { type Kv, type KvSnapshot, kvInterface } from '../src/index.ts'

export type Operation =
  | { readonly type: 'set'; readonly key: string; readonly value: string }
  | { readonly type: 'del'; readonly key: string }
/** Of `entries`. */
export interface Range {
  readonly gte?: string | undefined
  readonly lt?: string | undefined
  readonly reverse?: boolean
  readonly limit?: number | undefined
}
type State = ReadonlyMap<string, string>

/** A log in memory that says when it is about to be appended to. */
class WatchedLog extends MemoryLog {
  beforeAppend: () => void = () => undefined

  override copy(): WatchedLog {
    const copy = new WatchedLog()
    copy.blocks.push(...this.blocks)
    return copy
  }

  override append(input: Parameters<MemoryLog['append']>[0]): Promise<number> {
    this.beforeAppend()
    return super.append(input)
  }
}

interface Logs {
  readonly data: WatchedLog
  readonly index: WatchedLog
}

const SNAPSHOTS_MAX = 3

/**
 * A key/value store over logs in memory, a replica that lags behind, and beside them a plain map: every method
 * does the same to both and compares them.
 */
export class KvWorld {
  #logs: Logs
  #stream: Stream<Kv>
  #model = new Map<string, string>()
  // The map at each version that a reader may come to show.
  readonly #past = new Map<string, State>()
  #snapshots: { readonly snapshot: KvSnapshot<string, string>; readonly state: State }[] = []
  #replica: { readonly stream: Stream<Kv>; readonly logs: readonly ReplicaLog[] } | undefined
  /** Operations so far. */
  operations = 0

  private constructor(logs: Logs, stream: Stream<Kv>) {
    this.#logs = logs
    this.#stream = stream
  }

  static async open(): Promise<KvWorld> {
    const logs = { data: new WatchedLog(), index: new WatchedLog() }
    const world = new KvWorld(logs, await opened(logs))
    world.#note()
    return world
  }

  get #kv(): Kv {
    return this.#stream.api
  }

  async batch(operations: readonly Operation[]): Promise<void> {
    await this.#kv.batch(operations)
    this.#write(operations)
    this.#note()
  }

  /** Batches that are in flight together: each is atomic, and they come in the order of the calls. */
  async together(batches: readonly (readonly Operation[])[]): Promise<void> {
    await Promise.all(batches.map((one) => this.#kv.batch(one)))
    for (const one of batches) this.#write(one)
    this.#note()
  }

  /** Deletes, and sets what is absent: both say what they found. */
  async conditional(key: string, value: string): Promise<void> {
    const had = this.#model.has(key)
    assertSame(await this.#kv.set(key, value, { if: 'absent' }), !had)
    assertSame(await this.#kv.del(key), 1)
    this.#model.delete(key)
    this.operations += 2
    this.#note()
  }

  async check(options: Range, keys: readonly string[]): Promise<void> {
    await checkReads(this.#kv, this.#model, options, keys)
  }

  takeSnapshot(): void {
    if (this.#snapshots.length === SNAPSHOTS_MAX) this.#snapshots.shift()?.snapshot.close()
    this.#snapshots.push({ snapshot: this.#kv.snapshot(), state: new Map(this.#model) })
  }

  async checkSnapshots(options: Range, keys: readonly string[]): Promise<void> {
    for (const { snapshot, state } of this.#snapshots) {
      await checkReads(snapshot, state, options, keys)
    }
  }

  /** The map as it was at one of the versions so far. */
  async checkout(pick: number, options: Range): Promise<void> {
    const [version, state] = [...this.#past][pick % this.#past.size] as [string, State]
    using view = await this.#kv.checkout(version)
    await checkReads(view, state, options, [])
  }

  async flush(): Promise<void> {
    await this.#stream.index.flush()
  }

  async compact(): Promise<void> {
    await this.#stream.index.compact()
  }

  async reopen(): Promise<void> {
    this.#snapshots = []
    await this.#stream.close()
    this.#stream = await opened(this.#logs)
  }

  /**
   * Dies at one of the appends, of either log, that batches in flight and the index's flushes and merges make:
   * what was acknowledged is there, of the others a beginning, none of them half.
   */
  async crash(batches: readonly (readonly Operation[])[], append: number): Promise<void> {
    const { api, index } = this.#stream
    const left = this.#stream
    const states = [JSON.stringify(sorted(this.#model))]
    const models = [new Map(this.#model)]
    for (const one of batches) {
      this.#write(one)
      models.push(new Map(this.#model))
      states.push(JSON.stringify(sorted(this.#model)))
    }
    let acknowledged = 0
    const dying = new Dying(this.#logs, append, () => acknowledged)
    const writing = batches.map((one) => api.batch(one).then(() => acknowledged++))
    await Promise.allSettled([...writing, index.compact()])
    const { logs, promised } = dying.remains()
    await left.close().catch(() => undefined)
    await this.#replica?.stream.close()
    this.#replica = undefined
    this.#snapshots = []

    this.#logs = logs
    this.#stream = await opened(logs)
    const found = JSON.stringify(await all(this.#kv.entries()))
    const at = states.lastIndexOf(found)
    if (at < promised) {
      throw new Error(
        `of ${batches.length} batches ${promised} were acknowledged; there is ${found}`,
      )
    }
    this.#model = models[at] as Map<string, string>
    this.#note()
  }

  /** Moves the replica on, or leaves it where it is; it shows what its author had at its version. */
  async checkReplica(moves: boolean, options: Range, keys: readonly string[]): Promise<void> {
    const { stream, logs } = (this.#replica ??= await replicaOf(this.#logs))
    for (const log of logs) log.online = true
    if (moves) await stream.update()
    const state = this.#past.get(stream.api.version())
    if (state === undefined) throw new Error(`there was no version ${stream.api.version()}`)
    try {
      await checkReads(stream.api, state, options, keys)
    } catch (error) {
      // A read may find blocks dropped and go over to a newer head: the version is that of the newer then.
      const now = this.#past.get(stream.api.version())
      if (now === state || now === undefined) throw error
      await checkReads(stream.api, now, options, keys)
    }
  }

  async end(): Promise<void> {
    await checkReads(this.#kv, this.#model, {}, [])
    await this.reopen()
    await checkReads(this.#kv, this.#model, {}, [])
    await this.checkReplica(true, {}, [])
    await this.#replica?.stream.close()
    await this.#stream.close()
  }

  #write(operations: readonly Operation[]): void {
    for (const one of operations) {
      if (one.type === 'set') this.#model.set(one.key, one.value)
      else this.#model.delete(one.key)
    }
    this.operations += operations.length
  }

  #note(): void {
    this.#past.set(this.#kv.version(), new Map(this.#model))
  }
}

/** The logs of a process that is killed at one of its next appends, as another finds them. */
class Dying {
  readonly #logs: Logs
  readonly #acknowledged: () => number
  #remains: { readonly logs: Logs; readonly promised: number } | undefined

  constructor(logs: Logs, append: number, acknowledged: () => number) {
    this.#logs = logs
    this.#acknowledged = acknowledged
    let left = append
    logs.data.beforeAppend = logs.index.beforeAppend = () => {
      if (left-- === 0) this.remains()
    }
  }

  /** Kills it, at the latest now: its logs take nothing any more. */
  remains(): { readonly logs: Logs; readonly promised: number } {
    const { data, index } = this.#logs
    this.#remains ??= {
      logs: { data: data.copy(), index: index.copy() },
      promised: this.#acknowledged(),
    }
    data.failure = index.failure = new Error('killed')
    return this.#remains
  }
}

function opened({
  data,
  index,
}: {
  readonly data: MemoryLog
  readonly index: MemoryLog
}): Promise<Stream<Kv>> {
  return openStream({ name: 'kv', data, index, definition: kvInterface })
}

async function replicaOf({ data, index }: Logs) {
  const logs = { data: new ReplicaLog(data), index: new ReplicaLog(index) }
  await Promise.all([logs.data.update(), logs.index.update()])
  return { stream: await opened(logs), logs: [logs.data, logs.index] }
}

type Reads = Pick<Kv, 'entries' | 'getMany' | 'get' | 'has'>

function assertSame(actual: unknown, expected: unknown): void {
  expect(actual).toEqual(expected)
}

async function checkReads(
  reads: Reads,
  state: State,
  options: Range,
  keys: readonly string[],
): Promise<void> {
  expect(await all(reads.entries(options))).toEqual(within(state, options))
  expect(await reads.getMany([...keys])).toEqual(keys.map((key) => state.get(key)))
  for (const key of keys.slice(0, 2)) {
    expect(await reads.get(key)).toBe(state.get(key))
    expect(await reads.has(key)).toBe(state.has(key))
  }
}

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

function sorted(state: State): [string, string][] {
  return [...state].sort(([a], [b]) => compare(a, b))
}

function within(state: State, { gte, lt, reverse, limit }: Range): [string, string][] {
  const entries = sorted(state).filter(
    ([key]) =>
      (gte === undefined || compare(gte, key) <= 0) && (lt === undefined || compare(key, lt) < 0),
  )
  return (reverse ? entries.reverse() : entries).slice(0, limit)
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
