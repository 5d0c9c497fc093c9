import { describe, expect, it } from 'vitest'
import {
  BYTES_RATIO_MAX,
  descriptorsTable,
  measureDescriptors,
} from '../src/descriptors-benchmark.ts'

describe('the benchmark of descriptors', () => {
  const rows = measureDescriptors({ name: 'descriptors', rounds: 1, json: false, quick: true })

  it('measures KeyValue and TimeSeriesPoint, and tells it as a table', () => {
    expect(rows).toHaveLength(5)
    expect(descriptorsTable(rows).split('\n')).toHaveLength(7)
  })

  it('has at most 60 % of the bytes of JSON where no long text is most of it', () => {
    for (const { data, bytes, jsonBytes, isSmall } of rows) {
      if (isSmall) expect(bytes / jsonBytes, data).toBeLessThanOrEqual(BYTES_RATIO_MAX)
      else expect(bytes, data).toBeLessThan(jsonBytes)
    }
  })
})
