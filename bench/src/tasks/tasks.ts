import { bareAppend } from './bare-append.ts'
import { fullScan } from './full-scan.ts'
import { largeLoad } from './large-load.ts'
import { load } from './load.ts'
import { logBytes } from './log-bytes.ts'
import { overwrite } from './overwrite.ts'
import { prepare } from './prepare.ts'
import { puts } from './puts.ts'
import { randomGet } from './random-get.ts'
import { remoteAll } from './remote-all.ts'
import { remoteGet } from './remote-get.ts'
import { remoteRange } from './remote-range.ts'
import { reopen } from './reopen.ts'

/** Everything that can be measured, by name. */
export const tasks = {
  load,
  puts,
  bareAppend,
  randomGet,
  fullScan,
  logBytes,
  largeLoad,
  reopen,
  remoteGet,
  remoteRange,
  remoteAll,
  overwrite,
  prepare,
}
