import { type Compactor, isUnderway } from './compactor.ts'
import { EventLoopTurn } from './event-loop-turn.ts'
import { FlushWaiters } from './flush-waiters.ts'
import type { Flusher } from './flusher.ts'
import { KeeperTimer } from './keeper-timer.ts'
import type { MapState } from './map-state.ts'
import type { Sweeper } from './sweeper.ts'
import type { Upkeep } from './upkeep.ts'

/** What the keeper works with. */
export interface KeeperParts {
  readonly state: MapState
  readonly flusher: Flusher
  readonly compactor: Compactor
  readonly sweeper: Sweeper
  readonly idleMs: number
  /** After a failed append: goes on from the head that the log really ends in. */
  readonly resync: () => Promise<void>
  /** What calls reject with that `close` leaves undone. */
  readonly closedError: () => Error
}

const alreadyReady = Promise.resolve()

interface Task {
  readonly run: (turn: EventLoopTurn) => Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * The background of a writable index: flushes, merges and drops, one at a time, so that each append
 * goes out from the tree that the one before has left.
 *
 * A failure ends the present round and is told to the calls that wait; when there is none it is kept as
 * `problem` until `ready` or `close` reports it or a later round goes well. Operations stay in memory.
 */
export class Keeper implements Upkeep {
  readonly #parts: KeeperParts
  readonly #waiters = new FlushWaiters()
  readonly #timer: KeeperTimer
  readonly #progress: (() => void)[] = []
  // Calls of `ready` that are not answered yet.
  #waiting = 0
  #tasks: Task[] = []
  #running: Promise<void> | undefined
  #closing = false
  // The last round failed, and the log may hold more than the tree knows of.
  #unsure = false
  // What an earlier process has left to do was not looked at yet.
  #isFresh = true
  #problem: Error | undefined

  constructor(parts: KeeperParts) {
    this.#parts = parts
    this.#timer = new KeeperTimer(parts.idleMs, () => this.#start())
  }

  get problem(): Error | undefined {
    return this.#problem
  }

  /** To be called after operations were applied. */
  applied(): void {
    this.#timer.applied()
    if (this.#running !== undefined) return
    if (this.#isFresh || this.#parts.flusher.isDue(false)) this.#startUnlessFailed()
  }

  /**
   * Looks whether an earlier process has left something to do, with the first operation, or when none has come for a
   * while: who opens an index to read goes first, and writes nothing.
   */
  begin(): void {
    this.#timer.applied()
  }

  /** Resolves when the operations that are in memory now are in the log. */
  async flush(): Promise<void> {
    const { active, frozen } = this.#parts.state
    const table = active.frames > 0 ? active : frozen
    if (table === undefined) return
    const flushed = this.#waiters.wait(table)
    this.#start()
    await flushed
  }

  /** Resolves when memory can take more; rejects once with what failed in the background. */
  ready(): Promise<void> {
    const isReady = this.#problem === undefined && this.#parts.flusher.hasRoom
    return isReady ? alreadyReady : this.#room()
  }

  async #room(): Promise<void> {
    this.#reportProblem()
    this.#waiting += 1
    // What has failed is told at once: on a full disk there may be no room for as long as it is full.
    while (!this.#parts.flusher.hasRoom && !this.#closing && this.#problem === undefined) {
      await this.#nextProgress()
    }
    this.#waiting -= 1
    this.#reportProblem()
  }

  /** Flushes, merges all there is now into one run, drops all that may go. */
  async compact(): Promise<void> {
    await this.flush()
    const done = new Promise<void>((resolve, reject) => {
      this.#tasks.push({ run: (turn) => this.#compactAll(turn), resolve, reject })
    })
    this.#start()
    await done
  }

  async dropSuperseded(): Promise<void> {
    await this.#parts.sweeper.sweep('everything')
  }

  /** There is no newer head than one's own. */
  async update(): Promise<boolean> {
    return false
  }

  /** Ends the background's work; flushes what a reader should not have to replay. */
  async close(): Promise<void> {
    this.#closing = true
    this.#timer.close()
    await this.#running
    this.#failTasks(this.#parts.closedError())
    const problem = this.#takeProblem()
    if (problem !== undefined) throw problem
    const { flusher } = this.#parts
    while (flusher.exceedsIdle) await flusher.flush(new EventLoopTurn())
  }

  #reportProblem(): void {
    const problem = this.#takeProblem()
    if (problem === undefined) return
    this.#start()
    throw problem
  }

  // Resolves after the next piece of work, also when it fails.
  #nextProgress(): Promise<void> {
    this.#start()
    return new Promise((resolve) => {
      this.#progress.push(resolve)
    })
  }

  #tellProgress(): void {
    for (const resolve of this.#progress.splice(0)) resolve()
  }

  #takeProblem(): Error | undefined {
    const problem = this.#problem
    this.#problem = undefined
    return problem
  }

  #startUnlessFailed(): void {
    if (!this.#timer.waitsToRetry) this.#start()
  }

  #start(): void {
    this.#running ??= this.#run()
  }

  // Never rejects.
  async #run(): Promise<void> {
    const turn = new EventLoopTurn()
    this.#isFresh = false
    try {
      // Behind this turn's calls, so that those that come together share an append.
      await turn.next()
      if (this.#unsure) await this.#parts.resync()
      this.#unsure = false
      while ((!this.#closing || this.#waiters.any) && (await this.#work(turn))) {
        this.#tellProgress()
        if (turn.over) await turn.next()
      }
      this.#problem = undefined
      this.#timer.succeeded()
    } catch (error) {
      this.#failed(error)
    }
    this.#running = undefined
    this.#tellProgress()
    // What was asked for while this round was ending has nobody else to begin it.
    if (this.#waiters.any || (this.#tasks.length > 0 && !this.#closing)) this.#start()
    else this.#timer.sweepAt(this.#parts.sweeper.dueMs)
  }

  // Does the most urgent piece of work; false when there is none.
  async #work(turn: EventLoopTurn): Promise<boolean> {
    const { state, flusher, compactor, sweeper } = this.#parts
    // Somebody who waits to write is not idle.
    const idle = this.#timer.idle && this.#waiting === 0
    const task = this.#tasks[0]
    if (this.#waiters.any || flusher.isDue(idle)) await this.#flush(turn)
    else if (task !== undefined) {
      await task.run(turn)
      this.#tasks.shift()
      task.resolve()
    } else if (this.#timer.waitsToRetry) return false
    else if (compactor.isDue(state.tree, idle)) {
      state.install(await compactor.step(state.tree, idle, turn))
    } else if (sweeper.isDue) await sweeper.sweep('due')
    else return false
    return true
  }

  async #flush(turn: EventLoopTurn): Promise<void> {
    const { state, flusher } = this.#parts
    try {
      await flusher.flush(turn)
    } catch (error) {
      // Without a journal nobody would bring rejected operations again, so they must not stay.
      if (!state.journalled) state.discard()
      if (this.#waiters.fail(error)) throw new ToldError(error)
      throw error
    }
    this.#waiters.settle(state.active, state.frozen)
  }

  async #compactAll(turn: EventLoopTurn): Promise<void> {
    const { state, flusher, compactor, sweeper } = this.#parts
    // Runs of flushes that come meanwhile stay out of it: they would never end.
    let above = 0
    for (;;) {
      if (this.#closing) throw this.#parts.closedError()
      const { tiers } = state.tree.head
      const rest = tiers.slice(above)
      const [only] = rest
      const clean = only === undefined || (only.run.tombstones === 0 && only.run.superseded === 0)
      if (!isUnderway(tiers) && rest.length <= 1 && clean) break
      if (this.#waiters.any || flusher.isDue(false)) {
        await this.#flush(turn)
        above += state.tree.head.tiers.length - tiers.length
      } else state.install(await compactor.stepOfAll(state.tree, above, turn))
      if (turn.over) await turn.next()
    }
    await sweeper.sweep('free')
  }

  #failed(error: unknown): void {
    this.#unsure = true
    this.#timer.failed()
    this.#parts.compactor.reset()
    const told = error instanceof ToldError
    const cause = told ? error.cause : error
    if (this.#failTasks(cause) || told) return
    this.#problem = cause instanceof Error ? cause : new Error(String(cause))
  }

  #failTasks(error: unknown): boolean {
    const failed = this.#tasks
    this.#tasks = []
    for (const { reject } of failed) reject(error)
    return failed.length > 0
  }
}

/** Around an error that those who waited have heard of already. */
class ToldError extends Error {
  constructor(cause: unknown) {
    super('reported already', { cause })
  }
}
