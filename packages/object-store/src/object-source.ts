import type { WaitOptions } from '@datagram/stream'
import type { NamedHash } from './named-hash.ts'

/** One thing that a store has. */
export interface StoredContent {
  readonly namedHash: NamedHash
  /** `data`: a blob. `object`: the JSON of an object. */
  readonly kind: 'data' | 'object'
}

/** What can be pulled from: another store of objects, a folder of them, or whatever else has these two. */
export interface ObjectSource {
  /** Everything it has, in any order. */
  contents(options?: WaitOptions): AsyncIterable<StoredContent>
  /** The bytes of one thing. They are verified by whoever pulls. */
  streamBlob(namedHash: NamedHash, options?: WaitOptions): AsyncIterable<Uint8Array>
}
