import { isDatagramError } from '@datagram/errors'
import type { InterfaceStream } from '@datagram/stream'
import { type BlockedJob, BlockedJobs } from './blocking.ts'
import { Call, type CallHost, type EngineStats } from './call.ts'
import type { Command } from './command.ts'
import { Committer } from './committer.ts'
import type { Frame } from './frame.ts'
import { Keyspace, type KeyspaceListener } from './keyspace.ts'
import { LIST, type Meta, type TypeNumber, ZSET } from './meta.ts'
import { Miss } from './miss.ts'
import { MomentReader } from './moment-reader.ts'
import { Notifications } from './notifications.ts'
import { PubSub } from './pubsub.ts'
import { NO_REPLY, type Reply } from './reply.ts'
import type { Session } from './session.ts'
import { Space, type SpaceReader } from './space.ts'
import { Watches } from './watches.ts'

// Runs of a command that met something missing before it runs alone.
const ATTEMPTS_MAX = 6
// Moments that a command may lose, on a replica whose author drops them, before it is refused.
const MOMENTS_MAX = 20
// Decoded keys that are kept in memory, for each database.
const CACHE_BYTES = 32 * 1024 * 1024

/** A command on its way. */
interface Job extends BlockedJob {
  readonly command: Command
  readonly args: readonly Uint8Array[]
  readonly answer: (reply: Reply) => void
  attempts: number
  /** It waits for a read. */
  isLoading: boolean
}

/**
 * Carries commands out, one after another: each sees what those before it did, and none waits in its
 * middle. One that meets something that is not in memory is undone and run again once it is.
 */
export class Engine implements CallHost, KeyspaceListener {
  readonly stream: InterfaceStream
  readonly space: Space
  readonly keyspace: Keyspace
  readonly blocked = new BlockedJobs()
  readonly watches = new Watches()
  readonly pubsub = new PubSub()
  readonly notifications: Notifications
  readonly stats: EngineStats = { commands: 0, hits: 0, misses: 0, expired: 0, changes: 0 }
  readonly committer: Committer
  /** What the command that runs does that cannot be undone: it is done once it is complete. */
  effects: (() => void)[] = []
  /** Called after each frame, on the writer. */
  onCommitted: ((frame: Frame) => void) | undefined
  #changed: string[] = []
  #alone: Job | undefined
  // What it reads from, on a replica: the replica moves on meanwhile.
  #moment: MomentReader | undefined
  #held: Job[] = []
  #isServing = false
  #position = -1

  constructor(stream: InterfaceStream) {
    this.stream = stream
    this.space = new Space(stream.index)
    this.keyspace = new Keyspace(this.space, this, CACHE_BYTES)
    this.notifications = new Notifications(this.pubsub)
    this.committer = new Committer({
      stream,
      space: this.space,
      committed: (frame) => this.#committed(frame),
      failed: () => this.#discard(),
    })
  }

  get isWritable(): boolean {
    return this.stream.writable
  }

  /** Carries a command out and answers, at once where memory has what it needs. */
  run(
    session: Session,
    command: Command,
    args: readonly Uint8Array[],
    answer: (reply: Reply) => void,
  ): void {
    const job: Job = {
      session,
      command,
      args,
      answer,
      attempts: 0,
      isLoading: false,
      retry: () => this.#retry(job),
    }
    this.#attempt(job)
  }

  expire(db: number, key: Uint8Array): void {
    if (!this.keyspace.remove(db, key)) return
    this.keyspace.changed('expired', db, key)
    this.stats.expired++
    this.space.onRollBack(() => this.stats.expired--)
  }

  runQueued(run: () => Reply): Reply {
    const mark = this.space.mark()
    const effects = this.effects.length
    try {
      return run()
    } catch (error) {
      if (error instanceof Miss || !(error instanceof Error)) throw error
      this.space.rollBack(mark)
      this.effects.length = effects
      return error
    }
  }

  get pendingFrame(): Frame | undefined {
    return this.committer.pending
  }

  get tellsNewKeys(): boolean {
    return this.notifications.tellsNewKeys
  }

  keyPut(db: number, name: string, meta: Meta): void {
    if (meta.type === LIST || meta.type === ZSET) this.blocked.ready(db, name, meta.type)
  }

  keyChanged(db: number, name: string): void {
    this.stats.changes++
    if (!this.watches.isEmpty) this.#changed.push(`${db}|${name}`)
  }

  /** A session is gone: it waits for nothing and hears nothing any more. */
  leave(session: Session): void {
    session.isClosed = true
    session.queue.length = 0
    this.blocked.end(session)
    this.pubsub.leave(session)
    this.watches.unwatch(session)
  }

  /** Carries out what has begun, and ends what waits. */
  async close(): Promise<void> {
    this.blocked.close()
    await this.committer.settled()
  }

  #attempt(job: Job): void {
    if (this.#alone !== undefined && this.#alone !== job) {
      this.#held.push(job)
      return
    }
    if (!this.isWritable && this.#moment === undefined) this.#followReplica()
    const { space, blocked } = this
    space.begin()
    if (this.effects.length > 0) this.effects = []
    blocked.wanted = undefined
    let reply: Reply
    try {
      const call = new Call(this, job.session, Date.now())
      reply = job.command.run(call, job.args)
    } catch (error) {
      this.#undo()
      if (error instanceof Miss) {
        this.#wait(job, error)
        return
      }
      reply = error as Error
    }
    this.#complete(job, reply)
  }

  #complete(job: Job, reply: Reply): void {
    this.stats.commands++
    const { blocked, watches } = this
    for (const effect of this.effects) effect()
    if (blocked.size > 0) blocked.settle(true, (db, name) => this.#typeOf(db, name))
    if (this.#changed.length > 0) {
      for (const key of this.#changed) watches.changed(key)
      this.#changed = []
    }
    const wanted = reply === NO_REPLY ? blocked.wanted : undefined
    if (wanted === undefined) {
      blocked.remove(job)
      job.answer(reply)
    } else blocked.add(job, job.session.db, wanted)
    this.#release(job)
    if (blocked.size > 0) this.#serve()
    this.committer.schedule()
  }

  #typeOf(db: number, name: string): TypeNumber | undefined {
    return this.keyspace.get(db, Buffer.from(name, 'latin1'))?.type
  }

  #undo(): void {
    this.space.rollBack()
    this.effects = []
    this.#changed = []
    this.blocked.settle(false)
  }

  #wait(job: Job, miss: Miss): void {
    job.attempts++
    job.isLoading = true
    if (job.attempts >= ATTEMPTS_MAX && this.#alone === undefined) this.#runAlone(job)
    miss.load().then(
      () => {
        job.isLoading = false
        if (!job.session.isClosed) this.#attempt(job)
        else this.#release(job)
      },
      (error: unknown) => {
        job.isLoading = false
        if (this.#moment !== undefined && job === this.#alone && isGone(error)) {
          if (job.attempts < MOMENTS_MAX) {
            this.#takeMoment()
            this.#attempt(job)
            return
          }
        }
        this.blocked.remove(job)
        job.answer(error as Error)
        this.#release(job)
      },
    )
  }

  // All that it needs stays in memory, and of one moment.
  #runAlone(job: Job): void {
    this.#alone = job
    if (!this.isWritable) this.#takeMoment()
    this.space.loaded.pin(true)
  }

  #takeMoment(): void {
    this.#moment?.close()
    this.#moment = new MomentReader(this.stream)
    this.#readFrom(this.#moment)
  }

  #readFrom(reader: SpaceReader): void {
    this.space.readFrom(reader)
    this.keyspace.clear()
  }

  // One that had to run alone is through: those that came meanwhile have their turn.
  #release(job: Job): void {
    if (this.#alone !== job) return
    this.#alone = undefined
    this.space.loaded.pin(false)
    if (this.#moment !== undefined) {
      this.#moment.close()
      this.#moment = undefined
      this.#readFrom(this.stream.index)
    }
    const held = this.#held
    this.#held = []
    for (const one of held) this.#attempt(one)
  }

  #retry(job: Job): void {
    if (!job.isLoading && this.blocked.isWaiting(job)) this.#attempt(job)
  }

  #serve(): void {
    if (this.#isServing) return
    this.#isServing = true
    try {
      this.blocked.serve()
    } finally {
      this.#isServing = false
    }
  }

  // What a replica knows is true until it moves on.
  #followReplica(): void {
    const { position } = this.stream.moment()
    if (position === this.#position) return
    this.#position = position
    this.#discard()
  }

  #committed(frame: Frame): void {
    if (this.notifications.isOn) for (const event of frame.events) this.notifications.tell(event)
    this.onCommitted?.(frame)
  }

  #discard(): void {
    this.space.discard()
    this.keyspace.clear()
  }
}

/** The author has dropped what the moment was read from. */
function isGone(error: unknown): boolean {
  return isDatagramError(error, 'INDEX_SNAPSHOT_GONE') || isDatagramError(error, 'BLOCK_FORGOTTEN')
}
