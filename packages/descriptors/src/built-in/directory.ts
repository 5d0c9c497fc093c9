import { defineDescriptor } from '../descriptor.ts'
import { creation, modified, searchableName } from './terms.ts'

const Entry = defineDescriptor({
  name: 'DirectoryEntry',
  version: 1,
  fields: {
    name: { kind: 'text', description: 'what it is called in this directory' },
    identifier: {
      kind: 'oneOf',
      of: ['namedHash', 'link', 'text'],
      description: 'which thing it is',
    },
    contentSize: { kind: 'integer', optional: true, description: 'bytes of it' },
    isDirectory: {
      kind: 'boolean',
      optional: true,
      description: 'whether it has parts of its own',
    },
  },
})

/** A directory: which files and directories there are in it, and under what names. */
export const Directory = defineDescriptor({
  name: 'Directory',
  version: 1,
  description: 'A directory of files and directories (https://schema.org/Collection).',
  fields: {
    name: searchableName,
    hasPart: { kind: 'list', of: Entry, description: 'what is in it' },
    ...creation,
    ...modified,
  },
})
