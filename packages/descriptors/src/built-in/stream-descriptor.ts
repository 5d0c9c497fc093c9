import { defineDescriptor } from '../descriptor.ts'
import { creation, description } from './terms.ts'

/** A stream: what it is, whose it is, and where its two logs are. */
export const StreamDescriptor = defineDescriptor({
  name: 'StreamDescriptor',
  version: 1,
  description: 'A stream of Datagram: what it is and where it is (https://schema.org/Dataset).',
  fields: {
    type: { kind: 'text', index: true, description: 'the interface that writes it, like kv' },
    title: { kind: 'text', index: true, description: 'what people call it' },
    author: { kind: 'text', optional: true, index: true, description: 'whose it is' },
    indexer: { kind: 'link', optional: true, description: 'link of its indexer: what is shared' },
    dataLog: { kind: 'link', optional: true, description: 'link of its data log' },
    keywords: { kind: 'list', of: 'text', optional: true, index: true, description: 'labels' },
    contentSize: { kind: 'integer', optional: true, description: 'bytes of both logs' },
    ...creation,
    description,
  },
})
