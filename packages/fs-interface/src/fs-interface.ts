import { defineInterface } from '@datagram/stream'
import { openNodeFs } from './node-fs.ts'

/** Files as a stream interface: `dg.fs(name)` is `dg.open(name, fsInterface)`. */
export const fsInterface = defineInterface({
  name: 'fs',
  contract: 1,
  version: 1,
  open: (stream) => openNodeFs(stream),
})
