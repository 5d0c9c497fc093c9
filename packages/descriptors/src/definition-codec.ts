import { isDatagramError } from '@datagram/errors'
import b4a from 'b4a'
import c, { type State } from 'compact-encoding'
import type { Definition, FieldDefinition, KindDefinition } from './definition.ts'
import { DEPTH_MAX, FIELDS_MAX, LITERALS_MAX } from './definition-limits.ts'
import { normaliseDefinition } from './definition-normaliser.ts'
import type { DescriptorLike } from './descriptor-mark.ts'
import { definitionDamaged, definitionUnknown, literalCodec } from './literal-codec.ts'

/*
 * A definition, format version 1. uint is compact-encoding's (one byte up to 252, else 0xfd, 0xfe or 0xff
 * and 2, 4 or 8 bytes, little endian); text is a uint with the length in bytes, then UTF-8.
 *
 *   offset  size  field
 *   0       1     magic, 0xdd
 *   1       1     format version, 1
 *   2       …     definition
 *
 *   definition            field                            kind
 *   text  name            text  name                       1     number of the kind, below
 *   uint  version         1     flags: 0x1 optional        …     list, map: the kind of the items
 *   text  description,          0x2 searchable             …     oneOf values: uint how many, values
 *         empty for none        0x4 a description follows  …     oneOf kinds: uint how many, kinds
 *   uint  how many fields text  description, with 0x4      …     descriptor: a definition
 *   …     fields          …     kind
 *
 * A value is drawn in literal-codec.ts.
 *
 * A definition has one encoding: bytes that say the same in another way (a longer uint, 0x4 with an empty
 * text) are damaged. Its id is the SHA-256 of these bytes, all of them.
 */
const MAGIC = 0xdd
const VERSION = 1
const FLAG_OPTIONAL = 0x1
const FLAG_INDEX = 0x2
const FLAG_DESCRIPTION = 0x4
const FLAGS = FLAG_OPTIONAL | FLAG_INDEX | FLAG_DESCRIPTION

/** The numbers of the kinds. A number, once given, stays. */
const kindNumbers = {
  text: 1,
  integer: 2,
  bigint: 3,
  number: 4,
  boolean: 5,
  time: 6,
  bytes: 7,
  namedHash: 8,
  link: 9,
} as const
const LIST = 16
const MAP = 17
const ONE_OF_VALUES = 18
const ONE_OF_KINDS = 19
const DESCRIPTOR = 20

const scalarNames = new Map<number, string>(
  Object.entries(kindNumbers).map(([name, number]) => [number, name]),
)

/**
 * The bytes of a definition, or of a descriptor's: what a stream carries so that strangers can read its
 * objects. Throws `DESCRIPTOR_INVALID`.
 */
export function encodeDefinition(input: Definition | DescriptorLike): Uint8Array {
  return encodeNormalised(normaliseDefinition(input))
}

/** The bytes of a definition that is known to be in its one plain form. */
export function encodeNormalised(definition: Definition): Uint8Array {
  const state = { start: 0, end: 2, buffer: new Uint8Array(0) }
  record.preencode(state, definition)
  state.buffer = new Uint8Array(state.end)
  state.buffer[0] = MAGIC
  state.buffer[1] = VERSION
  state.start = 2
  record.encode(state, definition)
  return state.buffer
}

/**
 * The definition in `bytes`, which may come from anybody. Throws `DESCRIPTOR_DAMAGED`,
 * `DESCRIPTOR_FORMAT_UNKNOWN` when a newer version of this package may read it, and `DESCRIPTOR_INVALID`
 * when it breaks the rules of definitions.
 */
export function decodeDefinition(bytes: Uint8Array): Definition {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('decodeDefinition takes a Uint8Array')
  if (bytes.length < 2 || bytes[0] !== MAGIC) throw definitionDamaged('they do not begin like one')
  if (bytes[1] !== VERSION) throw definitionUnknown(`its format version is ${bytes[1]}`)
  const state = { start: 2, end: bytes.length, buffer: bytes, depth: 0, fields: 0, values: 0 }
  const definition = normaliseDefinition(decodeParts(state))
  if (!b4a.equals(encodeNormalised(definition), bytes)) {
    throw definitionDamaged('they are not the one encoding of what they say')
  }
  return definition
}

/** Where decoding is, and what it has met, so that a stranger's bytes cost bounded work. */
interface DecodeState extends State {
  buffer: Uint8Array
  depth: number
  fields: number
  values: number
}

function decodeParts(state: DecodeState): Definition {
  try {
    return record.decode(state)
  } catch (cause) {
    if (isDatagramError(cause)) throw cause
    throw definitionDamaged('they end too early', cause)
  }
}

const record: PartCodec<Definition> = {
  preencode(state, { name, version, description = '', fields }) {
    c.utf8.preencode(state, name)
    c.uint.preencode(state, version)
    c.utf8.preencode(state, description)
    fieldsCodec.preencode(state, fields)
  },
  encode(state, { name, version, description = '', fields }) {
    c.utf8.encode(state, name)
    c.uint.encode(state, version)
    c.utf8.encode(state, description)
    fieldsCodec.encode(state, fields)
  },
  decode(state) {
    const name = c.utf8.decode(state)
    const version = c.uint.decode(state)
    const description = c.utf8.decode(state)
    return { name, version, description, fields: fieldsCodec.decode(state) }
  },
}

const field: PartCodec<FieldDefinition> = {
  preencode(state, definition) {
    c.utf8.preencode(state, definition.name)
    state.end += 1
    if (definition.description !== undefined) c.utf8.preencode(state, definition.description)
    kind.preencode(state, definition)
  },
  encode(state, definition) {
    const { name, optional, index, description } = definition
    c.utf8.encode(state, name)
    const flags = (optional ? FLAG_OPTIONAL : 0) | (index ? FLAG_INDEX : 0)
    c.uint8.encode(state, flags | (description === undefined ? 0 : FLAG_DESCRIPTION))
    if (description !== undefined) c.utf8.encode(state, description)
    kind.encode(state, definition)
  },
  decode(state) {
    const name = c.utf8.decode(state)
    const flags = c.uint8.decode(state)
    if ((flags & ~FLAGS) !== 0) throw definitionUnknown(`the flags of a field are ${flags}`)
    const description = (flags & FLAG_DESCRIPTION) === 0 ? '' : c.utf8.decode(state)
    return {
      name,
      ...kind.decode(state),
      ...((flags & FLAG_OPTIONAL) === 0 ? {} : { optional: true }),
      ...((flags & FLAG_INDEX) === 0 ? {} : { index: true }),
      ...(description === '' ? {} : { description }),
    }
  },
}

const kind: PartCodec<KindDefinition> = {
  preencode(state, definition) {
    state.end += 1
    if (definition.kind === 'list' || definition.kind === 'map')
      kind.preencode(state, definition.of)
    else if (definition.kind === 'descriptor') record.preencode(state, definition.of)
    else if (definition.kind !== 'oneOf') return
    else if ('values' in definition) literals.preencode(state, definition.values)
    else kinds.preencode(state, definition.of)
  },
  encode(state, definition) {
    c.uint8.encode(state, numberOf(definition))
    if (definition.kind === 'list' || definition.kind === 'map') kind.encode(state, definition.of)
    else if (definition.kind === 'descriptor') record.encode(state, definition.of)
    else if (definition.kind !== 'oneOf') return
    else if ('values' in definition) literals.encode(state, definition.values)
    else kinds.encode(state, definition.of)
  },
  decode(state) {
    if (++state.depth > DEPTH_MAX)
      throw definitionDamaged(`they go deeper than ${DEPTH_MAX} levels`)
    const definition = decodeKind(state, c.uint8.decode(state))
    state.depth--
    return definition
  },
}

/** One of the codecs here; `decode` counts what it meets. */
interface PartCodec<T> {
  preencode(state: State, value: T): void
  encode(state: State, value: T): void
  decode(state: DecodeState): T
}

/** Codec of a list of at most `most` parts, counted over the whole definition. */
function many<T>(
  part: PartCodec<T>,
  counter: 'fields' | 'values',
  most: number,
): PartCodec<readonly T[]> {
  return {
    preencode(state, parts) {
      c.uint.preencode(state, parts.length)
      for (const each of parts) part.preencode(state, each)
    },
    encode(state, parts) {
      c.uint.encode(state, parts.length)
      for (const each of parts) part.encode(state, each)
    },
    decode(state) {
      const count = c.uint.decode(state)
      state[counter] += count
      if (state[counter] > most) throw definitionDamaged(`they have more than ${most} ${counter}`)
      return Array.from({ length: count }, () => part.decode(state))
    },
  }
}

const fieldsCodec = many(field, 'fields', FIELDS_MAX)
const kinds = many(kind, 'fields', FIELDS_MAX)
const literals = many(literalCodec, 'values', LITERALS_MAX)

function numberOf(definition: KindDefinition): number {
  switch (definition.kind) {
    case 'list':
      return LIST
    case 'map':
      return MAP
    case 'oneOf':
      return 'values' in definition ? ONE_OF_VALUES : ONE_OF_KINDS
    case 'descriptor':
      return DESCRIPTOR
    default:
      return kindNumbers[definition.kind]
  }
}

function decodeKind(state: DecodeState, number: number): KindDefinition {
  const name = scalarNames.get(number)
  if (name !== undefined) return { kind: name } as KindDefinition
  switch (number) {
    case LIST:
      return { kind: 'list', of: kind.decode(state) }
    case MAP:
      return { kind: 'map', of: kind.decode(state) }
    case ONE_OF_VALUES:
      return { kind: 'oneOf', values: literals.decode(state) }
    case ONE_OF_KINDS:
      return { kind: 'oneOf', of: kinds.decode(state) }
    case DESCRIPTOR:
      return { kind: 'descriptor', of: record.decode(state) }
    default:
      throw definitionUnknown(`a kind has the number ${number}`)
  }
}
