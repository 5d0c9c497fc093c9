import type { WaitOptions } from '@datagram/stream'
import b4a from 'b4a'
import type { BlobStore, WholeBlob } from './blob-store.ts'
import { type BlobId, idOfContent } from './named-hash.ts'

// One write: well under what a transaction may hold, and large enough that its append costs little.
const BATCH_BYTES = 4 * 1024 * 1024
const BATCH_BLOBS = 512
// Batches on their way at a time; whoever gives more waits.
const BATCHES_AT_ONCE = 3

/** Takes many blobs of at most a part each, and stores them in few writes, in their order. */
export class BlobIntake {
  readonly #blobs: BlobStore
  readonly #wait: WaitOptions
  readonly #writing: Promise<void>[] = []
  #batch = new Map<string, WholeBlob>()
  #bytes = 0

  constructor(blobs: BlobStore, wait: WaitOptions) {
    this.#blobs = blobs
    this.#wait = wait
  }

  /** Takes a blob, which is the intake's from then on. It is stored once {@link finish} has resolved. */
  async add(bytes: Uint8Array): Promise<BlobId> {
    const id = idOfContent(bytes)
    const name = b4a.toString(id, 'latin1')
    if (this.#batch.has(name)) return id
    this.#batch.set(name, { id, bytes })
    this.#bytes += bytes.byteLength
    if (this.#bytes >= BATCH_BYTES || this.#batch.size >= BATCH_BLOBS) this.#flush()
    while (this.#writing.length > BATCHES_AT_ONCE) await this.#writing.shift()
    return id
  }

  /** Resolves when all that was added is stored. */
  async finish(): Promise<void> {
    this.#flush()
    await Promise.all(this.#writing)
  }

  /** Resolves when nothing is on its way any more; what was not yet is dropped. */
  async abandon(): Promise<void> {
    this.#batch.clear()
    await Promise.allSettled(this.#writing)
  }

  #flush(): void {
    if (this.#batch.size === 0) return
    const written = this.#blobs.putAll([...this.#batch.values()], this.#wait)
    // A failure shows when it is awaited; until then it must not count as unhandled.
    written.catch(() => undefined)
    this.#writing.push(written)
    this.#batch = new Map()
    this.#bytes = 0
  }
}
