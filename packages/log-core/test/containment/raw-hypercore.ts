import { createRequire } from 'node:module'
import type { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'

// hypercore, corestore and hypercore-storage as they come, without log-core. They ship no types; here
// is what these tests touch, which is more than log-core itself uses (src/hypercore/declarations.d.ts).

export interface RawProof {
  readonly block: { readonly value: Uint8Array } | null
}

export interface RawCore {
  readonly key: Uint8Array
  readonly discoveryKey: Uint8Array
  readonly length: number
  readonly contiguousLength: number
  readonly writable: boolean
  readonly peers: readonly {
    readonly channel: { readonly closed: boolean }
    _remoteHasBlock(index: number): boolean
  }[]
  readonly state: { readonly storage: { readonly core: object }; readonly fork: number }
  readonly core: {
    readonly replicator: {
      attachTo(muxer: object): void
      detachFrom(muxer: object): void
      attached(muxer: object): boolean
    }
  }
  ready(): Promise<void>
  append(
    blocks: Uint8Array | string | readonly (Uint8Array | string)[],
  ): Promise<{ length: number }>
  get(
    index: number,
    options?: { timeout?: number; wait?: boolean; raw?: boolean },
  ): Promise<Uint8Array | null>
  clear(start: number, end?: number): Promise<unknown>
  proof(request: object): Promise<RawProof>
  download(range?: object): { done(): Promise<unknown>; destroy(): void }
  update(options?: object): Promise<boolean>
  purge(): Promise<void>
  setEncryptionKey(key: Uint8Array): Promise<void>
  replicate(stream: object): object
  close(): Promise<void>
  on(event: string, listener: () => void): void
}

export interface RawStorage {
  readonly path: string
  readonly db: {
    readonly _state: { readonly stats: { readonly readBatches: number; writeBatches: number } }
    flush(): Promise<void>
    iterator(): AsyncIterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>
  }
  ready(): Promise<void>
  compact(options?: object): Promise<void>
  close(): Promise<void>
  hasCore(discoveryKey: Uint8Array): Promise<boolean>
  deleteCore(pointers: object): Promise<void>
}

export interface RawStore {
  readonly storage: RawStorage
  ready(): Promise<void>
  get(options: object): RawCore
  close(): Promise<void>
}

export interface NoiseStream extends Duplex {
  readonly opened: Promise<boolean>
}

export interface RawMuxer {
  readonly stream: NoiseStream
  pair(filter: object, listener: (id: Uint8Array) => void): void
  getLastChannel(filter: object): { close(): void } | null
  opened(filter: { protocol: string; id?: Uint8Array }): boolean
  getLastChannel(filter: object): { close(): void } | null
  createChannel(options: object): {
    open(handshake?: unknown): void
    close(): void
    fullyOpened(): Promise<boolean>
    readonly closed: boolean
  }
}

const require = createRequire(import.meta.url)

export const RawHypercore = require('hypercore') as {
  new (folder: string, key?: Uint8Array | object, options?: object): RawCore
}
export const RawHypercoreStorage = require('hypercore-storage') as {
  new (folder: string, options?: object): RawStorage
}
export const RawCorestore = require('corestore') as {
  new (storage: string | RawStorage, options?: object): RawStore
}
const RawProtomux = require('protomux') as { new (stream: object): RawMuxer }
const RawNoiseStream = require('@hyperswarm/secret-stream') as {
  new (isInitiator: boolean, rawStream: Duplex): NoiseStream
}
export const hypercoreVersion = (require('hypercore/package.json') as { version: string }).version

/** The engine's settings that log-core uses (src/hypercore/engine.ts). */
export const mendedSettings = {
  blobGarbageCollectionAgeCutOff: 0.25,
  blobFileSize: 32 * 1024 * 1024,
  writeBufferSize: 8 * 1024 * 1024,
  walRecoveryMode: 0,
}

/** A Noise connection over the two ends of a raw one, a Protomux on each side. */
export function noiseMuxers(link: { readonly a: Duplex; readonly b: Duplex }) {
  const left = new RawNoiseStream(true, link.a)
  const right = new RawNoiseStream(false, link.b)
  for (const stream of [left, right]) stream.on('error', () => undefined)
  onTestFinished(() => {
    left.destroy()
    right.destroy()
  })
  return {
    left: new RawProtomux(left),
    right: new RawProtomux(right),
    opened: Promise.all([left.opened, right.opened]),
    isDestroyed: () => left.destroyed || right.destroyed,
    destroyed: new Promise<void>((resolve) => {
      left.once('close', () => resolve())
      right.once('close', () => resolve())
    }),
  }
}

/** A corestore that is closed when the test ends. */
export async function rawStore(folder: string, settings?: object): Promise<RawStore> {
  const store = new RawCorestore(
    settings === undefined ? folder : new RawHypercoreStorage(folder, settings),
  )
  onTestFinished(() => store.close().catch(() => undefined))
  await store.ready()
  return store
}

/** A log in a corestore, ready. */
export async function rawLog(store: RawStore, options: object = { name: 'log' }): Promise<RawCore> {
  const core = store.get(options)
  await core.ready()
  return core
}

export type Outcome<T> =
  | { readonly value: T }
  | { readonly error: NodeJS.ErrnoException }
  | 'waiting'

/** What a promise comes to within a time, without throwing. */
export async function outcome<T>(work: Promise<T>, withinMs: number): Promise<Outcome<T>> {
  let timer: NodeJS.Timeout | undefined
  const waiting = new Promise<'waiting'>((resolve) => {
    timer = setTimeout(() => resolve('waiting'), withinMs)
  })
  const settled = work.then(
    (value) => ({ value }),
    (error: NodeJS.ErrnoException) => ({ error }),
  )
  try {
    return await Promise.race([settled, waiting])
  } finally {
    clearTimeout(timer)
  }
}
