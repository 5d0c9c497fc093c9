import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import Protomux from 'protomux'
import { onTestFinished } from 'vitest'
import type { Muxer, Store, StoreOptions } from '../src/index.ts'
import { openStore } from '../src/index.ts'

/** A folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-log-core-'))
  onTestFinished(() => fs.rm(folder, { recursive: true, force: true }))
  return folder
}

/** A store in a folder of its own, closed when the test ends. */
export async function temporaryStore(options?: StoreOptions): Promise<Store> {
  const store = await openStore(path.join(await temporaryFolder(), 'store'), options)
  onTestFinished(() => store.close())
  return store
}

/** Two ends of an encrypted connection in memory. */
export interface MuxerPair {
  readonly left: Muxer
  readonly right: Muxer
  readonly destroyed: () => boolean
}

export function connectedMuxers(): MuxerPair {
  const a = new NoiseSecretStream(true)
  const b = new NoiseSecretStream(false)
  a.rawStream.pipe(b.rawStream).pipe(a.rawStream)
  a.on('error', () => undefined)
  b.on('error', () => undefined)
  onTestFinished(() => {
    a.destroy()
    b.destroy()
  })
  return {
    left: new Protomux(a),
    right: new Protomux(b),
    destroyed: () => a.destroyed || b.destroyed,
  }
}
