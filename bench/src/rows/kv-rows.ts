import type { Row } from '../row.ts'
import type { Sizes } from '../sizes.ts'
import { logRows } from './log-rows.ts'
import { nearRows } from './near-rows.ts'
import { remoteRows } from './remote-rows.ts'
import { sizeRows } from './size-rows.ts'

/** Every row of `bench kv`, in the order in which they run. */
export function kvRows(sizes: Sizes): Row[] {
  return [...nearRows(sizes), ...logRows(sizes), ...remoteRows(sizes), ...sizeRows(sizes)]
}
