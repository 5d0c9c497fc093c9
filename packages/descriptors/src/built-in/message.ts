import { defineDescriptor } from '../descriptor.ts'
import { inLanguage } from './terms.ts'

/** Something that somebody wrote to others. */
export const Message = defineDescriptor({
  name: 'Message',
  version: 1,
  description: 'Something that somebody wrote to others (https://schema.org/Message).',
  fields: {
    text: { kind: 'text', description: 'what was written' },
    sender: { kind: 'text', index: true, description: 'who wrote it: a name, an address or a key' },
    dateSent: { kind: 'time', index: true, description: 'when it was sent' },
    recipient: { kind: 'list', of: 'text', optional: true, index: true, description: 'to whom' },
    dateReceived: { kind: 'time', optional: true, description: 'when it arrived' },
    dateRead: { kind: 'time', optional: true, description: 'when it was read' },
    isPartOf: { kind: 'text', optional: true, index: true, description: 'the conversation' },
    inReplyTo: { kind: 'text', optional: true, index: true, description: 'message it answers' },
    messageAttachment: {
      kind: 'list',
      of: 'link',
      optional: true,
      description: 'what goes with it',
    },
    inLanguage,
  },
})
