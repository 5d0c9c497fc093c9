import { onTestFinished } from 'vitest'
import { type Index, type IndexOptions, openIndex } from '../src/index.ts'
import type { MemoryLog } from './memory-log.ts'

/** The index over a log in memory, closed when the test ends. */
export async function indexOver(log: MemoryLog, options?: IndexOptions): Promise<Index> {
  const index = await openIndex(log, options)
  onTestFinished(() => index.close())
  return index
}
