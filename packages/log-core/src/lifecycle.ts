import { DatagramError } from '@datagram/errors'

/** The states of everything that can be opened and closed. */
export type LifecycleState = 'opening' | 'open' | 'closing' | 'closed'

/** Something that a parent closes with itself. */
export interface Closable {
  close(): Promise<void>
}

// Every legal transition; anything else is a programming error.
const transitions: Readonly<Record<LifecycleState, readonly LifecycleState[]>> = {
  opening: ['open', 'closing', 'closed'],
  open: ['closing'],
  closing: ['closed'],
  closed: [],
}

/**
 * The one place where a store, log, stream or container keeps its state.
 *
 * Children are closed before their parent, newest first. `close` is idempotent: every call gets the
 * same promise. `signal` is aborted as soon as closing begins, so that waits end.
 */
export class Lifecycle {
  #state: LifecycleState = 'opening'
  #closing: Promise<void> | undefined
  readonly #children = new Set<Closable>()
  readonly #abort = new AbortController()
  readonly #what: string
  readonly #closedCode: string

  /** `what` names the thing in messages (`the store`), `closedCode` is thrown after close. */
  constructor(what: string, closedCode: string) {
    this.#what = what
    this.#closedCode = closedCode
  }

  get state(): LifecycleState {
    return this.#state
  }

  /** Aborted when closing begins; its reason is the closed error. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** The error that anything used after close throws. */
  closedError(): DatagramError {
    return new DatagramError(
      this.#closedCode,
      `${this.#what} is closed; open it again before using it`,
    )
  }

  /** Throws the closed error unless the state is `open`. */
  assertOpen(): void {
    if (this.#state !== 'open') throw this.closedError()
  }

  /** `opening` → `open`. */
  opened(): void {
    this.#move('open')
  }

  /** Registers a child to be closed first; the returned function takes it off again. */
  adopt(child: Closable): () => void {
    this.#children.add(child)
    return () => {
      this.#children.delete(child)
    }
  }

  /** Closes the children, then runs `release`, once; later calls get the same promise. */
  close(release: () => Promise<void>): Promise<void> {
    this.#closing ??= this.#close(release)
    return this.#closing
  }

  async #close(release: () => Promise<void>): Promise<void> {
    if (this.#state === 'closed') return
    this.#move('closing')
    this.#abort.abort(this.closedError())
    const failures: unknown[] = []
    for (const child of [...this.#children].reverse()) {
      await child.close().catch((error: unknown) => failures.push(error))
    }
    this.#children.clear()
    await release().catch((error: unknown) => failures.push(error))
    this.#move('closed')
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1)
      throw new AggregateError(failures, `${this.#what} did not close cleanly`)
  }

  #move(next: LifecycleState): void {
    if (!transitions[this.#state].includes(next)) {
      throw new TypeError(`${this.#what} cannot go from ${this.#state} to ${next}`)
    }
    this.#state = next
  }
}
