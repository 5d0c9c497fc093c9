/*
 * Fields that several of the built-in types have, each meaning what schema.org says of the property with
 * this name.
 */

/** What a thing is called. */
export const searchableName = {
  kind: 'text',
  index: true,
  description: 'what it is called',
} as const

/** What a file is of. */
export const encodingFormat = {
  kind: 'text',
  optional: true,
  index: true,
  description: 'media type, like image/png',
} as const

/** What is in a file, or where that is. */
export const fileContent = {
  contentSize: { kind: 'integer', optional: true, description: 'bytes of the contents' },
  sha256: { kind: 'namedHash', optional: true, index: true, description: 'hash of the contents' },
  contentUrl: { kind: 'link', optional: true, description: 'where the contents are' },
  content: { kind: 'bytes', optional: true, description: 'the contents themselves' },
} as const

/** When something was made. */
export const creation = {
  dateCreated: { kind: 'time', optional: true, index: true, description: 'when it was made' },
} as const

/** When something was changed. */
export const modified = {
  dateModified: { kind: 'time', optional: true, index: true, description: 'when it was changed' },
} as const

/** What a thing is, in words. */
export const description = {
  kind: 'text',
  optional: true,
  description: 'what it is, in some words',
} as const

/** The language of a text. */
export const inLanguage = {
  kind: 'text',
  optional: true,
  description: 'language of the text, a BCP 47 tag like de-AT',
} as const

/** Where more is to be found. */
export const url = {
  kind: 'link',
  optional: true,
  description: 'where more is to be found',
} as const
