import { openStandalone, type Standalone, type StandaloneOptions } from '@datagram/stream'
import type { DatagramFs } from './datagram-fs.ts'
import { fsInterface, type FsOptions } from './fs-interface.ts'

/** How files are opened alone: as their folder is (password, durability), and what is kept of them. */
export interface OpenFsOptions extends Omit<StandaloneOptions, 'options' | 'name'>, FsOptions {}

/**
 * Opens the files that are kept in `folder`, and makes the folder on the first open. They are closed by
 * `await using`, or by `fs[Symbol.asyncDispose]()`: `fs.close` is Node's, of an open file.
 *
 * Throws what `openStore` of `@datagram/log-core` and `openStream` of `@datagram/stream` throw:
 * `PASSWORD_WRONG`, `STORE_LOCKED`, `STREAM_TYPE_MISMATCH`, ….
 */
export function openFs(
  folder: string,
  { retain, ...rest }: OpenFsOptions = {},
): Promise<DatagramFs & Pick<Standalone, typeof Symbol.asyncDispose>> {
  return openStandalone(folder, fsInterface, { ...rest, options: { retain }, name: 'fs' })
}
