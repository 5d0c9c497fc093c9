import { attachmentsOf } from './attachment-reference.ts'
import type { ChatRecord } from './chat-record.ts'

/** How many more messages name an attachment, or fewer, by its hash. */
export class AttachmentUses {
  readonly #changes = new Map<string, number>()

  /** Counts messages that come (`by` 1) or go (−1). */
  count(records: readonly ChatRecord[], by: 1 | -1): void {
    for (const record of records) {
      for (const hash of new Set(attachmentsOf(record).map(({ hash }) => hash))) this.#add(hash, by)
    }
  }

  /** Counts what another one did, too. */
  add(other: AttachmentUses): void {
    for (const [hash, by] of other.#changes) this.#add(hash, by)
  }

  /** The attachments for which it comes to a change. */
  changes(): readonly (readonly [hash: string, by: number])[] {
    return [...this.#changes].filter(([, by]) => by !== 0)
  }

  #add(hash: string, by: number): void {
    this.#changes.set(hash, (this.#changes.get(hash) ?? 0) + by)
  }
}
