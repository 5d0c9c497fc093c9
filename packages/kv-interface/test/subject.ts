import { openOnStore, type Subject } from '@datagram/conformance'
import { type Kv, kvInterface } from '../src/index.ts'

/** The key/value store as the conformance kit drives it. */
export const kvSubject: Subject<Kv> = {
  definition: kvInterface,
  open: openOnStore(kvInterface),
  names: ['', ' ', '__proto__', 'ü', '😀', 'a\u0000b', 'AAA', 'AAAA', '\u{10ffff}'],
  actions: {
    store: (kv, name, value) => kv.set(name, value),
    load: (kv, name) => kv.getBuffer(name),
    remove: (kv, name) => kv.del(name),
    async list(kv) {
      const names: string[] = []
      for await (const name of kv.keys()) names.push(name)
      return names
    },
    storeAll: (kv, entries) =>
      kv.batch(entries.map(([key, value]) => ({ type: 'set', key, value }))),
    iterate: (kv) => kv.entries(),
  },
}
