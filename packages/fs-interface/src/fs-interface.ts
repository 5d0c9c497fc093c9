import { defineInterface, type Retain } from '@datagram/stream'
import { openNodeFs } from './node-fs.ts'

/** Options of {@link fsInterface}. */
export interface FsOptions {
  /**
   * What is kept of contents and names that were overwritten, cut off or removed; default `'all'`. It is not
   * stored: say it at each open.
   */
  readonly retain?: Retain | undefined
}

/** Files as a stream interface: `dg.fs(name, options)` is `dg.open(name, fsInterface, options)`. */
export const fsInterface = defineInterface({
  name: 'fs',
  contract: 1,
  version: 1,
  open: (stream, _requires, options: FsOptions | undefined) => {
    if (stream.writable) stream.retain(options?.retain)
    return openNodeFs(stream)
  },
})
