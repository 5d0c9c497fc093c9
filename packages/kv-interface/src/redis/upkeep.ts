import type { Call } from './call.ts'
import { type Command, plain } from './command.ts'
import { elementsOf, keysOf } from './databases.ts'
import type { Engine } from './engine.ts'
import { GARBAGE, keyOfEntry } from './keyspace.ts'
import { getUint48 } from './key-part.ts'
import { OK } from './reply.ts'
import { Session } from './session.ts'

// Entries that one step takes away: it must not hold commands up.
const STEP_ENTRIES = 200
// The soonest that a key's time is looked at again, and the latest.
const SOON_MS = 1
const LATE_MS = 60_000
// Between two steps, so that commands have their turn.
const STEP_MS = 2
// How long what nothing leads to waits at least: so that little steps become one.
const GARBAGE_MS = 50
// After a failure.
const RETRY_MS = 1000

/**
 * What happens between commands: keys whose time has come go, and so does what nothing leads to any more.
 * Small steps, each a command like any other.
 */
export class Upkeep {
  readonly #engine: Engine
  readonly #session = new Session({ reply: () => undefined, push: () => undefined })
  #timer: NodeJS.Timeout | undefined
  #dueAt = Number.POSITIVE_INFINITY
  /** Whether keys go by themselves; DEBUG SET-ACTIVE-EXPIRE says so. */
  isExpiring = true

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Begins, on the writer, and goes on until {@link stop}. */
  start(): void {
    if (!this.#engine.isWritable) return
    this.#engine.onCommitted = () => this.#lookAgain()
    this.#wakeIn(SOON_MS)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#engine.onCommitted = undefined
  }

  #lookAgain(): void {
    const { nextExpiry, hasGarbage } = this.#engine.keyspace
    if (hasGarbage) this.#wakeIn(GARBAGE_MS)
    if (nextExpiry !== undefined) this.#wakeIn(nextExpiry - Date.now())
  }

  #wakeIn(ms: number): void {
    const wait = Math.min(Math.max(ms, SOON_MS), LATE_MS)
    const dueAt = Date.now() + wait
    if (dueAt >= this.#dueAt) return
    this.#dueAt = dueAt
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#step(), wait).unref()
  }

  #step(): void {
    this.#dueAt = Number.POSITIVE_INFINITY
    let isMore = false
    const step = plain('upkeep', 1, (call) => {
      isMore = (this.isExpiring && expireDue(call)) || false
      isMore = collectGarbage(call) || isMore
      return OK
    })
    this.#run(step, (failed) => {
      if (failed) this.#wakeIn(RETRY_MS)
      else if (isMore) this.#wakeIn(STEP_MS)
      else {
        this.#wakeIn((this.#engine.keyspace.nextExpiry ?? Number.POSITIVE_INFINITY) - Date.now())
      }
    })
  }

  #run(step: Command, done: (failed: boolean) => void): void {
    this.#engine.run(this.#session, step, [], (reply) => done(reply instanceof Error))
  }
}

// Whether more is due.
function expireDue({ engine, keyspace, now }: Call): boolean {
  if (keyspace.nextExpiry !== undefined && keyspace.nextExpiry > now) return false
  const due = keyspace.due(now, STEP_ENTRIES)
  for (const one of due) {
    const meta = one.db === undefined ? undefined : keyspace.get(one.db, one.key)
    const isDue = meta !== undefined && meta.expireAt !== 0 && meta.expireAt <= now
    if (isDue) engine.expire(one.db as number, one.key)
    keyspace.settled(one)
  }
  return due.length === STEP_ENTRIES
}

// Whether there is more.
function collectGarbage({ space, keyspace }: Call): boolean {
  if (!keyspace.hasGarbage) return false
  let left = STEP_ENTRIES
  for (const [sub, kind] of space.range(GARBAGE, { limit: 20 })) {
    if (left <= 0) return true
    const id = getUint48(sub, 0)
    const isDatabase = kind[0] === 0
    const bucket = isDatabase ? keysOf(id) : elementsOf(id)
    const entries = space.range(bucket, { limit: left })
    for (const [entrySub, value] of entries) {
      space.del(bucket, entrySub)
      if (!isDatabase) continue
      const { meta } = keyOfEntry(entrySub, value)
      if (meta.id !== 0) space.put(GARBAGE, idOf(meta.id), new Uint8Array([meta.type]))
    }
    if (entries.length < left) space.del(GARBAGE, sub)
    left -= entries.length + 1
  }
  space.onRollBack(() => {
    keyspace.hasGarbage = true
  })
  keyspace.hasGarbage = left < STEP_ENTRIES
  return keyspace.hasGarbage
}

function idOf(id: number): Uint8Array {
  return elementsOf(id).prefix.subarray(1)
}
