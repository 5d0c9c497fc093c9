import { openStandalone, type Standalone, type StandaloneOptions } from '@datagram/stream'
import type { Objects } from './objects.ts'
import { objectsInterface } from './objects-interface.ts'

/** How a store is opened alone: as its folder is (password, durability). */
export interface OpenObjectsOptions extends Omit<StandaloneOptions, 'options' | 'name'> {}

/**
 * Opens the store of objects that is kept in `folder`, and makes it on the first open. It is closed with its
 * `close()`, or by `await using`.
 *
 * Throws what `openStore` of `@datagram/log-core` and `openStream` of `@datagram/stream` throw:
 * `PASSWORD_WRONG`, `STORE_LOCKED`, `STREAM_TYPE_MISMATCH`, ….
 */
export function openObjects(
  folder: string,
  options: OpenObjectsOptions = {},
): Promise<Objects & Standalone> {
  return openStandalone(folder, objectsInterface, { ...options, name: 'objects' })
}
