export { beginAnew } from './begin-anew.ts'
export { checkIndex } from './check-index.ts'
export { type IndexErrorCode } from './index-errors.ts'
export { KEY_BYTES_MAX, VALUE_BYTES_MAX } from './limits.ts'
export { openIndex } from './open-index.ts'
export type {
  AppliedAt,
  Index,
  IndexOperation,
  IndexOptions,
  IndexSnapshot,
  IndexStats,
} from './ordered-index.ts'
export type { IndexEntry, IndexScan, OrderedReader, RangeOptions } from './ordered-reader.ts'
