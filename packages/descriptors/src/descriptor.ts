import type { Definition } from './definition.ts'
import { definitionId } from './definition-id.ts'
import { normaliseDefinition } from './definition-normaliser.ts'
import { definitionWords } from './definition-words.ts'
import { descriptorError } from './descriptor-errors.ts'
import { type DescriptorLike, descriptorMark } from './descriptor-mark.ts'
import type { DescriptorInput, FieldsInput } from './field-input.ts'
import { checkFields, type FieldChecks, readChecks } from './field-checks.ts'
import type { FieldsAccepted, FieldsOutput, UnknownFields } from './field-types.ts'
import { Inspection, type Problem, problemsText } from './inspection.ts'
import type { JsonObject } from './json.ts'
import { misfit } from './kind.ts'
import { buildRecord } from './kind-builder.ts'
import type { RecordKind } from './kinds/record.ts'
import { assertMigration, type Migration, migrated } from './migration.ts'
import { readPayload, writePayload } from './payload.ts'
import type { StandardSchemaResult } from './standard-schema.ts'

/** What {@link Descriptor.validate} says: the value, frozen, or all that is wrong with it. */
export type Validation<Output> =
  | { readonly valid: true; readonly value: Output }
  | { readonly valid: false; readonly problems: readonly Problem[] }

/**
 * A named, versioned, self-describing type of data: checks values, packs them, and takes them out again.
 *
 * A value's fields are its own enumerable properties. One that is `undefined` counts as absent; one that
 * the definition does not have is refused, as nothing that was handed in is dropped. What comes back shares
 * nothing with what was handed in: `bytes` are copies, and a map has no prototype.
 */
export interface Descriptor<Output = UnknownFields, Input = Output>
  extends DescriptorLike<Output, Input> {
  readonly name: string
  /** Major version of the definition. */
  readonly version: number
  /** The definition as plain data, frozen; the same for everybody who has this type. */
  readonly definition: Definition
  /** What names the definition: 32 bytes, the SHA-256 of `encodeDefinition`. A copy at each reading. */
  readonly id: Uint8Array
  /** {@link id} in hexadecimal, for maps and messages. */
  readonly idText: string
  /**
   * A copy of `data`, frozen through and through but for the contents of `bytes`, which cannot be. Throws
   * `DATA_INVALID` with all that is wrong in `details.problems`.
   */
  create(data: Input): Output
  /** Whether `data` fits, and what is wrong if not: every problem with its path, at most 100. */
  validate(data: unknown): Validation<Output>
  /** The bytes of `data`: the same ones for the same data, everywhere. Throws `DATA_INVALID`. */
  encode(data: Input): Uint8Array
  /**
   * The value of `bytes`: a fresh one, not frozen, as that would cost a quarter of the decoding. Optional
   * fields that a later definition of this version has are skipped. One of an earlier version is migrated,
   * where there is a `migrate`, and then as {@link create} gives it. Throws `DATA_DAMAGED`, and `DESCRIPTOR_VERSION_NEWER` or `DESCRIPTOR_VERSION_OLDER` with the bytes in
   * `details.raw`.
   */
  decode(bytes: Uint8Array): Output
  /**
   * `data` as JSON without loss: times in ISO 8601, bytes in base64, bigints in digits, `NaN`, the
   * infinities and `-0` as texts. Throws `DATA_INVALID`.
   *
   * `JSON.stringify(descriptor)` calls it with a key or nothing, and gets the definition.
   */
  toJSON(data: Input): JsonObject
  /** The value of parsed JSON, as {@link create} gives it. Throws `DATA_INVALID`. */
  fromJSON(json: unknown): Output
  /** The definition in words, for people: a line for the type, and one for each field. */
  describe(): string
}

/** What a program adds to a definition for itself; it is no part of the definition, and not carried on. */
export interface DescriptorOptions<Output, Input, Previous> {
  /**
   * How values of an earlier version become values of this one when they are read: `decode` then takes
   * bytes of both. `from` may itself migrate from a version before it.
   */
  readonly migrate?: Migration<Previous, Input> | undefined
  /**
   * Standard Schemas (zod, valibot, another descriptor, …) for fields, on top of their kinds: asked whenever
   * a value is made (`create`, `validate`, `encode`, `toJSON`, `fromJSON`), not when one is read. They see
   * values as they would be read back, and do not change them. Where the descriptor is nested, they are not
   * asked.
   */
  readonly checks?: FieldChecks<Output> | undefined
}

/**
 * Defines a type of data.
 *
 * ```ts
 * const Point = defineDescriptor({ name: 'Point', version: 1, fields: { at: 'time', celsius: 'number' } })
 * Point.decode(Point.encode({ at: new Date(), celsius: 21.5 })).celsius // 21.5
 * ```
 *
 * A definition may have 1,024 fields in all and be 16 levels deep. `options` are for this program alone:
 * how values of earlier versions are read, and schemas that fields must pass. Throws `DESCRIPTOR_INVALID`, with all
 * that is wrong in `details.problems`.
 */
export function defineDescriptor<const Fields extends FieldsInput, Previous = never>(
  definition: DescriptorInput<Fields>,
  options: DescriptorOptions<FieldsOutput<Fields>, FieldsAccepted<Fields>, Previous> = {},
): Descriptor<FieldsOutput<Fields>, FieldsAccepted<Fields>> {
  const normalised = normaliseDefinition(definition)
  const { migrate, checks = {} } = options
  // Each is called only with what the other gives.
  const migration = migrate as Migration | undefined
  if (migration !== undefined) assertMigration(migration, normalised)
  return descriptorOf(normalised, migration, readChecks(checks, normalised.fields))
}

/**
 * The descriptor of a definition that this program has not seen: a stranger's, from `decodeDefinition` or
 * from JSON. Nothing of it is run. Throws `DESCRIPTOR_INVALID`.
 */
export function descriptorFromDefinition(definition: unknown): Descriptor {
  return descriptorOf(normaliseDefinition(definition))
}

function descriptorOf<Output, Input>(
  definition: Definition,
  migration?: Migration,
  checks: Checks = noChecks,
): Descriptor<Output, Input> {
  const record = buildRecord(definition)
  const { name, version } = definition
  const check = checks.size === 0 ? record.check : checkedBy(record.check, checks)
  const fromJson = checks.size === 0 ? record.fromJson : checkedBy(record.fromJson, checks)
  const validate = (data: unknown) => validateBy<Output>(check, data)
  const create = (data: unknown) => valueOf(validate(data), definition)
  let id: Uint8Array | undefined
  const ownId = () => {
    id ??= definitionId(definition)
    return id
  }
  const descriptor: Descriptor<Output, Input> = {
    name,
    version,
    definition,
    get id() {
      return new Uint8Array(ownId())
    },
    get idText() {
      return Array.from(ownId(), (byte) => byte.toString(16).padStart(2, '0')).join('')
    },
    create,
    validate,
    encode: (data) => encodeBy(record, definition, checks.size === 0 ? data : create(data)),
    decode(bytes) {
      if (!(bytes instanceof Uint8Array)) throw new TypeError(`${name}.decode takes a Uint8Array`)
      const older = migration && migrated(migration, version, bytes)
      return older === undefined
        ? (readPayload(record, definition, bytes) as Output)
        : create(older)
    },
    toJSON(...args: [data?: unknown]) {
      if (args.length === 0 || typeof args[0] === 'string')
        return definition as unknown as JsonObject
      return record.toJson(create(args[0])) as JsonObject
    },
    fromJSON: (json) => valueOf(validateBy<Output>(fromJson, json), definition),
    describe: () => definitionWords(definition),
    '~standard': {
      version: 1,
      vendor: 'datagram',
      validate: (value) => standardResult(validate(value)),
    },
  }
  Object.defineProperty(descriptor, descriptorMark, { value: true })
  return Object.freeze(descriptor)
}

type Checks = ReturnType<typeof readChecks>

const noChecks: Checks = new Map()

/** `check`, and then the schemas of the fields, when all of them fit their kinds. */
function checkedBy(check: RecordKind['check'], checks: Checks): RecordKind['check'] {
  return (data, inspection) => {
    const value = check(data, inspection)
    if (inspection.problems.length === 0) checkFields(checks, value as UnknownFields, inspection)
    return value
  }
}

function validateBy<Output>(check: RecordKind['check'], data: unknown): Validation<Output> {
  const inspection = new Inspection()
  const value = check(data, inspection)
  const { problems } = inspection
  if (problems.length > 0) return { valid: false, problems }
  return { valid: true, value: value as Output }
}

function valueOf<Output>(validation: Validation<Output>, definition: Definition): Output {
  if (validation.valid) return validation.value
  throw dataInvalid(definition, validation.problems)
}

function encodeBy(record: RecordKind, definition: Definition, data: unknown): Uint8Array {
  try {
    return writePayload(record, definition.version, data)
  } catch (error) {
    if (error !== misfit) throw error
  }
  const { problems } = inspected(record, data)
  if (problems.length > 0) throw dataInvalid(definition, problems)
  throw dataInvalid(definition, [{ path: [], message: 'changed while it was being written' }])
}

function inspected(record: RecordKind, data: unknown): Inspection {
  const inspection = new Inspection()
  record.check(data, inspection)
  return inspection
}

function standardResult<Output>(validation: Validation<Output>): StandardSchemaResult<Output> {
  return validation.valid ? { value: validation.value } : { issues: validation.problems }
}

function dataInvalid({ name, version }: Definition, problems: readonly Problem[]): Error {
  return descriptorError(
    'DATA_INVALID',
    `the data is no ${name}: ${problemsText(problems)}; correct what is named`,
    { details: { name, version, problems } },
  )
}
