import type { Inspection } from '../inspection.ts'
import type { JsonValue } from '../json.ts'
import { fitsByCheck, type Kind, misfit } from '../kind.ts'
import { compareUtf8, isWellFormed } from '../unicode.ts'

type Entries<Value = unknown> = Record<string, Value>

/**
 * `map`: a varint with the number of entries, then key (a text) and value of each, in the order of the
 * keys' UTF-8 bytes, no key twice. In JSON: an object.
 *
 * A map has no prototype, in memory and in JSON, so that `__proto__` and `toString` are keys like others.
 */
export function mapKind(item: Kind): Kind {
  const kind: Kind = {
    label: 'map',
    fits: (value) => fitsByCheck(kind, value),
    write(out, value) {
      if (!isEntries(value)) throw misfit
      const keys = sortedKeys(value)
      out.uint(keys.length)
      for (const key of keys) {
        if (!isWellFormed(key)) throw misfit
        out.text(key)
        item.write(out, value[key])
      }
    },
    read(from) {
      const entries = noEntries()
      let previous: string | undefined
      for (let left = from.count(); left > 0; left--) {
        const { at } = from
        const key = from.text()
        if (previous !== undefined && compareUtf8(previous, key) >= 0) {
          throw from.damaged('the keys of a map are out of order', at)
        }
        entries[key] = item.read(from)
        previous = key
      }
      return entries
    },
    check: (value, inspection) => convert(value, inspection, item.check),
    toJson(value) {
      const json: Entries<JsonValue> = noEntries()
      for (const [key, each] of Object.entries(value as Entries)) json[key] = item.toJson(each)
      return json
    },
    fromJson: (json, inspection) => convert(json, inspection, item.fromJson),
  }
  return kind
}

function convert(value: unknown, inspection: Inspection, convertItem: Kind['check']): unknown {
  if (!isEntries(value)) {
    inspection.expected('a map: an object', value)
    return undefined
  }
  const entries = noEntries()
  for (const key of sortedKeys(value)) {
    if (inspection.isFull) break
    inspection.enter(key)
    if (isWellFormed(key)) entries[key] = convertItem(value[key], inspection)
    else inspection.note('the key is not well-formed Unicode')
    inspection.leave()
  }
  return Object.freeze(entries)
}

function isEntries(value: unknown): value is Entries {
  if (typeof value !== 'object' || value === null) return false
  // A plain object, of another realm too. A Map, a Date, a list or bytes would come out empty or wrong.
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function sortedKeys(entries: Entries): string[] {
  return Object.keys(entries).sort(compareUtf8)
}

function noEntries<Value>(): Entries<Value> {
  return Object.create(null) as Entries<Value>
}
