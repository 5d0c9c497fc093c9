import type { Definition, FieldDefinition, KindDefinition, Literal } from './definition.ts'
import { descriptorError } from './descriptor-errors.ts'

/**
 * The `DESCRIPTOR_CONFLICT` error when two definitions have one name and version and contradict each other:
 * differ in more than optional fields added at the end and descriptions. Else `undefined`.
 */
export function definitionConflict(known: Definition, added: Definition): Error | undefined {
  const { name, version } = added
  if (known.name !== name || known.version !== version) return undefined
  const path = contradiction(known, added)
  if (path === undefined) return undefined
  return descriptorError(
    'DESCRIPTOR_CONFLICT',
    `two definitions of ${name}, version ${version}, contradict each other at ${path}; give the newer one a new version, or only add optional fields at the end`,
    { details: { name, version, path } },
  )
}

/**
 * Why two definitions of one name and version contradict each other, as the path to where they do; `undefined`
 * when they do not: when their fields are the same and what one has more are optional fields at the end.
 * Nested definitions may differ in the same way. Descriptions are for people and may differ.
 */
function contradiction(a: Definition, b: Definition): string | undefined {
  const shared = Math.min(a.fields.length, b.fields.length)
  for (let i = 0; i < shared; i++) {
    const ours = a.fields[i] as FieldDefinition
    const theirs = b.fields[i] as FieldDefinition
    if (!isSameField(ours, theirs)) return ours.name
    const inside = kindContradiction(ours, theirs)
    if (inside !== undefined) return inside === '' ? ours.name : `${ours.name}.${inside}`
  }
  const more = a.fields.length > shared ? a.fields : b.fields
  return more.slice(shared).find(({ optional }) => optional !== true)?.name
}

function isSameField(a: FieldDefinition, b: FieldDefinition): boolean {
  return a.name === b.name && a.optional === b.optional && a.index === b.index
}

/** Like {@link contradiction}, of kinds; an empty path means the kinds themselves. */
function kindContradiction(a: KindDefinition, b: KindDefinition): string | undefined {
  if (a.kind === 'list' || a.kind === 'map') {
    return b.kind === a.kind ? kindContradiction(a.of, b.of) : ''
  }
  if (a.kind === 'descriptor') {
    if (b.kind !== 'descriptor') return ''
    if (a.of.name !== b.of.name || a.of.version !== b.of.version) return ''
    return contradiction(a.of, b.of)
  }
  if (a.kind !== 'oneOf' || b.kind !== 'oneOf') return a.kind === b.kind ? undefined : ''
  if ('values' in a) return 'values' in b && isSameList(a.values, b.values) ? undefined : ''
  if ('values' in b || a.of.length !== b.of.length) return ''
  for (const [i, kind] of a.of.entries()) {
    const inside = kindContradiction(kind, b.of[i] as KindDefinition)
    if (inside !== undefined) return inside
  }
  return undefined
}

function isSameList(a: readonly Literal[], b: readonly Literal[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}
