import {
  openStandalone,
  type Retain,
  type Standalone,
  type StandaloneOptions,
} from '@datagram/stream'
import type { AnyEncoding, EncodingName, KvCodec } from './encoding.ts'
import type { Kv } from './kv.ts'
import { kvInterface } from './kv-interface.ts'

/** The type of what an encoding writes. */
export type Encoded<E> = E extends 'utf8'
  ? string
  : E extends 'binary'
    ? Uint8Array
    : E extends EncodingName
      ? unknown
      : E extends KvCodec<never, infer T>
        ? T
        : never

/** How a key/value store is opened alone: as its folder is (password, durability), and its encodings. */
export interface OpenKvOptions<KE extends AnyEncoding, VE extends AnyEncoding>
  extends Omit<StandaloneOptions, 'options' | 'name'> {
  /** Default `utf8`. */
  readonly keyEncoding?: KE | undefined
  /** Default `utf8`. */
  readonly valueEncoding?: VE | undefined
  /** As `KvOptions.retain`. */
  readonly retain?: Retain | undefined
}

/**
 * Opens a key/value store of its own in `folder`, and makes it on the first open. It is closed with its
 * `close()`, or by `await using`.
 *
 * Throws what `openStore` of `@datagram/log-core` and `openStream` of `@datagram/stream` throw:
 * `PASSWORD_WRONG`, `STORE_LOCKED`, `STREAM_TYPE_MISMATCH`, ….
 */
export async function openKv<KE extends AnyEncoding = 'utf8', VE extends AnyEncoding = 'utf8'>(
  folder: string,
  { keyEncoding, valueEncoding, retain, ...rest }: OpenKvOptions<KE, VE> = {},
): Promise<Kv<Encoded<KE>, Encoded<VE>> & Standalone> {
  const options = { keyEncoding, valueEncoding, retain }
  const kv = await openStandalone(folder, kvInterface, { ...rest, name: 'kv', options })
  // The encodings say what keys and values are.
  return kv as Kv<unknown, unknown> & Standalone as Kv<Encoded<KE>, Encoded<VE>> & Standalone
}
