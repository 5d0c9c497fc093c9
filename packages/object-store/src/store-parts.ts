import type { InterfaceStream } from '@datagram/stream'
import type { BlobStore } from './blob-store.ts'
import type { ObjectShelf } from './object-shelf.ts'

/** What a store is made of, for what works on all of it. */
export interface StoreParts {
  readonly stream: InterfaceStream
  readonly blobs: BlobStore
  readonly shelf: ObjectShelf
}
