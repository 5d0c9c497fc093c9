import path from 'node:path'
import type { Store } from '@datagram/log-core'
import b4a from 'b4a'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { type InterfaceStream, openStream, type Stream } from '../src/index.ts'
import {
  assertSound,
  bytes,
  connect,
  type Logs,
  listed,
  logsOf,
  plain,
  replicaLogsOf,
  storeIn,
  temporaryFolder,
} from './open-streams.ts'

type Write =
  | { readonly type: 'put'; readonly key: string; readonly size: number; readonly fill: number }
  | { readonly type: 'del'; readonly key: string }
  | { readonly type: 'append'; readonly size: number; readonly fill: number }

type Command =
  | { readonly type: 'write'; readonly writes: readonly Write[]; readonly throws: boolean }
  | { readonly type: 'together'; readonly transactions: readonly (readonly Write[])[] }
  | { readonly type: 'flush' | 'compact' | 'reopen' | 'update' | 'cut' | 'connect' }

const key = fc.constantFrom('', 'a', 'aa', 'ab', 'b', 'c', 'd', 'e\u0000', 'f')
const size = fc.constantFrom(0, 1, 90, 1024, 1025, 30_000, 65_537, 400_000)
const fill = fc.integer({ min: 0, max: 255 })
const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('put' as const), key, size, fill }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('del' as const), key }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('append' as const), size, fill }) },
)
const writes = fc.array(write, { maxLength: 6 })
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('write' as const),
      writes,
      throws: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('together' as const),
      transactions: fc.array(writes, { minLength: 2, maxLength: 8 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('flush', 'compact', 'reopen', 'update', 'cut', 'connect'),
    }) as fc.Arbitrary<Command>,
  },
)

/** What a stream must hold: entries by key, and objects, each as size and fill. */
class Model {
  entries = new Map<string, string>()
  objects: string[] = []

  apply(all: readonly Write[]): void {
    for (const one of all) {
      if (one.type === 'del') this.entries.delete(one.key)
      else if (one.type === 'put') this.entries.set(one.key, shown(ofFill(one)))
      else this.objects.push(shown(ofFill(one)))
    }
  }

  picture(): string {
    const entries = [...this.entries].sort(([a], [b]) => b4a.compare(bytes(a), bytes(b)))
    return JSON.stringify({ entries, objects: this.objects })
  }
}

const shown = (value: Uint8Array) => `${value.byteLength}×${value[0] ?? 0}`
const ofFill = (one: { size: number; fill: number }) => new Uint8Array(one.size).fill(one.fill)

async function pictureOf(main: InterfaceStream): Promise<string> {
  const entries = (await listed(main.index.range())).map(([name, value]) => [
    b4a.toString(name),
    shown(value),
  ])
  const objects: string[] = []
  for await (const object of main.objects()) objects.push(shown(await object.read()))
  return JSON.stringify({ entries, objects })
}

class Run {
  readonly #folder: string
  readonly #model = new Model()
  /** What a reader at a position must see. */
  readonly #pictures = new Map<number, string>()
  #store!: Store
  #stream!: Stream
  #logs!: Logs
  #replicaLogs!: Logs
  #replica: Stream | undefined
  #cut: (() => Promise<void>) | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  async begin(): Promise<void> {
    await this.#open()
    const replicaStore = await storeIn(path.join(this.#folder, 'replica'))
    this.#replicaLogs = await replicaLogsOf(replicaStore, this.#logs)
    await this.#connect()
    this.#replica = await openStream({ name: 'r', ...this.#replicaLogs, definition: plain })
  }

  async step(command: Command): Promise<void> {
    const { main } = this.#stream
    if (command.type === 'write') await this.#write(command.writes, command.throws)
    else if (command.type === 'together') await this.#together(command.transactions)
    else if (command.type === 'flush') await this.#stream.index.flush()
    else if (command.type === 'compact') await this.#stream.index.compact()
    else if (command.type === 'reopen') await this.#reopen()
    else if (command.type === 'update') await this.#checkReplica()
    else if (command.type === 'connect') await this.#connect()
    else await this.#disconnect()
    if (command.type === 'write' || command.type === 'together') {
      this.#pictures.set(main.status().position, this.#model.picture())
    }
  }

  async end(): Promise<void> {
    const expected = this.#model.picture()
    equal(await pictureOf(this.#stream.main), expected, 'at the end')
    await assertSound(this.#stream)
    await this.#reopen()
    equal(await pictureOf(this.#stream.main), expected, 'after reopening')
    await assertSound(this.#stream)
    await this.#connect()
    await this.#catchUp()
    await this.#checkReplica()
    await this.#replica?.close()
    await this.#stream.close()
    await this.#store.close()
  }

  async #catchUp(): Promise<void> {
    const replica = this.#replica as Stream
    const expected = this.#stream.status().position
    const until = Date.now() + 10_000
    while (replica.status().position < expected) {
      await replica.update()
      if (Date.now() < until) continue
      const [own, theirs] = [this.#stream.status(), replica.status()]
      throw new Error(`the replica stays behind: ${JSON.stringify({ own, theirs })}`)
    }
  }

  async #open(): Promise<void> {
    this.#store = await storeIn(path.join(this.#folder, 'author'))
    this.#logs = await logsOf(this.#store)
    this.#stream = await openStream({ name: 's', ...this.#logs, definition: plain })
    this.#pictures.set(this.#stream.status().position, this.#model.picture())
  }

  async #write(all: readonly Write[], throws: boolean): Promise<void> {
    const writing = this.#stream.main.write((tx) => {
      perform(all, tx)
      if (throws) throw new RangeError('on purpose')
    })
    await writing.catch((error: unknown) => {
      if (!(error instanceof RangeError)) throw error
    })
    if (!throws) this.#model.apply(all)
  }

  async #together(transactions: readonly (readonly Write[])[]): Promise<void> {
    const { main } = this.#stream
    await Promise.all(
      transactions.map((all) =>
        main.write(async (tx) => {
          await tx.get(bytes('a'))
          perform(all, tx)
        }),
      ),
    )
    for (const all of transactions) this.#model.apply(all)
  }

  async #reopen(): Promise<void> {
    await this.#disconnect()
    await this.#stream.close()
    await this.#store.close()
    await this.#open()
  }

  async #connect(): Promise<void> {
    this.#cut ??= connect(this.#logs, this.#replicaLogs)
  }

  async #disconnect(): Promise<void> {
    await this.#cut?.()
    this.#cut = undefined
  }

  // What it shows is what the author had at that position, however far behind.
  async #checkReplica(): Promise<void> {
    const replica = this.#replica as Stream
    if (this.#cut === undefined) return
    await replica.update()
    const { position } = replica.status()
    const expected = this.#pictures.get(position)
    if (expected === undefined) throw new Error(`no transaction ends at ${position}`)
    equal(await pictureOf(replica.main), expected, `on the replica at ${position}`)
  }
}

function perform(
  all: readonly Write[],
  tx: Parameters<Parameters<InterfaceStream['write']>[0]>[0],
) {
  for (const one of all) {
    if (one.type === 'put') tx.put(bytes(one.key), ofFill(one))
    else if (one.type === 'del') tx.del(bytes(one.key))
    else tx.append(ofFill(one))
  }
}

function equal(actual: string, expected: string, when: string): void {
  if (actual !== expected) throw new Error(`${when}: ${actual} instead of ${expected}`)
}

describe('a stream and its replica', () => {
  it('hold what a map and a list hold', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (commands) => {
        const run = new Run(await temporaryFolder())
        await run.begin()
        for (const one of commands) await run.step(one)
        await run.end()
      }),
      { numRuns: 25 },
    )
  })
})
