import { defineDescriptor } from '../descriptor.ts'

/** One entry of a key/value store. */
export const KeyValue = defineDescriptor({
  name: 'KeyValue',
  version: 1,
  description: 'A value by its key (https://schema.org/PropertyValue).',
  fields: {
    key: { kind: 'text', index: true, description: 'which value it is' },
    value: {
      kind: 'oneOf',
      of: ['text', 'bytes', 'integer', 'number', 'boolean'],
      description: 'what it is',
    },
  },
})
