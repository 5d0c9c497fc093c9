import { defineDescriptor } from '../descriptor.ts'
import { Place } from './place.ts'
import { description, searchableName, url } from './terms.ts'

/** Something that takes place at some time. */
export const Event = defineDescriptor({
  name: 'Event',
  version: 1,
  description: 'Something that takes place at some time (https://schema.org/Event).',
  fields: {
    name: searchableName,
    startDate: { kind: 'time', index: true, description: 'when it begins' },
    endDate: { kind: 'time', optional: true, index: true, description: 'when it ends' },
    location: { kind: 'oneOf', of: ['text', Place], optional: true, description: 'where' },
    organizer: { kind: 'text', optional: true, index: true, description: 'who invites' },
    attendee: { kind: 'list', of: 'text', optional: true, index: true, description: 'who comes' },
    eventStatus: {
      kind: 'oneOf',
      values: ['EventScheduled', 'EventPostponed', 'EventRescheduled', 'EventCancelled'],
      optional: true,
      index: true,
      description: 'whether it takes place as planned',
    },
    url,
    description,
  },
})
