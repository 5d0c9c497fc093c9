import { defineInterface, type Retain } from '@datagram/stream'
import { type AnyEncoding, encoderOf } from './encoding.ts'
import type { Kv } from './kv.ts'
import { redisInterface } from './redis/redis-interface.ts'
import { KvStore } from './kv-store.ts'

/** Options of {@link kvInterface}, whatever the types of its keys and values. */
export interface AnyKvOptions {
  readonly keyEncoding?: AnyEncoding | undefined
  readonly valueEncoding?: AnyEncoding | undefined
  readonly retain?: Retain | undefined
}

/**
 * The ordered key/value store as a stream interface: `dg.kv(name, options)` is
 * `dg.open(name, kvInterface, options)`, and other interfaces require it.
 */
export const kvInterface = defineInterface({
  name: 'kv',
  contract: 1,
  version: 1,
  requires: { redis: redisInterface },
  open: (stream, requires, options: AnyKvOptions | undefined): Kv => {
    const { keyEncoding = 'utf8', valueEncoding = 'utf8', retain } = options ?? {}
    if (stream.writable) stream.retain(retain)
    const store = new KvStore(stream, requires, {
      keys: encoderOf(keyEncoding, 'key'),
      values: encoderOf(valueEncoding, 'value'),
    })
    // Keys and values are what the options say; without any, strings.
    return store as Kv<unknown, unknown> as Kv
  },
})
