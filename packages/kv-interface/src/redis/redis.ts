import type { InterfaceStream } from '@datagram/stream'
import b4a from 'b4a'
import type { Command } from './command.ts'
import { commandTable } from './commands/table.ts'
import { Dispatcher } from './dispatcher.ts'
import { Engine } from './engine.ts'
import { type JsReply, jsReply } from './js-reply.ts'
import { RedisMethodBase } from './methods/redis-method-base.ts'
import type { RedisArgument } from './redis-argument.ts'
import type { Reply } from './reply.ts'
import { ReplicaFollower } from './replica-follower.ts'
import { Session } from './session.ts'
import type { Frame } from './frame.ts'
import { Upkeep } from './upkeep.ts'

type Answer = (reply: Reply, frame: Frame | undefined) => void

// Commands that mean something to a connection alone.
const SESSION_ONLY = new Set(['multi', 'exec', 'discard', 'watch', 'unwatch', 'select'])

/** A command of a {@link RedisStore.transaction}: its name, then its arguments. */
export type RedisCommandLine = readonly [name: string, ...args: RedisArgument[]]

/**
 * Redis' data model on a stream. Every command of {@link RedisMethods} is a method: `hSet(key, field, value)`.
 * Commands are carried out in the order in which they are given; one that wrote resolves once that is in the
 * data log. All reject with `REDIS_COMMAND_REFUSED` and Redis' own text.
 */
export class RedisStore extends RedisMethodBase {
  readonly #engine: Engine
  readonly #upkeep: Upkeep
  readonly #dispatcher: Dispatcher
  readonly #session: Session
  readonly #answers: Answer[] = []
  #isStarted = false
  #following: ReplicaFollower | undefined

  constructor(stream: InterfaceStream) {
    super()
    this.#engine = new Engine(stream)
    this.#upkeep = new Upkeep(this.#engine)
    this.#dispatcher = new Dispatcher(this.#engine, commandTable)
    this.#session = this.#newSession(this.#answers)
  }

  /**
   * Carries a command out by its Redis name: `call('HSET', 'user:1', 'name', 'Ada')`. Data in the answer is
   * text (UTF-8). Rejects with `REDIS_COMMAND_REFUSED` and Redis' own text, and as the stream does.
   */
  async call(name: string, ...args: readonly RedisArgument[]): Promise<JsReply> {
    return jsReply(await this.#carryOut(name, args), (bytes) => b4a.toString(bytes))
  }

  /** As {@link call}, with data in the answer as bytes. */
  async callBytes(name: string, ...args: readonly RedisArgument[]): Promise<JsReply> {
    return jsReply(await this.#carryOut(name, args), (bytes) => bytes)
  }

  /**
   * Carries commands out as one, as MULTI and EXEC do: nobody sees half of them. Gives their answers; the
   * answer to one that is refused is its error, and the others are carried out all the same.
   */
  async transaction(commands: readonly RedisCommandLine[]): Promise<readonly JsReply[]> {
    const bytes = commands.map((line) => line.map(argumentBytes))
    const answers: Answer[] = []
    const session = this.#newSession(answers)
    const give = (line: readonly Uint8Array[]) =>
      new Promise<Reply>((resolve, reject) => {
        answers.push((reply, frame) => settle(reply, frame, { resolve, reject }))
        this.#dispatcher.submit(session, line)
      })
    this.#start()
    const queued = [[b4a.from('MULTI')], ...bytes].map(give)
    const done = give([b4a.from('EXEC')])
    await Promise.all([...queued, done])
    return jsReply(await done, (data) => b4a.toString(data)) as readonly JsReply[]
  }

  /**
   * Where a server's sessions give their commands; `commands`: those of the server's own. For packages that
   * speak a protocol: everybody else takes {@link call}.
   */
  dispatcher(commands: readonly Command[] = []): Dispatcher {
    this.#start()
    return new Dispatcher(this.#engine, commandTable.with(commands))
  }

  /** How safe a write is that was answered: what the store was opened with. */
  get durability(): 'process' | 'disk' {
    return this.#engine.stream.status().durability
  }

  /**
   * On a replica: moves on with the writer from now on, and tells keyspace notifications of what the writer
   * did. The writer's own are told without it.
   */
  follow(): void {
    if (!this.#engine.isWritable) this.#following ??= new ReplicaFollower(this.#engine)
  }

  /** Ends what waits, and resolves when everything is in the data log. */
  async end(): Promise<void> {
    this.#upkeep.stop()
    this.#following?.stop()
    await this.#engine.close()
  }

  #carryOut(name: string, args: readonly RedisArgument[]): Promise<Reply> {
    const bytes = [name, ...args].map(argumentBytes)
    const command = commandTable.get(name)
    if (command !== undefined && isForSessions(command)) {
      throw new TypeError(`${name} is for a connection: use redis.transaction() or a server`)
    }
    this.#start()
    return new Promise((resolve, reject) => {
      const isBlocking = command?.flags.includes('blocking') === true
      const answers: Answer[] = isBlocking ? [] : this.#answers
      const session = isBlocking ? this.#newSession(answers) : this.#session
      answers.push((reply, frame) => settle(reply, frame, { resolve, reject }))
      this.#dispatcher.submit(session, bytes)
    })
  }

  #newSession(answers: Answer[]): Session {
    const session = new Session({
      reply: (reply, frame) => answers.shift()?.(reply, frame),
      push: () => undefined,
    })
    session.protocol = 3
    return session
  }

  // What happens between commands begins with the first of them: who never uses Redis pays nothing.
  #start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    this.#upkeep.start()
  }
}

function settle(
  reply: Reply,
  frame: Frame | undefined,
  {
    resolve,
    reject,
  }: { readonly resolve: (reply: Reply) => void; readonly reject: (error: unknown) => void },
): void {
  if (reply instanceof Error) reject(reply)
  else if (frame === undefined) resolve(reply)
  else {
    frame.waiters.add({
      frameSettled: ({ error }) => (error === undefined ? resolve(reply) : reject(error)),
    })
  }
}

function isForSessions(command: Command): boolean {
  return SESSION_ONLY.has(command.name) || command.name.endsWith('subscribe')
}

function argumentBytes(argument: RedisArgument): Uint8Array {
  if (typeof argument === 'string') return b4a.from(argument)
  if (argument instanceof Uint8Array) return b4a.from(argument)
  if (typeof argument === 'number' || typeof argument === 'bigint')
    return b4a.from(String(argument))
  throw new TypeError('an argument is a string, a Uint8Array, a number or a bigint')
}
