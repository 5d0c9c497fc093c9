import { openOnStore, type Subject } from '@datagram/conformance'
import b4a from 'b4a'
import { type Objects, objectsInterface } from '../src/index.ts'

const typeOf = 'conformance'

/** The store as the conformance kit drives it: a name is an object, a value is in its newest version. */
export const objectsSubject: Subject<Objects> = {
  definition: objectsInterface,
  open: openOnStore(objectsInterface),
  names: [' ', '__proto__', 'ü', '😀', 'a\u0000b', 'AAA', 'AAAA', '\u{10ffff}'],
  actions: {
    store: (objects, name, value) =>
      objects.commit({ objectId: name, type: typeOf, value: b4a.toString(value, 'base64') }),
    async load(objects, name) {
      const current = await objects.current(name)
      return current && b4a.from(String(current.content['value']), 'base64')
    },
    async list(objects) {
      const names: string[] = []
      for await (const { objectId } of objects.objects({ type: typeOf })) names.push(objectId)
      return names
    },
    iterate: (objects) => objects.objects(),
  },
}
