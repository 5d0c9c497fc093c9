import { defineDescriptor } from '../descriptor.ts'
import { creation, modified } from './terms.ts'

/** Any JSON, as its text: for data that has no type of its own yet. */
export const Json = defineDescriptor({
  name: 'Json',
  version: 1,
  description: 'Any JSON (RFC 8259), for data that has no type of its own.',
  fields: {
    text: { kind: 'text', description: 'the JSON, as it was written' },
    name: { kind: 'text', optional: true, index: true, description: 'what it is called' },
    ...creation,
    ...modified,
  },
})
