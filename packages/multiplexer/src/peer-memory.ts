import type { Logger } from './policy.ts'
import { PeerLedger } from './peer-ledger.ts'

/** Where a multiplexer keeps what peers have said to have, from one opening to the next. */
export interface PeerMemory {
  /** What was given to {@link save} last, or undefined. */
  readonly saved: Uint8Array | undefined
  /** Keeps these bytes in place of those before; at most a few MB, mostly a few KB. */
  save(bytes: Uint8Array): Promise<void>
}

// What is heard within this time is lost when the process dies; peers that are busy tell of new lengths all the time.
const SAVE_AFTER_MS = 5_000

/** A {@link PeerLedger} that is kept. */
export class KeptLedger {
  readonly ledger: PeerLedger
  readonly #memory: PeerMemory | undefined
  readonly #logger: Logger
  #timer: NodeJS.Timeout | undefined
  #saving: Promise<void> = Promise.resolve()

  constructor(memory: PeerMemory | undefined, logger: Logger) {
    this.#memory = memory
    this.#logger = logger
    this.ledger = this.#loaded()
  }

  /** Keeps what was heard until now. Never rejects. */
  async close(): Promise<void> {
    if (this.#timer !== undefined) this.#save()
    await this.#saving
  }

  #loaded(): PeerLedger {
    const { saved } = this.#memory ?? {}
    const ledger = new PeerLedger(() => this.#changed())
    try {
      if (saved !== undefined) ledger.load(saved)
      return ledger
    } catch (error) {
      this.#logger.warn('what peers had before cannot be read; it is heard anew', { error })
      return new PeerLedger(() => this.#changed())
    }
  }

  #changed(): void {
    if (this.#memory !== undefined)
      this.#timer ??= setTimeout(() => this.#save(), SAVE_AFTER_MS).unref()
  }

  #save(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#saving = this.#saving
      .then(() => this.#memory?.save(this.ledger.encode()))
      .catch((error: unknown) =>
        this.#logger.warn('what peers have now could not be kept', { error }),
      )
  }
}
