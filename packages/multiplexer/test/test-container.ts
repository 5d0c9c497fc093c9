import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Replicable, ReplicableStream } from '@datagram/container'
import { type Log, openStore, type Store } from '@datagram/log-core'
import { onTestFinished } from 'vitest'

/** A stream of a test: two plain logs, so that what was written is found in the bytes on the wire. */
export interface TestStream extends ReplicableStream {
  readonly index: Log
  readonly data: Log
}

export interface StreamFacts {
  readonly type?: string
  readonly labels?: readonly string[]
}

/** A store in a folder of its own; both go when the test ends. */
export async function temporaryStore(): Promise<Store> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-multiplexer-'))
  const store = await openStore(path.join(folder, 'store'))
  onTestFinished(async () => {
    await store.close()
    await fs.rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return store
}

/** What the multiplexer asks of a container, over real logs, and nothing else of a container. */
export class TestContainer implements Replicable {
  readonly store: Store
  readonly root: TestStream
  readonly #streams = new Map<string, TestStream>()
  readonly #added = new Set<(stream: ReplicableStream) => void>()
  readonly #changed = new Set<(stream: ReplicableStream) => void>()
  readonly #removed = new Set<(id: Uint8Array) => void>()

  constructor(store: Store, root: TestStream) {
    this.store = store
    this.root = root
    this.#streams.set(keyOf(root.id), root)
  }

  /** A container of its own streams. */
  static async create(): Promise<TestContainer> {
    const store = await temporaryStore()
    return new TestContainer(store, await ownStream(store, 'root', { type: 'container' }))
  }

  /** A container that begins with somebody's root, as a clone does. */
  static async clone(origin: TestContainer): Promise<TestContainer> {
    const store = await temporaryStore()
    return new TestContainer(store, await replicaStream(store, origin.root))
  }

  streams(): readonly TestStream[] {
    return [...this.#streams.values()]
  }

  onStreamAdded(listener: (stream: ReplicableStream) => void): () => void {
    this.#added.add(listener)
    return () => this.#added.delete(listener)
  }

  onStreamChanged(listener: (stream: ReplicableStream) => void): () => void {
    this.#changed.add(listener)
    return () => this.#changed.delete(listener)
  }

  onStreamRemoved(listener: (id: Uint8Array) => void): () => void {
    this.#removed.add(listener)
    return () => this.#removed.delete(listener)
  }

  /** Makes a stream of its own, with one object in it where `text` is given. */
  async make(name: string, facts: StreamFacts = {}, text?: string): Promise<TestStream> {
    const stream = await ownStream(this.store, name, facts)
    if (text !== undefined) await stream.data.append({ payload: Buffer.from(text) })
    return this.add(stream)
  }

  /** Opens somebody's stream, as a container does when it has learnt the key. */
  async take(stream: ReplicableStream): Promise<TestStream> {
    return this.add(await replicaStream(this.store, stream))
  }

  add(stream: TestStream): TestStream {
    this.#streams.set(keyOf(stream.id), stream)
    for (const listener of this.#added) listener(stream)
    return stream
  }

  change(stream: TestStream): void {
    this.#streams.set(keyOf(stream.id), stream)
    for (const listener of this.#changed) listener(stream)
  }

  remove(stream: ReplicableStream): void {
    this.#streams.delete(keyOf(stream.id))
    for (const listener of this.#removed) listener(stream.id)
  }
}

export async function ownStream(
  store: Store,
  name: string,
  facts: StreamFacts = {},
): Promise<TestStream> {
  const index = await store.open(`${name}/index`, { cipherKey: null })
  const data = await store.open(`${name}/data`, { cipherKey: null })
  return streamOf(index, data, facts)
}

export async function replicaStream(store: Store, stream: ReplicableStream): Promise<TestStream> {
  const [index, data] = await Promise.all(
    stream.logs.map(({ key }) => store.openRemote(key, { cipherKey: null })),
  )
  return streamOf(index as Log, data as Log, stream)
}

export function streamOf(
  index: Log,
  data: Log,
  { type = 'kv', labels = [] }: StreamFacts = {},
): TestStream {
  return { id: index.discoveryKey, key: index.key, type, labels, logs: [index, data], index, data }
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id).toString('hex')
}
