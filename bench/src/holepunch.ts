import { createRequire } from 'node:module'
import type { Muxer } from '@datagram/log-core'

// Packages that ship no types, as far as the benchmark uses them. They are required and not imported:
// log-core declares modules of the same names, narrower, and a program can declare a module once.
const require = createRequire(import.meta.url)

/** A log of the peers' stores. */
export interface Core {
  readonly key: Buffer
  readonly length: number
  readonly byteLength: number
  ready(): Promise<void>
  update(options: { wait: boolean }): Promise<boolean>
  download(range: { start: number; end: number }): { done(): Promise<void> }
}

export interface Corestore {
  get(options: { name: string } | { key: Buffer }): Core
  replicate(stream: NoiseStream): unknown
  close(): Promise<void>
}

/** A Noise stream over a raw one. */
export interface NoiseStream {
  readonly opened: Promise<boolean>
  on(event: 'error', listener: (error: Error) => void): void
  destroy(): void
}

export interface HyperbeeBatch {
  put(key: string, value: string): Promise<void>
  flush(): Promise<void>
}

export interface HyperbeeEntry<T> {
  readonly key: T
  readonly value: T
}

/** Hyperbee with both encodings set to `utf-8`. */
export interface Hyperbee {
  ready(): Promise<void>
  put(key: string, value: string): Promise<void>
  batch(): HyperbeeBatch
  get(key: string): Promise<HyperbeeEntry<string> | null>
  createReadStream(range: object): AsyncIterable<HyperbeeEntry<string>>
  close(): Promise<void>
}

export interface Hyperbee2 {
  readonly core: Core
  ready(): Promise<void>
  /** Goes on from the newest block that the core knows of. */
  update(): void
  write(): { tryPut(key: Buffer, value: Buffer): void; flush(): Promise<void> }
  get(key: Buffer): Promise<HyperbeeEntry<Buffer> | null>
  createReadStream(range: object): AsyncIterable<HyperbeeEntry<Buffer>>
  close(): Promise<void>
}

/** A drive: a Hyperbee of names, and a log of contents. */
export interface Hyperdrive {
  readonly core: Core
  readonly key: Buffer
  ready(): Promise<void>
  getBlobs(): Promise<{ readonly core: Core } | null>
  put(path: string, bytes: Uint8Array): Promise<unknown>
  get(path: string): Promise<Buffer | null>
  createWriteStream(path: string): NodeJS.WritableStream
  createReadStream(path: string, range?: object): AsyncIterable<Buffer>
  download(folder: string): { done(): Promise<void> }
  /** Closes its store too. */
  close(): Promise<void>
}

const CorestoreClass = require('corestore') as new (folder: string) => Corestore
const HyperbeeClass = require('hyperbee') as new (core: Core, options: object) => Hyperbee
const Hyperbee2Class = require('hyperbee2') as new (store: Corestore, options?: object) => Hyperbee2
const HyperdriveClass = require('hyperdrive') as new (store: Corestore, key?: Buffer) => Hyperdrive
const NoiseClass = require('@hyperswarm/secret-stream') as new (
  initiator: boolean,
  raw: object,
) => NoiseStream
const ProtomuxClass = require('protomux') as new (stream: NoiseStream) => Muxer

export function openCorestore(folder: string): Corestore {
  return new CorestoreClass(folder)
}

export function openHyperbee(core: Core): Hyperbee {
  return new HyperbeeClass(core, { keyEncoding: 'utf-8', valueEncoding: 'utf-8' })
}

/** `key`: of somebody's log; default our own. */
export function openHyperbee2(store: Corestore, key?: Buffer): Hyperbee2 {
  return new Hyperbee2Class(store, key === undefined ? {} : { key })
}

/** `key`: of somebody's drive; default our own. */
export function openHyperdrive(store: Corestore, key?: Buffer): Hyperdrive {
  return new HyperdriveClass(store, key)
}

/** Encrypts a raw stream; one side is the initiator. */
export function noiseStream(initiator: boolean, raw: object): NoiseStream {
  const stream = new NoiseClass(initiator, raw)
  // The end of a link is the end of a measurement, and no failure.
  stream.on('error', () => undefined)
  return stream
}

export function muxerOver(stream: NoiseStream): Muxer {
  return new ProtomuxClass(stream)
}
