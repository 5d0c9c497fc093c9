/// <reference path="../../log-core/test/declarations.d.ts" />
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type Log, openStore, type Store } from '@datagram/log-core'
import b4a from 'b4a'
import { onTestFinished } from 'vitest'
import { connectedMuxers } from '../../log-core/test/temporary-store.ts'
import {
  checkStream,
  defineInterface,
  type InterfaceDefinition,
  type InterfaceStream,
  openStream,
  type Requires,
  type Stream,
} from '../src/index.ts'

export const bytes = (text: string): Uint8Array => b4a.from(text)
export const text = (value: Uint8Array | undefined): string | undefined =>
  value && b4a.toString(value)
export const code = (expected: string) => ({ code: expected })

/** An interface that hands out its stream. */
export const plain = defineInterface({
  name: 'plain',
  contract: 1,
  version: 1,
  open: (stream: InterfaceStream) => ({ stream }),
})

/** For tests of packages that do not depend on the logs themselves. */
export { openStore }

/** A folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-stream-'))
  onTestFinished(() => fs.rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

export async function storeIn(folder: string): Promise<Store> {
  const store = await openStore(folder)
  onTestFinished(() => store.close())
  return store
}

export async function temporaryStore(): Promise<Store> {
  return storeIn(path.join(await temporaryFolder(), 'store'))
}

export interface Logs {
  readonly data: Log
  readonly index: Log
}

export const streamKey = b4a.alloc(32, 5)

export async function logsOf(store: Store, name = 'stream'): Promise<Logs> {
  return {
    data: await store.open(`${name}/data`, { cipherKey: b4a.alloc(32, 1) }),
    index: await store.open(`${name}/index`, { cipherKey: b4a.alloc(32, 2) }),
  }
}

export async function replicaLogsOf(store: Store, author: Logs): Promise<Logs> {
  return {
    data: await store.openRemote(author.data.key, { cipherKey: b4a.alloc(32, 1) }),
    index: await store.openRemote(author.index.key, { cipherKey: b4a.alloc(32, 2) }),
  }
}

/** Opens a stream; it is checked and closed when the test ends. */
export async function streamOver<Api extends object, Options, R extends Requires>(
  logs: Logs,
  definition: InterfaceDefinition<Api, Options, R>,
  options?: Options,
): Promise<Stream<Api>> {
  const stream = await openStream({ name: 'stream', ...logs, definition, options })
  onTestFinished(() => stream.close())
  return stream
}

/** A new stream of our own. */
export async function temporaryStream(): Promise<Stream<{ stream: InterfaceStream }>> {
  return streamOver(await logsOf(await temporaryStore()), plain)
}

/** Every block that is here, opened with its key: those that have the beginning of the secret in them. */
export async function finds({ data, index }: Logs, secret: Uint8Array): Promise<string[]> {
  const found: string[] = []
  for (const [name, log] of Object.entries({ data, index })) {
    for (let i = 0; i < log.length; i++) {
      if (!(await log.has(i))) continue
      if (b4a.indexOf(await log.get(i), secret.subarray(0, 1000)) !== -1) found.push(`${name} ${i}`)
    }
  }
  return found
}

/** Throws what is wrong with a stream, if anything is. */
export async function assertSound(stream: Stream): Promise<void> {
  const problems = await checkStream(stream)
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

/** Connects two log pairs in memory; returns how to cut the connection. */
export function connect(left: Logs, right: Logs): () => Promise<void> {
  const pair = connectedMuxers()
  const attachments = [
    left.data.attach(pair.left),
    left.index.attach(pair.left),
    right.data.attach(pair.right),
    right.index.attach(pair.right),
  ]
  return async () => {
    await Promise.all(attachments.map((one) => one.detach()))
  }
}

export async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** A log whose appends can be watched and made to fail. */
export function watchedLog(log: Log): {
  readonly log: Log
  appends: number
  /** Fails the next append: before it is written, or after. */
  failNext: 'before' | 'after' | undefined
  /** How many appends go well before one fails. */
  failAfter: number | undefined
} {
  const watch = {
    log,
    appends: 0,
    failNext: undefined as 'before' | 'after' | undefined,
    failAfter: undefined as number | undefined,
  }
  const watched = new Proxy(log, {
    get(target, key) {
      if (key === 'append') {
        return async (...append: Parameters<Log['append']>) => {
          watch.appends++
          if (watch.failAfter === 0) watch.failNext = 'before'
          watch.failAfter = watch.failAfter === undefined ? undefined : watch.failAfter - 1
          const fails = watch.failNext
          watch.failNext = undefined
          // Slow, so that other writes come while it is in flight.
          if (fails !== undefined) await new Promise((resolve) => setTimeout(resolve, 10))
          if (fails === 'before') throw new Error('the disk said no')
          const position = await target.append(...append)
          if (fails === 'after') throw new Error('the disk said no, later')
          return position
        }
      }
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return Object.assign(watch, { log: watched })
}

/** A new stream whose appends to the data log can be watched and made to fail. */
export async function watchedStream() {
  const { data, index } = await logsOf(await temporaryStore())
  const watched = watchedLog(data)
  const stream = await streamOver({ data: watched.log, index }, plain)
  watched.appends = 0
  return { watched, stream, main: stream.main }
}

/** The entries of a stream's own key space, as text. */
export async function entriesOf(stream: Stream): Promise<Record<string, string>> {
  const all = await listed(stream.main.index.range())
  return Object.fromEntries(all.map(([key, value]) => [b4a.toString(key), b4a.toString(value)]))
}

/** Lets everything else have its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
