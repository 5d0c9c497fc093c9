// Appends to a log of a store until it is killed; acknowledges what is appended.
import { acknowledge, childOptions, Random, storeFiles } from '@datagram/fault-harness'
import type { Durability } from '../../../src/index.ts'
import { openStore } from '../../../src/index.ts'
import { payloadOf } from '../payloads.ts'

export interface WriterOptions {
  readonly folder: string
  readonly password?: string
  readonly durability?: Durability
  /** Blocks an append, at most; the number is drawn. Default 1. */
  readonly blocksMax?: number
  /** Payload bytes, at most; drawn. Default 100. */
  readonly bytesMax?: number
  /** Appends under way at once; default 1. */
  readonly parallel?: number
  readonly seed?: number
  /** Dies when two write-ahead logs are in use, the newer one with something in it. */
  readonly untilTwoLogs?: boolean
}

const options = childOptions<WriterOptions>()
const { folder, blocksMax = 1, bytesMax = 100, parallel = 1, seed = 1 } = options
const random = new Random(seed)
const store = await openStore(folder, {
  password: options.password,
  durability: options.durability ?? 'process',
})
const log = await store.open('log')
let next = log.length

async function writer(): Promise<void> {
  for (;;) {
    const count = random.between(1, blocksMax + 1)
    const bytes = random.between(1, bytesMax + 1)
    const number = next++
    // Each payload says how long its batch is and which part of it it is, so that a reader can tell.
    const batch = Array.from({ length: count }, (_, part) => ({
      payload: payloadOf({ number, part, count, bytes }),
    }))
    const position = await log.append(batch)
    acknowledge([position, number, count, bytes])
    if (options.untilTwoLogs !== true) continue
    const logs = (await storeFiles(folder)).filter(({ kind }) => kind === 'wal')
    if (logs.length === 2 && logs[1]!.bytes > 100_000) process.kill(process.pid, 'SIGKILL')
  }
}

await Promise.all(Array.from({ length: parallel }, writer))
