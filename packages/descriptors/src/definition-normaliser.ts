import {
  type Definition,
  type FieldDefinition,
  isScalarKindName,
  type KindDefinition,
  type Literal,
} from './definition.ts'
import { DEPTH_MAX, FIELDS_MAX, LITERALS_MAX } from './definition-limits.ts'
import { checkLiteral, readDescription, readName, readVersion } from './definition-parts.ts'
import { alternativesProblem, isIndexable } from './definition-rules.ts'
import { descriptorError } from './descriptor-errors.ts'
import { isDescriptor } from './descriptor-mark.ts'
import { Inspection, problemsText } from './inspection.ts'

/**
 * The definition that `input` stands for, in its one plain and frozen form: from what was handed to
 * `defineDescriptor`, from parsed JSON, or from another program's bytes.
 *
 * Throws `DESCRIPTOR_INVALID` with all that is wrong in `details.problems`. The work is bounded whatever
 * the input holds, circles too.
 */
export function normaliseDefinition(input: unknown): Definition {
  const normaliser = new Normaliser()
  const definition = normaliser.definition(input, 1)
  const { problems } = normaliser.inspection
  if (definition !== undefined && problems.length === 0) return definition
  throw descriptorError(
    'DESCRIPTOR_INVALID',
    `the definition cannot be used: ${problemsText(problems)}; correct it where it was written`,
    { details: { problems } },
  )
}

type Properties = Record<string, unknown>
type Extras = Pick<FieldDefinition, 'optional' | 'index' | 'description'>

const definitionProperties = new Set(['name', 'version', 'description', 'fields'])
const kindProperties = ['kind', 'of', 'values']
const fieldProperties = ['name', ...kindProperties, 'optional', 'index', 'description']

class Normaliser {
  readonly inspection = new Inspection()
  #fields = 0
  #literals = 0

  definition(input: unknown, depth: number): Definition | undefined {
    const source = isDescriptor(input) ? input.definition : input
    if (!isProperties(source)) {
      this.inspection.expected('a definition: an object with name, version and fields', input)
      return undefined
    }
    this.#refuseOthers(source, definitionProperties)
    const name = this.#at('name', () => readName(own(source, 'name'), this.inspection))
    const version = this.#at('version', () => readVersion(own(source, 'version'), this.inspection))
    const description = this.#description(source)
    const fields = this.#at('fields', () => this.#fieldList(own(source, 'fields'), depth))
    if (name === undefined || version === undefined || fields === undefined) return undefined
    const described = description === undefined ? {} : { description }
    return Object.freeze({ name, version, ...described, fields })
  }

  #fieldList(input: unknown, depth: number): readonly FieldDefinition[] | undefined {
    if (!isProperties(input) && !Array.isArray(input)) {
      this.inspection.expected('fields: an object with a kind for each name', input)
      return undefined
    }
    const keys = Array.isArray(input) ? input : Object.keys(input)
    if (!this.#count(keys.length)) return undefined
    const fields: FieldDefinition[] = []
    const names = new Set<string>()
    for (let i = 0; i < keys.length && !this.inspection.isFull; i++) {
      const field = Array.isArray(input)
        ? this.#at(i, () => this.#listedField(input[i], depth))
        : this.#at(keys[i] as string, () => this.#field(keys[i], input[keys[i] as string], depth))
      if (field === undefined) continue
      if (names.has(field.name)) this.#at(i, () => this.inspection.note('has the name of another'))
      names.add(field.name)
      fields.push(field)
    }
    return Object.freeze(fields)
  }

  #listedField(input: unknown, depth: number): FieldDefinition | undefined {
    if (isProperties(input)) return this.#field(own(input, 'name'), input, depth)
    this.inspection.expected('a field: an object with name and kind', input)
    return undefined
  }

  #field(nameInput: unknown, input: unknown, depth: number): FieldDefinition | undefined {
    const name = readName(nameInput, this.inspection)
    const isLong = isProperties(input) && !isDescriptor(input)
    if (isLong && Object.hasOwn(input, 'name') && own(input, 'name') !== nameInput) {
      this.#at('name', () => this.inspection.note('is not the key that it stands under'))
    }
    const kind = this.#kind(input, depth, fieldProperties)
    if (kind === undefined || name === undefined) return undefined
    const extras = isLong ? this.#extras(input, kind) : {}
    return Object.freeze({ name, ...kind, ...extras })
  }

  #extras(input: Properties, kind: KindDefinition): Extras {
    const optional = this.#flag(input, 'optional')
    const index = this.#flag(input, 'index')
    if (index && !isIndexable(kind)) {
      this.#at('index', () => this.inspection.note('a field of this kind cannot be searched'))
    }
    const description = this.#description(input)
    return {
      ...(optional ? { optional } : {}),
      ...(index ? { index } : {}),
      ...(description === undefined ? {} : { description }),
    }
  }

  #kind(
    input: unknown,
    depth: number,
    properties: readonly string[] = kindProperties,
  ): KindDefinition | undefined {
    if (depth > DEPTH_MAX) {
      this.inspection.note(`lies more than ${DEPTH_MAX} levels deep, or in a circle`)
      return undefined
    }
    if (isScalarKindName(input)) return Object.freeze({ kind: input })
    if (isDescriptor(input)) return this.#nested(input, depth)
    if (!isProperties(input)) {
      const expected = 'the name of a kind, a descriptor, or an object with kind'
      if (typeof input === 'string')
        this.inspection.note(`expected ${expected}; no kind is so named`)
      else this.inspection.expected(expected, input)
      return undefined
    }
    this.#refuseOthers(input, new Set(properties))
    return this.#longKind(input, depth)
  }

  #longKind(input: Properties, depth: number): KindDefinition | undefined {
    const kind = own(input, 'kind')
    const of = own(input, 'of')
    const values = own(input, 'values')
    if (values !== undefined && (kind !== 'oneOf' || of !== undefined)) {
      this.#at('values', () => this.inspection.note('belongs to a oneOf without of'))
      return undefined
    }
    if (isScalarKindName(kind) || isDescriptor(kind)) {
      if (of === undefined) return this.#at('kind', () => this.#kind(kind, depth))
      this.#at('of', () => this.inspection.note('does not belong to this kind'))
      return undefined
    }
    switch (kind) {
      case 'list':
      case 'map': {
        const item = this.#at('of', () => this.#kind(of, depth + 1))
        return item && Object.freeze({ kind, of: item })
      }
      case 'oneOf':
        return values === undefined
          ? this.#at('of', () => this.#alternatives(of, depth))
          : this.#at('values', () => this.#values(values))
      case 'descriptor':
        return this.#at('of', () => this.#nested(of, depth))
      default:
        this.#at('kind', () => this.inspection.note('is not the name of a kind'))
        return undefined
    }
  }

  #nested(input: unknown, depth: number): KindDefinition | undefined {
    const of = this.definition(input, depth + 1)
    return of && Object.freeze({ kind: 'descriptor', of })
  }

  #alternatives(input: unknown, depth: number): KindDefinition | undefined {
    if (!Array.isArray(input) || input.length === 0) {
      this.inspection.expected('a list of kinds, one at least', input)
      return undefined
    }
    if (!this.#count(input.length)) return undefined
    const of: KindDefinition[] = []
    for (let i = 0; i < input.length && !this.inspection.isFull; i++) {
      const kind = this.#at(i, () => this.#kind(input[i], depth + 1))
      if (kind !== undefined) of.push(kind)
    }
    const problem = alternativesProblem(of)
    if (problem !== undefined) this.inspection.note(problem)
    return Object.freeze({ kind: 'oneOf', of: Object.freeze(of) })
  }

  #values(input: unknown): KindDefinition | undefined {
    if (!Array.isArray(input) || input.length === 0) {
      this.inspection.expected('a list of values, one at least', input)
      return undefined
    }
    this.#literals += input.length
    if (this.#literals > LITERALS_MAX) {
      this.inspection.note(`a definition may list ${LITERALS_MAX} values in all`)
      return undefined
    }
    const values: readonly unknown[] = [...input]
    values.forEach((value, i) => this.#at(i, () => checkLiteral(value, this.inspection)))
    if (new Set(values).size < values.length) this.inspection.note('a value is listed twice')
    return Object.freeze({ kind: 'oneOf', values: Object.freeze(values as readonly Literal[]) })
  }

  #description(input: Properties): string | undefined {
    const description = own(input, 'description')
    return this.#at('description', () => readDescription(description, this.inspection))
  }

  #flag(input: Properties, property: 'optional' | 'index'): true | undefined {
    const value = own(input, property)
    if (value === true) return true
    if (value === undefined || value === false) return undefined
    this.#at(property, () => this.inspection.expected('true or false', value))
    return undefined
  }

  /** Counts fields and alternatives, which is what bounds the work. */
  #count(more: number): boolean {
    this.#fields += more
    if (this.#fields <= FIELDS_MAX) return true
    this.inspection.note(`a definition may have ${FIELDS_MAX} fields in all, nested ones included`)
    return false
  }

  #refuseOthers(input: Properties, allowed: ReadonlySet<string>): void {
    for (const key of Object.keys(input)) {
      if (this.inspection.isFull) return
      if (allowed.has(key)) continue
      this.#at(key, () => this.inspection.note('is not known here'))
    }
  }

  #at<T>(key: string | number, look: () => T): T {
    this.inspection.enter(key)
    const result = look()
    this.inspection.leave()
    return result
  }
}

function isProperties(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(properties: Properties, name: string): unknown {
  return Object.hasOwn(properties, name) ? properties[name] : undefined
}
