import type { Inspection } from '../inspection.ts'
import { fitsByCheck, type Kind, misfit } from '../kind.ts'

/** `list`: a varint with the number of items, then the items. In JSON: an array. */
export function listKind(item: Kind): Kind {
  const kind: Kind = {
    label: 'list',
    fits: (value) => fitsByCheck(kind, value),
    write(out, value) {
      if (!Array.isArray(value)) throw misfit
      const { length } = value
      out.uint(length)
      for (let i = 0; i < length; i++) item.write(out, value[i])
    },
    read(from) {
      const items: unknown[] = []
      for (let left = from.count(); left > 0; left--) items.push(item.read(from))
      return items
    },
    check: (value, inspection) => convert(value, inspection, item.check),
    toJson: (value) => (value as unknown[]).map((each) => item.toJson(each)),
    fromJson: (json, inspection) => convert(json, inspection, item.fromJson),
  }
  return kind
}

function convert(value: unknown, inspection: Inspection, convertItem: Kind['check']): unknown {
  if (!Array.isArray(value)) {
    inspection.expected('a list', value)
    return undefined
  }
  const { length } = value
  const items: unknown[] = []
  for (let i = 0; i < length && !inspection.isFull; i++) {
    inspection.enter(i)
    items.push(convertItem(value[i], inspection))
    inspection.leave()
  }
  return Object.freeze(items)
}
