import type { TypeNumber } from './meta.ts'
import { floatOf } from './number-text.ts'
import { redisError } from './redis-error.ts'
import { NO_REPLY, type Reply } from './reply.ts'
import type { Session } from './session.ts'
import { nameOf } from './key-part.ts'

/** What a blocking command waits for. */
export interface Blocking {
  readonly keys: readonly Uint8Array[]
  /** What they must hold to be worth a try. */
  readonly type: TypeNumber
  /** 0: for ever. */
  readonly timeoutMs: number
  /** What it answers when the time is over, and inside EXEC. */
  readonly onTimeout: Reply
}

/** A command that waits for keys. */
export interface BlockedJob {
  readonly session: Session
  /** Tries again; true when it has answered. */
  readonly retry: () => void
  readonly answer: (reply: Reply) => void
}

interface Waiter {
  readonly job: BlockedJob
  readonly names: readonly string[]
  readonly onTimeout: Reply
  readonly timer: NodeJS.Timeout | undefined
}

// The longest time that a timer takes.
const TIMER_MS_MAX = 2 ** 31 - 1

/** The type of what a key holds now, by its name. */
type HoldsType = (db: number, name: string) => TypeNumber | undefined

/** Commands that wait for keys, in the order in which they came. */
export class BlockedJobs {
  /** What the command that just ran wants to wait for. */
  wanted: Blocking | undefined
  readonly #byKey = new Map<string, Set<Waiter>>()
  readonly #byJob = new Map<BlockedJob, Waiter>()
  readonly #ready = new Set<string>()
  // Put in place by the command that runs: it may still be undone.
  readonly #maybeReady = new Set<string>()

  get size(): number {
    return this.#byJob.size
  }

  wants(blocking: Blocking): typeof NO_REPLY {
    this.wanted = blocking
    return NO_REPLY
  }

  /** Lets a command wait. One that waits already goes on as it did. */
  add(job: BlockedJob, db: number, { keys, type, timeoutMs, onTimeout }: Blocking): void {
    if (this.#byJob.has(job)) return
    const names = keys.map((key) => waitName(db, type, nameOf(key)))
    const timer =
      timeoutMs === 0
        ? undefined
        : setTimeout(() => this.#expire(job), Math.min(timeoutMs, TIMER_MS_MAX)).unref()
    const waiter: Waiter = { job, names, onTimeout, timer }
    this.#byJob.set(job, waiter)
    for (const name of names) {
      const waiting = this.#byKey.get(name) ?? new Set()
      waiting.add(waiter)
      this.#byKey.set(name, waiting)
    }
  }

  /** A key was put in place; whoever waits for it is tried by {@link serve}. */
  ready(db: number, name: string, type: TypeNumber): void {
    if (this.#byKey.size === 0) return
    const key = waitName(db, type, name)
    if (this.#byKey.has(key)) this.#maybeReady.add(key)
  }

  /** All keys of a database may be there now. */
  readyDatabase(db: number): void {
    for (const name of this.#byKey.keys()) if (name.startsWith(`${db}|`)) this.#maybeReady.add(name)
  }

  /** The command that ran is complete, or undone: then nothing of what it put in place is true. */
  settle(isComplete: boolean, holds?: HoldsType): void {
    for (const waitedFor of isComplete ? this.#maybeReady : []) {
      const [db = '', type = '', ...name] = waitedFor.split('|')
      if (holds?.(Number(db), name.join('|')) === Number(type)) this.#ready.add(waitedFor)
    }
    this.#maybeReady.clear()
  }

  /** Tries those that wait for keys that are ready, the longest-waiting first. */
  serve(): void {
    for (const name of this.#ready) {
      this.#ready.delete(name)
      for (const { job } of [...(this.#byKey.get(name) ?? [])]) job.retry()
    }
  }

  isWaiting(job: BlockedJob): boolean {
    return this.#byJob.has(job)
  }

  remove(job: BlockedJob): boolean {
    const waiter = this.#byJob.get(job)
    if (waiter === undefined) return false
    clearTimeout(waiter.timer)
    this.#byJob.delete(job)
    for (const name of waiter.names) {
      const waiting = this.#byKey.get(name)
      waiting?.delete(waiter)
      if (waiting?.size === 0) this.#byKey.delete(name)
    }
    return true
  }

  /** Ends what a session waits for. `reply`: what it answers; none for a session that is gone. */
  end(session: Session, reply?: Reply): boolean {
    for (const [job, { onTimeout }] of this.#byJob) {
      if (job.session !== session) continue
      this.remove(job)
      if (!session.isClosed) job.answer(reply ?? onTimeout)
      return true
    }
    return false
  }

  close(): void {
    for (const job of [...this.#byJob.keys()]) this.remove(job)
  }

  #expire(job: BlockedJob): void {
    const waiter = this.#byJob.get(job)
    if (waiter !== undefined && this.remove(job)) job.answer(waiter.onTimeout)
  }
}

/** The timeout of a blocking command: seconds, decimals allowed, as milliseconds. */
export function timeoutArgument(now: number, bytes: Uint8Array | undefined): number {
  const seconds = floatOf(nameOf(bytes ?? new Uint8Array(0)))
  if (seconds === undefined || !Number.isFinite(seconds)) {
    throw redisError('ERR timeout is not a float or out of range')
  }
  if (seconds < 0) throw redisError('ERR timeout is negative')
  if (seconds * 1000 + now > Number.MAX_SAFE_INTEGER) {
    throw redisError('ERR timeout is out of range')
  }
  return Math.ceil(seconds * 1000)
}

function waitName(db: number, type: TypeNumber, name: string): string {
  return `${db}|${type}|${name}`
}
