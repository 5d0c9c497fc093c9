// Appends to a log in a corestore until it is killed; acknowledges the length after each append.
import { acknowledge, childOptions, storeFiles } from '@datagram/fault-harness'
import { createRequire } from 'node:module'

interface Options {
  readonly folder: string
  readonly settings: object
  /** Per append. */
  readonly blocks: number
  readonly blockBytes: number
  /** Dies when two write-ahead logs are in use, the newer one with something in it. */
  readonly untilTwoLogs?: boolean
}

interface Core {
  ready(): Promise<void>
  append(blocks: Uint8Array[]): Promise<{ length: number }>
}

const require = createRequire(import.meta.url)
const Corestore = require('corestore') as {
  new (storage: object): { get(options: object): Core }
}
const HypercoreStorage = require('hypercore-storage') as {
  new (folder: string, settings: object): object
}

const { folder, settings, blocks, blockBytes, untilTwoLogs } = childOptions<Options>()
const core = new Corestore(new HypercoreStorage(folder, settings)).get({ name: 'log' })
await core.ready()
for (let i = 0; ; i++) {
  const batch = Array.from({ length: blocks }, () => Buffer.alloc(blockBytes, i))
  acknowledge((await core.append(batch)).length)
  if (untilTwoLogs !== true) continue
  const logs = (await storeFiles(folder)).filter(({ kind }) => kind === 'wal')
  if (logs.length === 2 && logs[1]!.bytes > 100_000) process.kill(process.pid, 'SIGKILL')
}
