import type { Inspection } from './inspection.ts'
import type { StandardSchema, StandardSchemaIssue } from './standard-schema.ts'

/** Schemas that fields are checked with besides their kinds, by name: from zod, valibot or the like. */
export type FieldChecks<Output> = {
  readonly [Name in keyof Output]?: StandardSchema<Exclude<Output[Name], undefined>, unknown>
}

/**
 * Checks the fields of a value that fits its kinds, each with its schema, and notes what is wrong. What a
 * schema makes of a value is not taken: the value stays as it is. Throws a TypeError for a schema that
 * answers with a promise.
 */
export function checkFields(
  checks: ReadonlyMap<string, StandardSchema>,
  value: Readonly<Record<string, unknown>>,
  inspection: Inspection,
): void {
  for (const [name, schema] of checks) {
    if (!Object.hasOwn(value, name)) continue
    const result = schema['~standard'].validate(value[name])
    if (result instanceof Promise) {
      // Its failure is nobody's to wait for.
      result.catch(() => undefined)
      throw new TypeError(`the schema of ${name} answers with a promise; use one that does not`)
    }
    inspection.enter(name)
    for (const issue of result.issues ?? []) noteIssue(issue, inspection)
    inspection.leave()
  }
}

/** The schemas by name. Throws a TypeError for what is no schema, and for one of a field that is not there. */
export function readChecks(
  checks: Readonly<Record<string, unknown>>,
  fields: readonly { readonly name: string }[],
): ReadonlyMap<string, StandardSchema> {
  const names = new Set(fields.map(({ name }) => name))
  const read = new Map<string, StandardSchema>()
  for (const [name, schema] of Object.entries(checks)) {
    if (schema === undefined) continue
    if (!names.has(name)) throw new TypeError(`there is no field ${name} to check`)
    if (!isSchema(schema)) throw new TypeError(`what ${name} is checked with is no Standard Schema`)
    read.set(name, schema)
  }
  return read
}

function isSchema(schema: unknown): schema is StandardSchema {
  const isAny = (typeof schema === 'object' && schema !== null) || typeof schema === 'function'
  return isAny && '~standard' in schema
}

function noteIssue({ path = [], message }: StandardSchemaIssue, inspection: Inspection): void {
  const keys = path.map((step) => (typeof step === 'object' ? step.key : step))
  for (const key of keys) inspection.enter(typeof key === 'symbol' ? String(key) : key)
  inspection.note(message)
  for (const _ of keys) inspection.leave()
}
