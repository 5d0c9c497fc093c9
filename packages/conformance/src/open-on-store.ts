import { type Log, openStore, type Store } from '@datagram/log-core'
import {
  type AnyInterface,
  type InterfaceDefinition,
  openStream,
  type Requires,
} from '@datagram/stream'
import type { OpenedSubject, Place } from './subject.ts'

/**
 * Opens an interface for the kit on a real store: what `open` of a subject is, unless the interface is
 * checked inside something else.
 */
export function openOnStore<Api extends object, Options, R extends Requires>(
  definition: InterfaceDefinition<Api, Options, R>,
  options?: Options,
): (place: Place) => Promise<OpenedSubject<Api>> {
  return async (place) => {
    const store = await openStore(place.folder)
    try {
      const { data, index } = await openLogs(store, place)
      const opened = place.definition ?? (definition as AnyInterface)
      const stream = await openStream({
        name: place.name,
        data,
        index,
        // The kit gives another definition only to cases that know what it opens.
        definition: opened as InterfaceDefinition<Api, Options, R>,
        options: place.definition === undefined ? options : undefined,
      })
      const close = async () => {
        await stream.close()
        await store.close()
      }
      return { api: stream.api, close }
    } catch (error) {
      await store.close()
      throw error
    }
  }
}

async function openLogs(
  store: Store,
  { name, readOnly }: Place,
): Promise<{ data: Log; index: Log }> {
  const data = await store.open(`${name}/data`, { cipherKey: null })
  const index = await store.open(`${name}/index`, { cipherKey: null })
  if (!readOnly) return { data, index }
  return {
    data: await store.openRemote(data.key, { cipherKey: null }),
    index: await store.openRemote(index.key, { cipherKey: null }),
  }
}
