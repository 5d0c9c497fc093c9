import type { ChangedPlace } from './chat-change.ts'
import { chatError } from './chat-errors.ts'

/** So many changes wait for who watches: about 2 MB. */
const WAITING_MAX = 10_000

/** A change and whose conversation it is in. */
export interface ContactChange extends ChangedPlace {
  readonly contact: string
}

/** Tells queues of what was changed here. */
export class ChangeBoard {
  readonly #queues = new Set<ChangeQueue>()

  /** A queue of what changes from now on, with one contact or with all. */
  open(contact: string | undefined): ChangeQueue {
    const queue = new ChangeQueue(contact, () => this.#queues.delete(queue))
    this.#queues.add(queue)
    return queue
  }

  publish(contact: string, changes: readonly ChangedPlace[]): void {
    for (const queue of this.#queues) queue.add(contact, changes)
  }
}

/** Changes that wait to be given, in order. */
export class ChangeQueue {
  readonly #contact: string | undefined
  readonly #onClose: () => void
  #waiting: ContactChange[] = []
  #isBehind = false
  #wake: () => void = () => undefined

  constructor(contact: string | undefined, onClose: () => void) {
    this.#contact = contact
    this.#onClose = onClose
  }

  add(contact: string, changes: readonly ChangedPlace[]): void {
    if (this.#isBehind || (this.#contact !== undefined && this.#contact !== contact)) return
    for (const change of changes) this.#waiting.push({ contact, ...change })
    if (this.#waiting.length > WAITING_MAX) {
      this.#isBehind = true
      this.#waiting = []
    }
    this.#wake()
  }

  /** What waits, once there is something. Throws the signal's reason, and `CHAT_WATCH_BEHIND`. */
  async take(signal: AbortSignal): Promise<readonly ContactChange[]> {
    while (this.#waiting.length === 0 && !this.#isBehind) {
      signal.throwIfAborted()
      await this.#news(signal)
    }
    signal.throwIfAborted()
    if (this.#isBehind) {
      throw chatError(
        'CHAT_WATCH_BEHIND',
        `more than ${WAITING_MAX} changes were waiting for who watches, and are not kept; read the messages, and watch again`,
      )
    }
    const taken = this.#waiting
    this.#waiting = []
    return taken
  }

  async #news(signal: AbortSignal): Promise<void> {
    const wake = () => this.#wake()
    signal.addEventListener('abort', wake, { once: true })
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    signal.removeEventListener('abort', wake)
  }

  close(): void {
    this.#waiting = []
    this.#onClose()
  }
}
