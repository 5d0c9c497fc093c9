import type { Transaction } from '@datagram/stream'
import { encodeForgottenVersion } from './forgotten-version.ts'
import type { BlobId } from './named-hash.ts'
import { forgottenKey, objectKey } from './object-key.ts'
import type { ObjectRecord } from './object-record.ts'
import { projectObject, unprojectObject } from './projection.ts'

/** An object with its bytes as they were given, and its id. */
export interface StoredBytes {
  readonly id: BlobId
  readonly bytes: Uint8Array
}

/** Stores objects, and keeps what follows from them. */
export class ObjectShelf {
  #stored = 0

  /**
   * How often something was stored that may name blobs, or a blob was pinned: whoever has looked for what is not
   * named sees by it that he must look again.
   */
  get stored(): number {
    return this.#stored
  }

  /** Notes that something names blobs that may not have been named before. */
  noteUse(): void {
    this.#stored++
  }

  /** Stores an object as part of a transaction; one that is there stays as it is. */
  async store(tx: Transaction, object: StoredBytes, record: ObjectRecord): Promise<void> {
    if (!(await tx.has(objectKey(object.id)))) await this.replace(tx, object, record)
  }

  /** Stores an object, whatever is there. */
  async replace(tx: Transaction, { id, bytes }: StoredBytes, record: ObjectRecord): Promise<void> {
    this.noteUse()
    tx.put(objectKey(id), bytes)
    if (await tx.has(forgottenKey(id))) tx.del(forgottenKey(id))
    await projectObject(tx, id, record)
  }

  /**
   * Takes out what follows from an object that is forgotten; a note of it stays: what it replaced stays replaced.
   */
  forget(tx: Transaction, id: BlobId, record: ObjectRecord): void {
    unprojectObject(tx, id, record)
    tx.put(forgottenKey(id), encodeForgottenVersion(record))
  }
}
