import { type AnyInterface, defineInterface, type InterfaceStream } from '@datagram/stream'
import { openOnStore, type Subject } from '../src/index.ts'

/** A small store of values by name: what every implementation in these tests is a variation of. */
export interface PlainStore {
  set(name: string, value: Uint8Array): Promise<unknown>
  get(name: string): Promise<Uint8Array | undefined>
  del(name: string): Promise<unknown>
  list(): Promise<string[]>
  setAll(entries: readonly (readonly [string, Uint8Array])[]): Promise<unknown>
  names(): AsyncIterator<unknown>
}

export const keyOf = (name: string): Uint8Array => new TextEncoder().encode(name)
const nameOf = (key: Uint8Array) => new TextDecoder().decode(key)

/** The implementation without a fault. */
export function plainStore(stream: InterfaceStream): PlainStore {
  return {
    set: async (name, value) => stream.write((tx) => tx.put(keyOf(name), value)),
    get: async (name) => stream.index.get(keyOf(name)),
    del: async (name) => stream.write((tx) => tx.del(keyOf(name))),
    async list() {
      const names: string[] = []
      for await (const key of stream.index.keys()) names.push(nameOf(key))
      return names
    },
    setAll: async (entries) => {
      const copies = entries.map(([name, value]) => [name, own(value)] as const)
      return stream.write((tx) => {
        for (const [name, value] of copies) tx.put(keyOf(name), value)
      })
    },
    names: () => stream.index.keys(),
  }
}

/** A variation of it as a subject of the kit. */
export function subjectOf(
  vary: (store: PlainStore, stream: InterfaceStream) => PlainStore = (store) => store,
): Subject<PlainStore> {
  const definition = defineInterface({
    name: 'plain-store',
    contract: 1,
    version: 1,
    open: (stream: InterfaceStream) => vary(plainStore(stream), stream),
  })
  return {
    definition: definition as AnyInterface,
    open: openOnStore(definition),
    names: ['', 'AAA', 'AAAA'],
    actions: {
      store: (api, name, value) => api.set(name, value),
      load: (api, name) => api.get(name),
      remove: (api, name) => api.del(name),
      list: (api) => api.list(),
      storeAll: (api, entries) => api.setAll(entries),
      iterate: (api) => api.names(),
    },
  }
}

// What is no Uint8Array is passed on, for the stream to refuse.
function own(value: Uint8Array): Uint8Array {
  return value instanceof Uint8Array ? new Uint8Array(value) : value
}
