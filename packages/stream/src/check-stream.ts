import type { WaitOptions } from '@datagram/log-core'
import b4a from 'b4a'
import { BodyReader } from './body-reader.ts'
import { contentsBounds, contentsNumber, decodeContents } from './contents-entry.ts'
import { readEntry } from './entry-value.ts'
import { firstKey, MAIN_SPACE } from './key-space.ts'
import { blocksOf, type Place } from './place.ts'
import { scanObjects } from './scan-objects.ts'
import type { Stream } from './stream.ts'

/** Something that holds whenever nobody is writing. `check` returns what is wrong, or undefined. */
export interface StreamInvariant {
  readonly name: string
  readonly check: () => Promise<string | undefined>
}

// Findings that one message names before it stops.
const FINDINGS_MAX = 5

/**
 * What must hold of a stream's logs and index. Checking reads the whole data log and every entry, so it is
 * for tests and for care. The stream must not be written meanwhile.
 */
export function streamInvariants(stream: Stream, wait: WaitOptions = {}): StreamInvariant[] {
  return [
    {
      name: 'neither what the index covers nor what reads show is longer than the data log',
      check: async () => checkLengths(stream),
    },
    {
      name: 'the table of contents says what a scan of the data log finds',
      check: async () => summary(await checkContents(stream, wait)),
    },
    {
      name: 'every live entry can be read, and what it points at lies in the data log',
      check: async () => summary(await checkEntries(stream, wait)),
    },
  ]
}

/** Checks the {@link streamInvariants} and gives what is wrong: nothing, when all hold. */
export async function checkStream(stream: Stream, wait?: WaitOptions): Promise<readonly string[]> {
  const problems: string[] = []
  for (const { name, check } of streamInvariants(stream, wait)) {
    const problem = await check()
    if (problem !== undefined) problems.push(`${name}: ${problem}`)
  }
  return problems
}

function checkLengths(stream: Stream): string | undefined {
  const { dataLength, position, covers } = stream.status()
  if (covers <= position && position <= dataLength) return undefined
  return `the index covers ${covers}, reads show ${position}, the data log has ${dataLength} blocks`
}

async function checkContents(stream: Stream, wait: WaitOptions): Promise<string[]> {
  const listed = new Map<number, string | undefined>()
  for await (const [key, value] of stream.index.range({ ...contentsBounds, ...wait })) {
    const { descriptor, place } = decodeContents(value)
    // Of one that was forgotten, the log may have the bare operation, or nothing.
    listed.set(contentsNumber(key), place && lineOf(descriptor, place))
  }
  const problems: string[] = []
  const scanned = new Map<number, string | undefined>()
  for await (const { n, descriptor, place } of scanObjects(stream.blocks, wait)) {
    scanned.set(n, place && lineOf(descriptor, place))
  }
  for (const [n, expected] of scanned) {
    const actual = listed.has(n) ? listed.get(n) : 'missing'
    listed.delete(n)
    if (actual !== undefined && actual !== expected) {
      problems.push(`object ${n} should be ${expected ?? 'forgotten'} and is ${actual}`)
    }
  }
  for (const [n, line] of listed) {
    if (line !== undefined) problems.push(`object ${n} is not in the data log`)
  }
  return problems
}

async function checkEntries(stream: Stream, wait: WaitOptions): Promise<string[]> {
  const bodies = new BodyReader(stream.blocks, stream.main.signal)
  const { dataLength } = stream.status()
  const problems: string[] = []
  const entries = stream.index.range({ gte: firstKey(MAIN_SPACE), ...wait })
  for await (const [key, value] of entries) {
    try {
      const entry = readEntry(value)
      if (entry instanceof Uint8Array) continue
      if (entry.block + blocksOf(entry) > dataLength)
        throw new Error('it points beyond the data log')
      await bodies.read(entry, wait)
    } catch (error) {
      problems.push(`the entry ${b4a.toString(key, 'hex')}: ${(error as Error).message}`)
    }
  }
  return problems
}

function summary(problems: readonly string[]): string | undefined {
  if (problems.length === 0) return undefined
  const more = problems.length > FINDINGS_MAX ? `, and ${problems.length - FINDINGS_MAX} more` : ''
  return problems.slice(0, FINDINGS_MAX).join('; ') + more
}

function lineOf(descriptor: number, { block, offset, size, chunkBytes }: Place): string {
  const where = chunkBytes === undefined ? `offset ${offset}` : `chunks of ${chunkBytes}`
  return `descriptor ${descriptor}, block ${block}, ${where}, ${size} bytes`
}
