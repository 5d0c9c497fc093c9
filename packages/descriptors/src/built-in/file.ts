import { defineDescriptor } from '../descriptor.ts'
import { creation, encodingFormat, fileContent, modified, searchableName } from './terms.ts'

/** A file: what it is called, what is in it, and the contents or where they are. */
export const File = defineDescriptor({
  name: 'File',
  version: 1,
  description: 'A file, with its contents or where they are (https://schema.org/MediaObject).',
  fields: { name: searchableName, encodingFormat, ...fileContent, ...creation, ...modified },
})
