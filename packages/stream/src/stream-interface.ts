import { defineInterface } from './interface-definition.ts'
import { ObjectStream } from './object-stream.ts'

/** A stream of objects of any types, as a stream interface: `dg.stream(name)` opens it. */
export const streamInterface = defineInterface({
  name: 'stream',
  contract: 1,
  version: 1,
  open: (stream): ObjectStream => new ObjectStream(stream),
})
