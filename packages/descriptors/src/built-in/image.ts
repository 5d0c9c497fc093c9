import { defineDescriptor } from '../descriptor.ts'
import { creation, encodingFormat, fileContent, modified, searchableName } from './terms.ts'

/** A picture: a file that can be shown. */
export const Image = defineDescriptor({
  name: 'Image',
  version: 1,
  description: 'A picture (https://schema.org/ImageObject).',
  fields: {
    name: searchableName,
    encodingFormat,
    ...fileContent,
    ...creation,
    ...modified,
    width: { kind: 'integer', optional: true, description: 'in pixels' },
    height: { kind: 'integer', optional: true, description: 'in pixels' },
    caption: { kind: 'text', optional: true, description: 'what is to be seen' },
  },
})
