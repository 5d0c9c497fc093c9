import type { Row } from './row.ts'
import { filesRows } from './files/files-rows.ts'
import { fullFilesSizes, quickFilesSizes } from './files/files-sizes.ts'
import { kvRows } from './rows/kv-rows.ts'
import { fullSizes, quickSizes } from './sizes.ts'

export type BenchmarkName = 'kv' | 'files'

/** A benchmark that is made of rows, in its full or its quick sizes. */
export interface RowBenchmark {
  readonly name: BenchmarkName
  readonly rows: readonly Row[]
  readonly sizes: Readonly<Record<string, number>>
  /** Packages that it compares with, whose versions matter. */
  readonly peers: readonly string[]
}

export function rowBenchmark(name: BenchmarkName, quick: boolean): RowBenchmark {
  if (name === 'files') {
    const sizes = quick ? quickFilesSizes : fullFilesSizes
    const peers = ['hyperdrive', 'corestore', 'isomorphic-git']
    return { name, rows: filesRows(sizes), sizes: { ...sizes }, peers }
  }
  const sizes = quick ? quickSizes : fullSizes
  const peers = ['hyperbee', 'hyperbee2', 'classic-level', 'lmdb', 'corestore']
  return { name, rows: kvRows(sizes), sizes: { ...sizes }, peers }
}
