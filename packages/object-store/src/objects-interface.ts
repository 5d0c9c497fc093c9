import { defineInterface } from '@datagram/stream'
import { Objects } from './objects.ts'
import { resumeRebuild } from './projection.ts'
import { sweepUploads } from './upload.ts'

/** A store of objects as a stream interface: `dg.objects(name)` is `dg.open(name, objectsInterface)`. */
export const objectsInterface = defineInterface({
  name: 'objects',
  contract: 1,
  version: 1,
  open: async (stream): Promise<Objects> => {
    if (stream.writable) {
      stream.retain('latest')
      await sweepUploads(stream)
      await resumeRebuild(stream)
    }
    return new Objects(stream)
  },
})
