import { createRequire } from 'node:module'
import type { Duplex } from 'node:stream'
import type { Muxer } from '@datagram/log-core'

/** What the tests use of hypercore as it comes from the registry, without anything of ours around it. */
export interface StockHypercore {
  readonly length: number
  ready(): Promise<void>
  update(options: { wait: boolean }): Promise<boolean>
  get(index: number): Promise<Uint8Array>
  replicate(isInitiator: boolean): Duplex
  close(): Promise<void>
}

interface StockHypercoreClass {
  new (folder: string, key: Uint8Array): StockHypercore
  createProtocolStream(isInitiator: boolean): Duplex
  getProtocolMuxer(stream: Duplex): Muxer
}

export const StockHypercore = createRequire(import.meta.url)('hypercore') as StockHypercoreClass
