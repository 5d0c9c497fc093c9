import assert from 'node:assert/strict'
import path from 'node:path'
import { isDatagramError } from '@datagram/errors'
import { type Random, seededRun, soakFactor } from '@datagram/fault-harness'
import type { Store } from '@datagram/log-core'
import b4a from 'b4a'
import { it } from 'vitest'
import { AloneNotes, type InterfaceStream, openStream, type Stream } from '../../src/index.ts'
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
  text,
} from '../open-streams.ts'

const RUNS = 2 * soakFactor()
const STEPS = 35
const KEYS = ['a', 'aa', 'ab', 'b', 'c']
const SIZES = [12, 90, 1024, 1025, 30_000, 70_000, 300_000]

interface Known {
  /** What reads show; undefined: nothing, or that it was forgotten. */
  now: string | undefined
  /** Every value that it ever had and that was not forgotten. */
  had: string[]
}

/** What an author's stream must hold, and what must be found nowhere. */
class Model {
  readonly entries = new Map(KEYS.map((key): [string, Known] => [key, { now: undefined, had: [] }]))
  readonly objects: Known[] = []
  readonly gone: string[] = []
  #next = 0

  /** A value that begins with what nothing else has in it. */
  value(random: Random): string {
    const tag = `#${String(this.#next++).padStart(8, '0')}#`
    return tag.padEnd(random.pick(SIZES), 'v')
  }

  set(known: Known, value: string | undefined, previous: 'keep' | 'forget' = 'keep'): void {
    if (previous === 'forget') this.gone.push(...known.had.splice(0))
    known.now = value
    if (value !== undefined) known.had.push(value)
  }

  picture(): string {
    const entries = [...this.entries].filter(([, { now }]) => now !== undefined)
    const shown = entries.map(([key, { now }]) => `${key}=${shortOf(now)}`)
    return [...shown, ...this.objects.map(({ now }) => shortOf(now))].join(' ')
  }
}

const shortOf = (value: string | undefined) => value && `${value.slice(0, 10)}×${value.length}`

async function pictureOf(main: InterfaceStream, isAlone: (n: number) => boolean): Promise<string> {
  const entries = await listed(main.index.range())
  const shown = entries.map(([key, value]) => `${text(key)}=${shortOf(text(value))}`)
  for await (const object of main.objects()) {
    if (isAlone(object.n)) {
      await assert.rejects(object.read(), ({ code }: { code?: string }) =>
        /FORGOTTEN/.test(`${code}`),
      )
      shown.push('alone')
    } else shown.push(object.forgotten ? 'undefined' : String(shortOf(text(await object.read()))))
  }
  return shown.map((one) => (one === 'undefined' ? '' : one)).join(' ')
}

/** Whether one of these is in a block that is here. */
async function foundIn(logs: Logs, values: readonly string[]): Promise<string[]> {
  const tags = values.map((value) => b4a.from(value.slice(0, 10)))
  const found: string[] = []
  for (const [name, log] of Object.entries(logs)) {
    for (const { start, end } of log.here({ start: 0, end: log.length })) {
      for (let i = start; i < end; i++) {
        const payload = await log.get(i)
        const tag = tags.find((one) => b4a.indexOf(payload, one) !== -1)
        if (tag !== undefined) found.push(`${name} ${i}: ${b4a.toString(tag)}`)
      }
    }
  }
  return found
}

/** Tries until it gives nothing; what it then still gives is the failure. What it throws counts as something. */
async function comesToNothing(attempt: () => Promise<readonly unknown[]>): Promise<void> {
  for (const end = Date.now() + 60_000; ; ) {
    const found = await attempt().catch((error: unknown) => [error])
    if (found.length === 0) return
    if (Date.now() > end) assert.deepEqual(found, [])
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

interface Side {
  readonly store: Store
  readonly logs: Logs
  readonly stream: Stream
}

class Run {
  readonly #random: Random
  readonly #folder: string
  readonly #model = new Model()
  readonly #alone = new Set<number>()
  #author!: Side
  #replica!: Side
  #cut: (() => Promise<void>) | undefined

  constructor(random: Random, folder: string) {
    this.#random = random
    this.#folder = folder
  }

  async all(): Promise<void> {
    this.#author = await this.#openAuthor()
    this.#replica = await this.#openReplica()
    for (let step = 0; step < STEPS; step++) await this.#step()
    await this.#catchUp()
    await this.#checkAll()
    await this.#reopenAuthor()
    await this.#reopenReplica()
    await this.#catchUp()
    await this.#checkAll()
    await this.#closeAll()
  }

  get #main(): InterfaceStream {
    return this.#author.stream.main
  }

  async #step(): Promise<void> {
    const random = this.#random
    const write = () => this.#write()
    const steps = [
      ...[write, write, write, write],
      () => this.#update(),
      () => this.#update(),
      () => this.#forgetSome(),
      () => this.#forgetSome(),
      () => this.#forgetRange(),
      () => this.#catchUp(),
      () => this.#replicaAlone(),
      () => this.#evict(),
      () => this.#author.stream.index.flush(),
      () => this.#disconnect(),
      () => this.#connect(),
      () => this.#reopenAuthor(),
      () => this.#reopenReplica(),
    ]
    await random.pick(steps)()
  }

  async #write(): Promise<void> {
    const random = this.#random
    const model = this.#model
    const previous = random.pick(['keep', 'keep', 'forget'] as const)
    const puts = random.shuffled(KEYS).slice(0, random.between(0, 3))
    const values = puts.map(() => (random.chance(0.2) ? undefined : model.value(random)))
    const bodies = Array.from({ length: random.between(0, 3) }, () => model.value(random))
    await this.#main.write((tx) => {
      puts.forEach((key, i) => {
        const value = values[i]
        if (value === undefined) tx.del(bytes(key), { previous })
        else tx.put(bytes(key), bytes(value), { previous })
      })
      for (const body of bodies) tx.append(body)
    })
    puts.forEach((key, i) => model.set(model.entries.get(key) as Known, values[i], previous))
    for (const body of bodies) model.objects.push({ now: body, had: [body] })
  }

  async #update(): Promise<void> {
    const { objects } = this.#model
    if (objects.length === 0) return
    const n = this.#random.between(0, objects.length)
    const value = this.#model.value(this.#random)
    const previous = this.#random.pick(['keep', 'forget'] as const)
    await this.#main.update({ n }, value, { previous })
    this.#model.set(objects[n] as Known, value, previous)
    this.#alone.delete(n)
  }

  async #forgetSome(): Promise<void> {
    const random = this.#random
    const { objects, entries } = this.#model
    const numbers = [random.between(0, 40), random.between(0, objects.length + 1)]
    const keys = random.shuffled(KEYS).slice(0, random.between(0, 2))
    await this.#main.forget(...numbers.map((n) => ({ n })), ...keys.map(bytes))
    for (const n of numbers) this.#forgotten(objects[n])
    for (const key of keys) this.#forgotten(entries.get(key))
  }

  async #forgetRange(): Promise<void> {
    const { objects, entries } = this.#model
    const from = this.#random.between(0, objects.length + 1)
    await this.#main.forget({ gte: bytes('a'), lt: bytes('ab') }, { from, to: from + 2 })
    for (const key of ['a', 'aa']) this.#forgotten(entries.get(key))
    for (const known of objects.slice(from, from + 2)) this.#forgotten(known)
  }

  #forgotten(known: Known | undefined): void {
    if (known !== undefined) this.#model.set(known, undefined, 'forget')
  }

  async #evict(): Promise<void> {
    await this.#catchUp()
    const n = this.#random.between(0, this.#model.objects.length + 1)
    await this.#replica.stream.main.evict({ n }, bytes(this.#random.pick(KEYS)))
  }

  // What is in the tail of the log its author alone can forget; so nothing is.
  async #replicaAlone(): Promise<void> {
    await this.#author.stream.index.flush()
    await this.#catchUp()
    const { objects } = this.#model
    const { main } = this.#replica.stream
    const n = this.#random.between(0, objects.length + 1)
    if (objects[n]?.now === undefined) return
    if (this.#alone.delete(n)) await main.refetch({ n })
    else {
      const isForgotten = await main.forget({ n }).then(
        () => true,
        // It has heard of the blocks, and not yet of the head that covers them.
        (error: unknown) => {
          if (!isDatagramError(error, 'FORGET_NEEDS_AUTHOR')) throw error
          return false
        },
      )
      if (isForgotten) this.#alone.add(n)
    }
  }

  async #catchUp(): Promise<void> {
    await this.#connect()
    const { stream } = this.#replica
    // The author may go on forgetting in the background.
    await comesToNothing(async () => {
      await stream.update()
      const { position } = this.#author.stream.status()
      return stream.status().position >= position ? [] : [`it is behind ${position}`]
    })
    const isAlone = (n: number) => this.#alone.has(n) && this.#model.objects[n]?.now !== undefined
    const expected = this.#model.objects.map(({ now }, n) => (isAlone(n) ? 'alone' : shortOf(now)))
    const entries = this.#model
      .picture()
      .split(' ')
      .slice(0, -expected.length || undefined)
    const shown = await pictureOf(stream.main, isAlone)
    assert.equal(shown.trim(), [...entries, ...expected].join(' ').trim())
  }

  async #checkAll(): Promise<void> {
    const { gone } = this.#model
    const { logs, stream } = this.#author
    await comesToNothing(() => foundIn(logs, gone))
    assert.equal(await pictureOf(stream.main, () => false), this.#model.picture())
    await assertSound(stream)
    const replica = this.#replica
    // The author may go on dropping for a while, and the replica follows.
    const left = async () => {
      await replica.stream.update()
      await replica.stream.download()
      return foundIn(replica.logs, gone)
    }
    await comesToNothing(left)
    const alone = [...this.#alone].map((n) => this.#model.objects[n]?.now)
    const values = alone.filter((value) => value !== undefined)
    assert.deepEqual(await foundIn(replica.logs, values), [])
  }

  async #connect(): Promise<void> {
    this.#cut ??= connect(this.#author.logs, this.#replica.logs)
  }

  async #disconnect(): Promise<void> {
    await this.#cut?.()
    this.#cut = undefined
  }

  async #openAuthor(): Promise<Side> {
    const store = await storeIn(path.join(this.#folder, 'author'))
    const logs = await logsOf(store)
    return { store, logs, stream: await openStream({ name: 's', ...logs, definition: plain }) }
  }

  async #openReplica(): Promise<Side> {
    const store = await storeIn(path.join(this.#folder, 'replica'))
    const logs = await replicaLogsOf(store, this.#author.logs)
    await this.#disconnect()
    this.#cut = connect(this.#author.logs, logs)
    const notes = new AloneNotes(() => store.open('alone'))
    await notes.load()
    const alone = notes.of(logs.data.key)
    const stream = await openStream({ name: 'r', ...logs, definition: plain, alone })
    return { store, logs, stream }
  }

  async #reopenAuthor(): Promise<void> {
    await this.#disconnect()
    await close(this.#author)
    this.#author = await this.#openAuthor()
    await this.#connect()
  }

  async #reopenReplica(): Promise<void> {
    await this.#disconnect()
    await close(this.#replica)
    this.#replica = await this.#openReplica()
  }

  async #closeAll(): Promise<void> {
    await this.#disconnect()
    await close(this.#replica)
    await close(this.#author)
  }
}

async function close({ stream, store }: Side): Promise<void> {
  await stream.close()
  await store.close()
}

it('forgetting, updating, evicting, replicating and reopening show what a map and a list do', {
  timeout: 120_000 * RUNS,
}, async () => {
  for (let run = 0; run < RUNS; run++) {
    const folder = await temporaryFolder()
    await seededRun((random) => new Run(random, path.join(folder, `${run}`)).all())
  }
})
