import type { Invariant } from '@datagram/fault-harness'
import { type Log, openStore, type Store } from '../../src/index.ts'
import { payloadOf, readPayload } from './payloads.ts'

/** One acknowledged batch of the writer: position, number, count of blocks, bytes a block. */
export type Acknowledged = readonly [position: number, number: number, count: number, bytes: number]

/**
 * What must hold of a log that children/writer.ts wrote to, after anything that happened to its
 * process: no acknowledged batch is missing, and none is there in part.
 */
export function writtenLogInvariants(log: Log, acknowledged: readonly Acknowledged[]): Invariant[] {
  return [
    {
      name: 'the log is whole and writable',
      check: () => ((log.problem ?? !log.writable) ? `it is not: ${log.problem}` : undefined),
    },
    {
      name: 'every acknowledged batch is at its place',
      check: () => acknowledgedAreThere(log, acknowledged),
    },
    {
      name: 'every block is one that was written, and no batch is there in part',
      check: () => batchesAreWhole(log),
    },
  ]
}

async function acknowledgedAreThere(
  log: Log,
  acknowledged: readonly Acknowledged[],
): Promise<string | undefined> {
  for (const [position, number, count, bytes] of acknowledged) {
    for (let part = 0; part < count; part++) {
      if (position + part >= log.length) {
        return `batch ${number} was acknowledged at ${position}, but the log has ${log.length} blocks`
      }
      const payload = await log.get(position + part)
      if (Buffer.compare(payload, payloadOf({ number, part, count, bytes })) !== 0) {
        return `block ${position + part} is not part ${part} of batch ${number}`
      }
    }
  }
  return undefined
}

async function batchesAreWhole(log: Log): Promise<string | undefined> {
  let expected: { number: number; part: number } | undefined
  for await (const { index, payload, batchEnd } of log.range()) {
    const numbers = readPayload(payload)
    if (numbers === undefined) return `block ${index} is none that was written`
    const { number, part, count } = numbers
    if (part !== (expected?.part ?? 0)) return `block ${index} is part ${part} of batch ${number}`
    if (expected !== undefined && number !== expected.number)
      return `block ${index} interrupts a batch`
    if (batchEnd !== (part === count - 1)) return `block ${index} has the wrong end mark`
    expected = batchEnd ? undefined : { number, part: part + 1 }
  }
  return expected === undefined ? undefined : `the last batch, ${expected.number}, is there in part`
}

/** Opens the writer's store and log, and closes both. */
export async function withWrittenLog<T>(
  folder: string,
  use: (log: Log, store: Store) => Promise<T>,
): Promise<T> {
  const store = await openStore(folder)
  try {
    return await use(await store.open('log'), store)
  } finally {
    await store.close()
  }
}
