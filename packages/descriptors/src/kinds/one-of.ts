import type { Literal } from '../definition.ts'
import { Inspection } from '../inspection.ts'
import type { JsonObject, JsonValue } from '../json.ts'
import { fitsByCheck, type Kind, misfit, scalarKind } from '../kind.ts'

const LISTED_MAX = 12

/** `oneOf` values: a varint with the value's place in the definition. In JSON: the value. */
export function valuesKind(values: readonly Literal[]): Kind {
  const places = new Map<unknown, number>(values.map((value, place) => [value, place]))
  const listed = values.slice(0, LISTED_MAX).map((value) => JSON.stringify(value))
  if (values.length > LISTED_MAX) listed.push('…')
  return scalarKind<Literal>({
    label: 'oneOf',
    expected: `one of ${listed.join(', ')}`,
    fits: (value): value is Literal => places.has(value),
    settle: (value) => values[places.get(value) as number] as Literal, // -0 becomes 0
    write(out, value) {
      const place = places.get(value)
      if (place === undefined) throw misfit
      out.uint(place)
    },
    read(from) {
      const { at } = from
      const value = values[from.uint()]
      if (value === undefined) throw from.damaged('a value is not one of those defined', at)
      return value
    },
  })
}

/**
 * `oneOf` kinds: a varint with the kind's place in the definition, then the value as of that kind. In JSON:
 * an object whose only key is the kind's name, as JSON alone cannot tell a time from a text:
 * `{ "time": "2026-05-01T12:00:00.000Z" }`.
 */
export function alternativesKind(options: readonly Kind[]): Kind {
  const labels = options.map(({ label }) => label)
  const expected = `one of these kinds: ${labels.slice(0, LISTED_MAX).join(', ')}`
  const byLabel = new Map(options.map((option) => [option.label, option]))
  const optionOf = (value: unknown) => options.find((option) => option.fits(value))
  // The kind is chosen by the value as it will be read back, where a Date is a number already, so that
  // what is read is written with the same bytes again.
  const settle = (value: unknown) => kind.check(value, new Inspection(1))
  const kind: Kind = {
    label: 'oneOf',
    fits: (value) => fitsByCheck(kind, value),
    write(out, value) {
      const settled = typeof value === 'object' ? settle(value) : value
      const place = options.findIndex((option) => option.fits(settled))
      const option = options[place]
      if (option === undefined) throw misfit
      out.uint(place)
      option.write(out, settled)
    },
    read(from) {
      const { at } = from
      const place = from.uint()
      const option = options[place]
      if (option === undefined) throw from.damaged('a kind is not one of those defined', at)
      const value = option.read(from)
      for (let i = 0; i < place; i++) {
        if (!options[i]?.fits(value)) continue
        throw from.damaged('a value is said to be of a later kind than the first that it fits', at)
      }
      return value
    },
    check(value, inspection) {
      for (const option of options) {
        const own = new Inspection(1)
        const checked = option.check(value, own)
        if (own.problems.length === 0) return checked
      }
      inspection.expected(expected, value)
      return undefined
    },
    toJson(value): JsonObject {
      // The value was checked, so that there is one.
      const option = optionOf(value) as Kind
      return wrapped(option.label, option.toJson(value))
    },
    fromJson(json, inspection) {
      const label = onlyKey(json)
      const option = label === undefined ? undefined : byLabel.get(label)
      if (label === undefined || option === undefined) {
        inspection.expected(`an object whose only key is ${expected}`, json)
        return undefined
      }
      inspection.enter(label)
      const value = option.fromJson((json as JsonObject)[label], inspection)
      inspection.leave()
      return value
    },
  }
  return kind
}

/** An object with one key, which may be any text, `__proto__` too. */
function wrapped(label: string, json: JsonValue): JsonObject {
  return Object.fromEntries([[label, json]])
}

function onlyKey(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  const keys = Object.keys(json)
  return keys.length === 1 ? keys[0] : undefined
}
