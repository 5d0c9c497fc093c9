import type { Call } from './call.ts'
import { elementsOf } from './databases.ts'
import { Meta, STRING } from './meta.ts'

/** What a key holds once more, with elements of its own. */
export function copyCollection(call: Call, meta: Meta): Meta {
  if (meta.type === STRING) return meta
  const id = call.newId()
  const target = elementsOf(id)
  for (const [sub, value] of call.space.range(call.elements(meta))) {
    call.space.put(target, sub, value)
  }
  return Meta.collection(meta.type, id, meta.count, meta.extra, meta.expireAt)
}
