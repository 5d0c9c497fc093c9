import type { Command } from './command.ts'
import type { CommandTable } from './command-table.ts'
import type { Engine } from './engine.ts'
import { nameOf } from './key-part.ts'
import { redisError, wrongArity } from './redis-error.ts'
import { NO_REPLY, QUEUED, type Reply } from './reply.ts'
import type { Session } from './session.ts'

// How much of the arguments an error about an unknown command shows.
const SHOWN_BYTES = 128

/** Takes the commands of sessions: finds each, refuses what is wrong with it, and has it carried out. */
export class Dispatcher {
  readonly engine: Engine
  readonly table: CommandTable
  /** Called before a command is carried out, and after it: for MONITOR and SLOWLOG. */
  onCommand:
    | ((
        session: Session,
        command: Command,
        args: readonly Uint8Array[],
      ) => (() => void) | undefined)
    | undefined

  /** Whether a command has to wait for {@link release}: for CLIENT PAUSE. */
  holds: ((session: Session, command: Command) => boolean) | undefined
  readonly #held = new Set<Session>()

  constructor(engine: Engine, table: CommandTable) {
    this.engine = engine
    this.table = table
  }

  /** The session gives a command: its name, then its arguments. It is answered after those before it. */
  submit(session: Session, args: readonly Uint8Array[]): void {
    if (session.isBusy || session.queue.length > 0) session.queue.push(args)
    else this.#dispatch(session, args)
  }

  /** Sessions whose next command has to wait. */
  get held(): number {
    return this.#held.size
  }

  /** Carries out what had to wait. */
  release(): void {
    const held = [...this.#held]
    this.#held.clear()
    for (const session of held) this.#drain(session)
  }

  #drain(session: Session): void {
    while (!session.isBusy && !session.isClosed && !this.#held.has(session)) {
      const args = session.queue.shift()
      if (args === undefined) return
      this.#dispatch(session, args)
    }
  }

  #dispatch(session: Session, args: readonly Uint8Array[]): void {
    let command: Command
    try {
      command = this.#find(args)
      this.#check(session, command, args)
    } catch (error) {
      if (session.transaction !== undefined) session.transaction.isSpoiled = true
      session.sink.reply(error as Error, this.engine.pendingFrame)
      return
    }
    if (this.holds?.(session, command) === true) {
      session.queue.unshift(args)
      this.#held.add(session)
      return
    }
    const rest = args.slice(command.name.includes('|') ? 2 : 1)
    if (session.transaction !== undefined && !command.flags.includes('transaction')) {
      const { name, flags, run } = command
      session.transaction.queued.push({ name, flags, run, args: rest })
      session.sink.reply(QUEUED, this.engine.pendingFrame)
      return
    }
    this.#run(session, command, rest)
  }

  #run(session: Session, command: Command, args: readonly Uint8Array[]): void {
    const { engine } = this
    const after = this.onCommand?.(session, command, args)
    let isSync = true
    session.isBusy = true
    const answer = (reply: Reply) => {
      session.isBusy = false
      after?.()
      if (reply !== NO_REPLY && !session.isClosed) session.sink.reply(reply, engine.pendingFrame)
      if (!isSync) this.#drain(session)
    }
    engine.run(session, command, args, answer)
    isSync = false
  }

  #find(args: readonly Uint8Array[]): Command {
    const name = nameOf(args[0] as Uint8Array)
    const command = this.table.get(name)
    if (command === undefined) throw unknownCommand(name, args)
    if (command.subcommands === undefined || args.length < 2) return command
    const sub = nameOf(args[1] as Uint8Array)
    const found = command.subcommands.get(sub.toLowerCase())
    if (found !== undefined) return found
    throw redisError(
      `ERR unknown subcommand '${sub.slice(0, SHOWN_BYTES)}'. Try ${command.name.toUpperCase()} HELP.`,
    )
  }

  #check(session: Session, command: Command, args: readonly Uint8Array[]): void {
    const { arity, name, flags } = command
    if (arity > 0 ? args.length !== arity : args.length < -arity) throw wrongArity(name)
    const refusal = session.refuses?.(name, args)
    if (refusal !== undefined) throw refusal
    if (session.protocol === 2 && session.subscriptions > 0 && !flags.includes('subscribed')) {
      throw redisError(
        `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
      )
    }
    if (!this.engine.isWritable && flags.includes('write')) {
      throw redisError("READONLY You can't write against a read only replica.")
    }
    if (session.transaction !== undefined && flags.includes('unqueued')) {
      throw redisError('ERR Command not allowed inside a transaction')
    }
  }
}

function unknownCommand(name: string, args: readonly Uint8Array[]): Error {
  let shown = ''
  for (const arg of args.slice(1)) {
    if (shown.length >= SHOWN_BYTES) break
    shown += `'${nameOf(arg).slice(0, SHOWN_BYTES - shown.length)}' `
  }
  return redisError(
    `ERR unknown command '${name.slice(0, SHOWN_BYTES)}', with args beginning with: ${shown}`,
  )
}
