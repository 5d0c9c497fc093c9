import type { CommandFlag } from './command-flag.ts'
import type { Frame } from './frame.ts'
import type { Reply } from './reply.ts'

/** Where the answers of a session go. They come in order; one with a frame is told once it has settled. */
export interface SessionSink {
  /** The answer to a command. `frame`: what it wrote, or may have read, is not in the data log before. */
  reply(reply: Reply, frame: Frame | undefined): void
  /** Something that no command of its own asked for: a message. */
  push(items: readonly Reply[], frame: Frame | undefined): void
}

/** A command with its arguments, as MULTI queues it. */
export interface QueuedCommand {
  readonly name: string
  readonly flags: readonly CommandFlag[]
  readonly run: (call: never, args: readonly Uint8Array[]) => Reply
  readonly args: readonly Uint8Array[]
}

/** A MULTI that has begun. */
export interface OpenTransaction {
  readonly queued: QueuedCommand[]
  /** A command was refused when it was to be queued: EXEC gives up. */
  isSpoiled: boolean
}

let lastId = 0

/** Somebody who gives commands: a connection, or the JavaScript API. Commands of one are in order. */
export class Session {
  readonly id = ++lastId
  readonly sink: SessionSink
  /** Version of RESP: shapes of some answers depend on it. */
  protocol: 2 | 3 = 2
  db = 0
  transaction: OpenTransaction | undefined
  /** Keys that it watches: `db|name`. */
  readonly watched = new Set<string>()
  /** Watched keys that had expired already: that they go is no change. */
  readonly expiredWhenWatched = new Set<string>()
  /** A watched key has changed. */
  isWatchBroken = false
  readonly channels = new Set<string>()
  readonly patterns = new Set<string>()
  readonly shardChannels = new Set<string>()
  /** Commands that wait for their turn. */
  readonly queue: (readonly Uint8Array[])[] = []
  /** A command of its own has not answered yet: it waits for a read, or blocks. */
  isBusy = false
  isClosed = false
  /** Refuses a command before anything else, such as one without a password. */
  refuses: ((name: string, args: readonly Uint8Array[]) => Error | undefined) | undefined
  /** What the server knows of it; commands of the server's own read it. */
  owner: unknown

  constructor(sink: SessionSink) {
    this.sink = sink
  }

  get subscriptions(): number {
    return this.channels.size + this.patterns.size + this.shardChannels.size
  }
}
