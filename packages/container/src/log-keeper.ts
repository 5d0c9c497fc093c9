import { isDatagramError } from '@datagram/errors'
import { BlockSet, type Log, untilLength, type WaitOptions } from '@datagram/log-core'
import type { ByteBudget } from './byte-budget.ts'
import type { Places } from './places.ts'

// Blocks that are asked for at once, while there is room for them.
const WINDOW = 512
// How soon it looks again whether a peer has got more, without any news: soon at first, then seldom.
const LOOK_AGAIN_MS = { first: 50, last: 10_000 } as const
// What no peer has shown for so long, none of those connected has.
const NOBODY_AFTER_MS = 1000
const TIMEOUT_MS = 30_000
// The peer has gone, or promised what it does not send: the next look will tell.
const PASSING = ['BLOCK_UNAVAILABLE', 'WAIT_TIMEOUT'] as const

export interface LogKeeperOptions {
  readonly budget: ByteBudget
  /** Logs that fetch at the same time. */
  readonly places: Places
  /** Ends the keeping, at the next {@link LogKeeper.wake}. */
  readonly signal: AbortSignal
  /** Blocks have come. */
  readonly onFetched?: () => void
  readonly onProblem: (problem: unknown) => void
}

/** Keeps a copy of one log: fetches every block that a connected peer has, now and later. */
export class LogKeeper {
  readonly log: Log
  readonly #options: LogKeeperOptions
  #wake: () => void = () => undefined
  #fetching: Promise<boolean> | undefined

  constructor(log: Log, options: LogKeeperOptions) {
    this.log = log
    this.#options = options
  }

  /** Resolves when the signal aborts, or the log cannot be kept any further. */
  async run(): Promise<void> {
    const { signal, onProblem } = this.#options
    const undo = this.log.onAppend(() => this.#wake())
    let pauseMs: number = LOOK_AGAIN_MS.first
    try {
      while (!signal.aborted) {
        const fetched = await this.#fetch()
        pauseMs = fetched ? LOOK_AGAIN_MS.first : Math.min(2 * pauseMs, LOOK_AGAIN_MS.last)
        if (await this.#pause(pauseMs)) pauseMs = LOOK_AGAIN_MS.first
      }
    } catch (error) {
      if (!signal.aborted) onProblem(this.log.problem ?? error)
    } finally {
      undo()
    }
  }

  /** Looks at once whether there is anything new. */
  wake(): void {
    this.#wake()
  }

  /** Resolves when all is here that the connected peers have and there is room for. */
  async catchUp({ signal, timeoutMs = TIMEOUT_MS }: WaitOptions): Promise<void> {
    const { budget } = this.#options
    const wait = { signal, timeoutMs }
    await untilLength(this.log, 1, wait)
    await this.log.update(wait)
    let nothingSince = performance.now()
    while (!this.log.isWhole && !budget.isFull) {
      signal?.throwIfAborted()
      if (await this.#fetch()) nothingSince = performance.now()
      else if (performance.now() - nothingSince > NOBODY_AFTER_MS) return this.#passOn(wait)
      else await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS.first))
    }
    // What has come is counted, too.
    await this.#fetching
  }

  /** What everybody who had it has forgotten alone is not to be expected from here either. */
  async #passOn(wait: WaitOptions): Promise<void> {
    const here = new BlockSet(this.log.here({ start: 0, end: this.log.length }))
    const ranges = here.without({ start: 0, end: this.log.length })
    let counted = 0
    const onProgress = ({ bytesReceived }: { readonly bytesReceived: number }) => {
      this.#options.budget.add(bytesReceived - counted)
      counted = bytesReceived
    }
    try {
      const lacking = await this.log.download({ ...wait, ranges, onProgress, without: [] })
      for (const range of lacking) this.log.disclaim(range)
    } catch (error) {
      if (!PASSING.some((code) => isDatagramError(error, code))) throw error
    }
  }

  /** Fetches what can be had now; whether anything came. Calls at the same time are one. */
  #fetch(): Promise<boolean> {
    this.#fetching ??= this.#fetchOnce().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #fetchOnce(): Promise<boolean> {
    const { places, onFetched } = this.#options
    if (this.log.isWhole) return false
    const fetched = await places.run(() => this.#fetchWindows())
    if (fetched) onFetched?.()
    return fetched
  }

  async #fetchWindows(): Promise<boolean> {
    const { signal, budget } = this.#options
    let fetched = false
    while (!signal.aborted) {
      const size = Math.ceil(this.log.byteLength / Math.max(1, this.log.length))
      const ranges = this.log.obtainable(Math.min(WINDOW, budget.room(size)))
      const blocks = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
      if (blocks === 0) return fetched
      const giveBack = budget.reserve(blocks * size)
      let counted = 0
      try {
        await this.log.download({
          ranges,
          signal,
          onProgress: ({ bytesReceived }) => {
            fetched ||= bytesReceived > 0
            budget.add(bytesReceived - counted)
            counted = bytesReceived
          },
        })
      } catch (error) {
        if (!PASSING.some((code) => isDatagramError(error, code))) throw error
        return fetched
      } finally {
        giveBack()
      }
    }
    return fetched
  }

  /** Waits for news of the log, at most so long; whether there were any. */
  #pause(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms).unref()
      this.#wake = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }
}
