import type { BlockedJobs, Blocking } from './blocking.ts'
import type { Bucket } from './bucket.ts'
import type { EventName } from './event-name.ts'
import type { Frame } from './frame.ts'
import type { Keyspace } from './keyspace.ts'
import { type Meta, STRING, type TypeNumber } from './meta.ts'
import { elementsOf } from './databases.ts'
import { wrongType } from './redis-error.ts'
import type { Notifications } from './notifications.ts'
import type { PubSub } from './pubsub.ts'
import type { NO_REPLY, Reply } from './reply.ts'
import type { Session } from './session.ts'
import type { Space } from './space.ts'
import type { Watches } from './watches.ts'

/** Figures of INFO, since the stream was opened. */
export interface EngineStats {
  commands: number
  hits: number
  misses: number
  expired: number
  /** Changes of keys. */
  changes: number
}

/** What commands run on. */
export interface CallHost {
  readonly isWritable: boolean
  readonly keyspace: Keyspace
  readonly space: Space
  readonly blocked: BlockedJobs
  readonly watches: Watches
  readonly pubsub: PubSub
  readonly notifications: Notifications
  readonly stats: EngineStats
  /** What the command that runs does that cannot be undone: it is done once it is complete. */
  readonly effects: (() => void)[]
  /** The frame that an answer given now must wait for: it may tell what is not in the data log yet. */
  readonly pendingFrame: Frame | undefined
  /** Takes away a key whose time has come. */
  expire(db: number, key: Uint8Array): void
  /** Runs one queued command of EXEC: what it did is undone when it throws, and its error is the answer. */
  runQueued(run: () => Reply): Reply
}

/** One run of a command: what it reads and writes goes through here. It never waits. */
export class Call {
  readonly engine: CallHost
  readonly session: Session
  readonly keyspace: Keyspace
  readonly space: Space
  /** When it began, in milliseconds since 1970: time stands still while a command runs. */
  readonly now: number
  /** Number of the database that the session has selected. */
  db: number
  /** Whether it runs inside EXEC: it must not block. */
  readonly isQueued: boolean
  // Keys that a resize took away and whose event is still to be told.
  #emptied: Uint8Array[] | undefined

  constructor(engine: CallHost, session: Session, now: number, isQueued = false) {
    this.engine = engine
    this.session = session
    this.keyspace = engine.keyspace
    this.space = engine.space
    this.now = now
    this.db = session.db
    this.isQueued = isQueued
  }

  /** What a key holds. One that has expired is taken away, on the writer; a replica is told by the writer. */
  find(key: Uint8Array, db = this.db): Meta | undefined {
    const meta = this.keyspace.get(db, key)
    if (meta === undefined || meta.expireAt === 0 || meta.expireAt > this.now) return meta
    if (!this.engine.isWritable) return meta
    this.engine.expire(db, key)
    return undefined
  }

  /** As {@link find}; throws WRONGTYPE when it is of another type. */
  findOf(key: Uint8Array, type: TypeNumber): Meta | undefined {
    const meta = this.find(key)
    if (meta !== undefined && meta.type !== type) throw wrongType()
    if (meta === undefined) this.engine.stats.misses++
    else this.engine.stats.hits++
    return meta
  }

  /** The string that a key holds, or undefined. */
  string(key: Uint8Array): Uint8Array | undefined {
    return this.findOf(key, STRING)?.value
  }

  put(key: Uint8Array, meta: Meta, db = this.db): void {
    this.keyspace.put(db, key, meta)
  }

  /** Puts a key in the place of whatever was there, which is freed. */
  replace(key: Uint8Array, meta: Meta, db = this.db): void {
    const before = this.keyspace.get(db, key)
    if (before !== undefined && before.type !== STRING) this.keyspace.free(before)
    this.keyspace.put(db, key, meta)
  }

  remove(key: Uint8Array, db = this.db): boolean {
    return this.keyspace.remove(db, key)
  }

  /** Puts a collection's new size in place, or takes away the key of one that has become empty. */
  resize(key: Uint8Array, meta: Meta): void {
    if (meta.count > 0) this.keyspace.put(this.db, key, meta)
    else if (this.keyspace.remove(this.db, key, false)) {
      this.#emptied ??= []
      this.#emptied.push(key)
    }
  }

  /** Tells what happened to a key: watchers, notifications, replicas. */
  changed(event: EventName, key: Uint8Array, db = this.db): void {
    this.keyspace.changed(event, db, key)
  }

  /** After {@link resize}: the event, and `del` when it left nothing. */
  resized(event: EventName, key: Uint8Array): void {
    this.changed(event, key)
    if (this.#emptied?.pop() !== undefined) this.changed('del', key)
  }

  /** The elements of a collection. */
  elements(meta: Meta): Bucket {
    return elementsOf(meta.id)
  }

  /** A number for a new collection. */
  newId(): number {
    return this.keyspace.databases.nextId()
  }

  /** Runs `effect` once the command is complete: what it does cannot be undone. */
  effect(effect: () => void): void {
    this.engine.effects.push(effect)
  }

  /** Waits for one of the keys to be put in place, and runs the command again then. */
  block(blocking: Blocking): typeof NO_REPLY {
    return this.engine.blocked.wants(blocking)
  }
}
