import type { Bucket } from './bucket.ts'
import type { EventName } from './event-name.ts'

/** An entry as a command wrote it; `value` undefined: deleted. */
export interface WrittenEntry {
  readonly bucket: Bucket
  /** The key behind the bucket's prefix. */
  readonly sub: Uint8Array
  readonly subName: string
  readonly frame: Frame
  value: Uint8Array | undefined
  /** Which operation of its frame it is, once that is appended. */
  place: number | undefined
}

/** Something that happened to a key. */
export interface KeyEvent {
  readonly name: EventName
  readonly db: number
  readonly key: Uint8Array
  /** The key's own entry, when the frame has it. */
  readonly entry: WrittenEntry | undefined
}

/** Who waits for a frame. */
export interface FrameWaiter {
  /** The frame is in the data log, or (`error`) it is not and never will be. */
  frameSettled(frame: Frame): void
}

/** What commands wrote since the last append began: it becomes one append. */
export class Frame {
  readonly entries: WrittenEntry[] = []
  readonly events: KeyEvent[] = []
  readonly waiters = new Set<FrameWaiter>()
  settled = false
  error: unknown

  get isEmpty(): boolean {
    return this.entries.length === 0
  }

  settle(error?: unknown): void {
    this.settled = true
    this.error = error
    for (const waiter of this.waiters) waiter.frameSettled(this)
    this.waiters.clear()
  }
}
