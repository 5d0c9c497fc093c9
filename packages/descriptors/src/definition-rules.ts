import type { KindDefinition } from './definition.ts'

/** Whether a field of this kind can be searched: single values, and lists of them. */
export function isIndexable(kind: KindDefinition): boolean {
  switch (kind.kind) {
    case 'map':
    case 'descriptor':
      return false
    case 'list':
      return kind.of.kind !== 'list' && isIndexable(kind.of)
    case 'oneOf':
      return 'values' in kind
    default:
      return true
  }
}

/** The name of a kind in the JSON of a `oneOf`. */
export function kindLabel(kind: KindDefinition): string {
  return kind.kind === 'descriptor' ? kind.of.name : kind.kind
}

/** Pairs of kinds of which the first, when it stands before the second, takes all of its values. */
const shadows: readonly (readonly [string, string])[] = [
  ['text', 'namedHash'],
  ['text', 'link'],
  ['number', 'integer'],
]

/** Kinds that are the same in memory, so that a value does not tell which it is. */
const twins: readonly (readonly [string, string])[] = [
  ['time', 'integer'],
  ['time', 'number'],
]

/** Why these kinds cannot be the alternatives of one `oneOf`, if they cannot. */
export function alternativesProblem(kinds: readonly KindDefinition[]): string | undefined {
  const labels = kinds.map(kindLabel)
  if (new Set(labels).size < labels.length) {
    return 'two of these kinds have the same name, so that JSON could not tell them apart'
  }
  const names: readonly string[] = kinds.map(({ kind }) => kind)
  for (const [first, second] of shadows) {
    if (names.includes(second) && names.indexOf(first) !== -1) {
      if (names.indexOf(first) < names.indexOf(second))
        return `${first} before ${second} takes all of its values`
    }
  }
  for (const [one, other] of twins) {
    if (names.includes(one) && names.includes(other)) return `${one} and ${other} are both numbers`
  }
  return undefined
}
