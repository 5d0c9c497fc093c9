import { logError } from './log-errors.ts'

/** A hybrid logical clock's reading: 48-bit milliseconds since 1970 and a 16-bit counter. */
export interface Stamp {
  readonly ms: number
  readonly counter: number
}

/** How far ahead of the wall clock a foreign stamp may be, in milliseconds: five minutes. */
export const STAMP_AHEAD_MS_MAX = 5 * 60_000
const MS_MAX = 2 ** 48 - 1
const COUNTER_MAX = 0xffff

/** Negative, zero or positive as `a` is older than, equal to or newer than `b`. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return a.ms - b.ms || a.counter - b.counter
}

/**
 * A hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014): readings strictly
 * increase, follow the wall clock where they can, and never fall behind a stamp that was seen.
 */
export class HybridClock {
  #last: Stamp = { ms: 0, counter: 0 }
  readonly #wall: () => number

  /** `wall` gives milliseconds since 1970; default the system's clock. */
  constructor(wall: () => number = Date.now) {
    this.#wall = wall
  }

  /** The next reading, newer than every earlier one and than every stamp observed. */
  next(): Stamp {
    const wall = Math.min(this.#wall(), MS_MAX)
    const { ms, counter } = this.#last
    if (wall > ms) this.#last = { ms: wall, counter: 0 }
    else if (counter < COUNTER_MAX) this.#last = { ms, counter: counter + 1 }
    else this.#last = { ms: ms + 1, counter: 0 }
    return this.#last
  }

  /** Takes note of a stamp of our own, from an earlier run: the clock goes on after it. */
  resume(stamp: Stamp): void {
    if (compareStamps(stamp, this.#last) > 0) this.#last = stamp
  }

  /** Takes note of somebody else's stamp. One more than five minutes ahead is `BLOCK_DAMAGED`. */
  observe(stamp: Stamp): void {
    if (stamp.ms > this.#wall() + STAMP_AHEAD_MS_MAX) {
      throw logError(
        'BLOCK_DAMAGED',
        `a stamp is ${stamp.ms - this.#wall()} ms ahead of this machine's clock; check both clocks`,
      )
    }
    this.resume(stamp)
  }
}
