import { defineDescriptor } from '../descriptor.ts'
import { creation, description } from './terms.ts'

/** A link to something, with what is said of it. */
export const Url = defineDescriptor({
  name: 'Url',
  version: 1,
  description: 'A link to something (https://schema.org/URL).',
  fields: {
    url: { kind: 'link', index: true, description: 'where it leads' },
    name: { kind: 'text', optional: true, index: true, description: 'title of what is there' },
    description,
    keywords: { kind: 'list', of: 'text', optional: true, index: true, description: 'tags' },
    ...creation,
  },
})
