import type { InterfaceStream } from '@datagram/stream'
import { keyOf } from './bucket.ts'
import { EVENTS_SUB, SYSTEM } from './databases.ts'
import type { Frame, WrittenEntry } from './frame.ts'
import { encodeEvents } from './key-event.ts'
import type { Space } from './space.ts'

// Turns of the event loop that a frame waits for more while each brings more. An append costs as much as some ten
// commands, and clients that were answered together ask again together, but not in one turn.
const TURNS_MAX = 3
// A frame that has so many entries and events waits no more.
const FRAME_FULL = 4096
const EVENTS_KEY = keyOf(SYSTEM, EVENTS_SUB)

/** What happens to frames. */
export interface CommitterContext {
  readonly stream: InterfaceStream
  readonly space: Space
  /** A frame is in the data log. */
  committed(frame: Frame): void
  /** Nothing of what was not committed is true any more. */
  failed(error: unknown): void
}

/**
 * Appends what commands wrote: those that ran in a few turns of the event loop, or while the last append was
 * under way, go into one.
 */
export class Committer {
  readonly #context: CommitterContext
  #isScheduled = false
  #isClosing = false
  #appending: Frame | undefined
  #idle: Promise<void> = Promise.resolve()

  constructor(context: CommitterContext) {
    this.#context = context
  }

  /** The frame that an answer given now must wait for: it may tell what is not in the data log yet. */
  get pending(): Frame | undefined {
    const { frame } = this.#context.space
    return frame.isEmpty ? this.#appending : frame
  }

  /** To be called when a command is complete. */
  schedule(): void {
    if (this.#isScheduled || this.#appending !== undefined || this.#context.space.frame.isEmpty) {
      return
    }
    this.#isScheduled = true
    setImmediate(() => this.#turn(0, TURNS_MAX))
  }

  /** Resolves when everything that was written is in the data log, or has failed. */
  async settled(): Promise<void> {
    this.#isClosing = true
    this.#begin()
    while (this.#appending !== undefined) await this.#idle
  }

  #turn(before: number, left: number): void {
    const { entries, events } = this.#context.space.frame
    const size = entries.length + events.length
    if (left > 1 && size > before && size < FRAME_FULL) {
      setImmediate(() => this.#turn(size, left - 1))
      return
    }
    this.#isScheduled = false
    this.#begin()
  }

  #begin(): void {
    const { space } = this.#context
    if (this.#appending !== undefined || space.frame.isEmpty) return
    const frame = space.nextFrame()
    this.#appending = frame
    this.#idle = this.#append(frame)
  }

  async #append(frame: Frame): Promise<void> {
    const { stream, space, committed, failed } = this.#context
    const entries = frame.entries
    let failure: unknown
    try {
      await stream.write((tx) => {
        for (let i = 0; i < entries.length; i++) {
          const entry = entries[i] as WrittenEntry
          entry.place = i
          const key = keyOf(entry.bucket, entry.sub)
          if (entry.value === undefined) tx.del(key)
          else tx.put(key, entry.value)
        }
        if (frame.events.length === 0) return
        tx.put(EVENTS_KEY, encodeEvents(frame.events))
      })
    } catch (error) {
      failure = error
    }
    this.#appending = undefined
    if (failure === undefined) {
      space.committed(frame)
      committed(frame)
      frame.settle()
    } else {
      const later = space.frame
      failed(failure)
      frame.settle(failure)
      later.settle(failure)
    }
    if (this.#isClosing) this.#begin()
    else this.schedule()
  }
}
