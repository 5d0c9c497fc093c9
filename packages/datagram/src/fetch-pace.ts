import type { FetchProgress } from '@datagram/container'

// What came in so many milliseconds counts for the rate.
const WINDOW_MS = 5_000
const SAMPLES_MAX = 64

/** How far a clone or an update is. */
export interface Progress extends FetchProgress {
  /** Bytes of blocks that came each second, over the last five seconds. */
  readonly bytesPerSecond: number
  /** Milliseconds until all is here that is known to be wanted, at this pace; undefined while nothing came. */
  readonly leftMs: number | undefined
  /** Peers that are connected. */
  readonly peers: number
}

interface Sample {
  readonly atMs: number
  readonly bytes: number
  readonly blocks: number
}

/** How fast blocks come. */
export class FetchPace {
  readonly #samples: Sample[] = []

  /** The progress with its pace. `nowMs`: of a clock that does not jump. */
  measure(progress: FetchProgress, peers: number, nowMs = performance.now()): Progress {
    const { blocksDone, blocksWanted, bytesReceived } = progress
    const newest = { atMs: nowMs, bytes: bytesReceived, blocks: blocksDone }
    const first = this.#note(newest)
    const ms = nowMs - first.atMs
    const blocks = blocksDone - first.blocks
    const left = blocksWanted - blocksDone
    const isMoving = ms > 0 && blocks > 0
    const bytesPerSecond = ms > 0 ? Math.round(((bytesReceived - first.bytes) * 1000) / ms) : 0
    const leftMs = left === 0 ? 0 : isMoving ? Math.round((left * ms) / blocks) : undefined
    return { ...progress, bytesPerSecond, leftMs, peers }
  }

  /** Keeps a sample; gives the oldest that counts. */
  #note(newest: Sample): Sample {
    const last = this.#samples.at(-1)
    // Reports come with every block: few of them are enough.
    if (last === undefined || newest.atMs - last.atMs >= WINDOW_MS / SAMPLES_MAX) {
      this.#samples.push(newest)
    }
    while (newest.atMs - (this.#samples[1]?.atMs ?? newest.atMs) >= WINDOW_MS) this.#samples.shift()
    return this.#samples[0] as Sample
  }
}
