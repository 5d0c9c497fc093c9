import type { Definition, FieldDefinition, KindDefinition } from './definition.ts'

const scalarWords = {
  text: 'text',
  integer: 'integer',
  bigint: 'integer of up to 256 bits',
  number: 'number',
  boolean: 'true or false',
  time: 'time',
  bytes: 'bytes',
  namedHash: 'named hash',
  link: 'link',
} as const

/** A definition in words, for people: a line for the type and one for each field, nested ones indented. */
export function definitionWords(definition: Definition): string {
  return lines(definition, '').join('\n')
}

function lines(definition: Definition, indent: string): string[] {
  const { name, version, fields } = definition
  const count = fields.length === 1 ? '1 field' : `${fields.length} fields`
  const about = sentence(definition.description, indent)
  const head = `${indent}${shownName(name)}, version ${version}, ${count}${about}`
  return [head, ...fields.flatMap((field) => fieldLines(field, `${indent}  `))]
}

function fieldLines(field: FieldDefinition, indent: string): string[] {
  const marks = `${field.optional ? ', optional' : ''}${field.index ? ', searchable' : ''}`
  const about = sentence(field.description, indent)
  const head = `${indent}${shownName(field.name)}: ${kindWords(field)}${marks}${about}`
  return [head, ...nestedIn(field).flatMap((nested) => lines(nested, `${indent}  `))]
}

function kindWords(kind: KindDefinition): string {
  switch (kind.kind) {
    case 'list':
      return `list of ${kindWords(kind.of)}`
    case 'map':
      return `map of ${kindWords(kind.of)}`
    case 'descriptor':
      return shownName(kind.of.name)
    case 'oneOf':
      return 'values' in kind
        ? `one of ${kind.values.map((value) => JSON.stringify(value)).join(', ')}`
        : `one of: ${kind.of.map(kindWords).join('; ')}`
    default:
      return scalarWords[kind.kind]
  }
}

function nestedIn(kind: KindDefinition): Definition[] {
  switch (kind.kind) {
    case 'list':
    case 'map':
      return nestedIn(kind.of)
    case 'descriptor':
      return [kind.of]
    case 'oneOf':
      return 'values' in kind ? [] : kind.of.flatMap(nestedIn)
    default:
      return []
  }
}

/** A description behind a dash; a stranger's may have lines, which are kept under what they describe. */
function sentence(description: string | undefined, indent: string): string {
  return description === undefined ? '' : ` — ${description.replaceAll('\n', `\n${indent}    `)}`
}

/** A name, in quotes when it could be taken for something else. */
function shownName(name: string): string {
  return /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(name) ? name : JSON.stringify(name)
}
