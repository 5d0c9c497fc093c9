import { defineDescriptor } from '../descriptor.ts'
import { StreamDescriptor } from './stream-descriptor.ts'
import { creation, description } from './terms.ts'

/** A container: streams that belong together. */
export const ContainerDescriptor = defineDescriptor({
  name: 'ContainerDescriptor',
  version: 1,
  description: 'Streams that belong together (https://schema.org/DataCatalog).',
  fields: {
    title: { kind: 'text', index: true, description: 'what people call it' },
    author: { kind: 'text', optional: true, index: true, description: 'whose it is' },
    url: { kind: 'link', optional: true, description: 'link of the whole' },
    hasPart: { kind: 'list', of: StreamDescriptor, description: 'its streams' },
    ...creation,
    description,
  },
})
