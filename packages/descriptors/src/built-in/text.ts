import { defineDescriptor } from '../descriptor.ts'
import { creation, encodingFormat, inLanguage, modified } from './terms.ts'

/** A text, long or short. */
export const Text = defineDescriptor({
  name: 'Text',
  version: 1,
  description: 'A text (https://schema.org/TextDigitalDocument).',
  fields: {
    text: { kind: 'text', description: 'the text itself' },
    name: { kind: 'text', optional: true, index: true, description: 'its title' },
    encodingFormat,
    inLanguage,
    author: { kind: 'text', optional: true, index: true, description: 'who wrote it' },
    ...creation,
    ...modified,
  },
})
