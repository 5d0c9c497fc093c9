import type { Definition, KindDefinition } from './definition.ts'
import type { Kind } from './kind.ts'
import { booleanKind } from './kinds/boolean.ts'
import { bytesKind } from './kinds/bytes.ts'
import { bigintKind, integerKind } from './kinds/integer.ts'
import { linkKind } from './kinds/link.ts'
import { listKind } from './kinds/list.ts'
import { mapKind } from './kinds/map.ts'
import { namedHashKind } from './kinds/named-hash.ts'
import { numberKind } from './kinds/number.ts'
import { alternativesKind, valuesKind } from './kinds/one-of.ts'
import { type RecordKind, recordKind } from './kinds/record.ts'
import { textKind } from './kinds/text.ts'
import { timeKind } from './kinds/time.ts'

const scalarKinds = {
  text: textKind,
  integer: integerKind,
  bigint: bigintKind,
  number: numberKind,
  boolean: booleanKind,
  time: timeKind,
  bytes: bytesKind,
  namedHash: namedHashKind,
  link: linkKind,
} as const

/** Builds what a definition's fields need, once; a call afterwards looks nothing up. */
export function buildRecord({ name, fields }: Definition): RecordKind {
  return recordKind(
    name,
    fields.map((field) => ({
      name: field.name,
      optional: field.optional === true,
      kind: buildKind(field),
    })),
  )
}

function buildKind(definition: KindDefinition): Kind {
  switch (definition.kind) {
    case 'list':
      return listKind(buildKind(definition.of))
    case 'map':
      return mapKind(buildKind(definition.of))
    case 'oneOf':
      return 'values' in definition
        ? valuesKind(definition.values)
        : alternativesKind(definition.of.map(buildKind))
    case 'descriptor':
      return buildRecord(definition.of)
    default:
      return scalarKinds[definition.kind]
  }
}
