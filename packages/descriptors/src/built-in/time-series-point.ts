import { defineDescriptor } from '../descriptor.ts'

/** One value of something that was measured again and again. */
export const TimeSeriesPoint = defineDescriptor({
  name: 'TimeSeriesPoint',
  version: 1,
  description: 'One of the values of something over time (https://schema.org/Observation).',
  fields: {
    observationDate: { kind: 'time', index: true, description: 'when it was so' },
    value: { kind: 'number', description: 'how much it was, in the unit' },
    variableMeasured: { kind: 'text', optional: true, index: true, description: 'what it is of' },
    unitText: { kind: 'text', optional: true, description: 'the unit, like °C' },
  },
})
