import { openStore, type StoreOptions } from '@datagram/log-core'
import b4a from 'b4a'
import type { InterfaceDefinition, Requires } from './interface-definition.ts'
import type { Logger } from './logger.ts'
import { openStream } from './open-stream.ts'
import type { Stream } from './stream.ts'
import { streamKeys } from './stream-keys.ts'

/** How a stream is opened alone in a folder: as its store is, and its interface. */
export interface StandaloneOptions<Options = unknown> extends Omit<StoreOptions, 'readEarly'> {
  /** Name of the stream in the store; default the interface's name. */
  readonly name?: string | undefined
  /** What the interface's `open` is given as options. */
  readonly options?: Options | undefined
  readonly logger?: Logger | undefined
}

/** What is opened alone is closed by itself. */
export interface Standalone {
  /** Closes the stream and its store; idempotent. An interface that has a `close` itself keeps it. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Opens one stream in a store of its own, in `folder`, and gives its interface: what every interface
 * package's own opener (`openKv`, …) is made of. Closing it closes both.
 *
 * Throws what `openStore` and {@link openStream} throw. The store is opened for writing by the first write, which is
 * rejected where that fails (`DISK_FULL`, `STORE_NOT_WRITABLE`): what is only read writes nothing.
 */
export async function openStandalone<Api extends object, Options, R extends Requires>(
  folder: string,
  definition: InterfaceDefinition<Api, Options, R>,
  { name = definition.name, options, logger, ...storeOptions }: StandaloneOptions<Options> = {},
): Promise<Api & Standalone> {
  const store = await openStore(folder, { ...storeOptions, readEarly: true })
  try {
    const keys = streamKeys(store.derive('datagram/1/stream/alone', b4a.from(name)))
    const [data, index] = await Promise.all([
      store.open(`${name}/data`, { cipherKey: keys.dataKey }),
      store.open(`${name}/index`, { cipherKey: keys.indexKey }),
    ])
    const stream = await openStream({ name, data, index, definition, options, logger })
    return closable(stream, () => store.close())
  } catch (error) {
    await store.close()
    throw error
  }
}

function closable<Api extends object>(
  stream: Stream<Api>,
  closeStore: () => Promise<void>,
): Api & Standalone {
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= stream.close().finally(closeStore)
    return closing
  }
  // An interface may have a close of its own, of a file for instance: that one is not covered.
  const ends: PropertyDescriptorMap = { [Symbol.asyncDispose]: { value: close } }
  if (!('close' in stream.api)) ends['close'] = { value: close }
  // The API's own properties stay own ones: programs copy and look through them.
  const own = Object.getOwnPropertyDescriptors(stream.api)
  return Object.create(Object.getPrototypeOf(stream.api), { ...own, ...ends })
}
