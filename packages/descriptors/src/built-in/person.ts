import { defineDescriptor } from '../descriptor.ts'
import { description, searchableName, url } from './terms.ts'

/** Somebody. */
export const Person = defineDescriptor({
  name: 'Person',
  version: 1,
  description: 'Somebody (https://schema.org/Person).',
  fields: {
    name: searchableName,
    givenName: { kind: 'text', optional: true },
    familyName: { kind: 'text', optional: true, index: true },
    email: { kind: 'list', of: 'text', optional: true, index: true, description: 'addresses' },
    telephone: { kind: 'list', of: 'text', optional: true, index: true, description: 'numbers' },
    address: { kind: 'text', optional: true, description: 'where to write to' },
    birthDate: { kind: 'text', optional: true, description: 'ISO 8601 date, like 1815-12-10' },
    jobTitle: { kind: 'text', optional: true },
    url,
    image: { kind: 'link', optional: true, description: 'a picture' },
    sameAs: { kind: 'list', of: 'link', optional: true, description: 'the same person elsewhere' },
    description,
  },
})
