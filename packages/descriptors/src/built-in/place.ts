import { defineDescriptor } from '../descriptor.ts'
import { description, searchableName, url } from './terms.ts'

/** Somewhere. */
export const Place = defineDescriptor({
  name: 'Place',
  version: 1,
  description: 'Somewhere (https://schema.org/Place).',
  fields: {
    name: searchableName,
    address: { kind: 'text', optional: true, description: 'as it is written on a letter' },
    latitude: { kind: 'number', optional: true, index: true, description: 'WGS 84, in degrees' },
    longitude: { kind: 'number', optional: true, index: true, description: 'WGS 84, in degrees' },
    elevation: { kind: 'number', optional: true, description: 'metres above sea level' },
    telephone: { kind: 'text', optional: true },
    url,
    description,
  },
})
