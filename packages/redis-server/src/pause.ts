import type { Command, Session } from '@datagram/kv-interface/redis'

// Commands that change what others see, beside those that write.
const TELLING = new Set(['publish', 'spublish'])
// The longest time that a timer takes.
const TIMER_MS_MAX = 2 ** 31 - 1
// Who pauses must be able to end it.
const EXEMPT = 'client|unpause'

/** CLIENT PAUSE: for a while the commands of all clients wait, or those that write. */
export class Pause {
  readonly #release: () => void
  #until = 0
  #isOfAll = false
  #timer: NodeJS.Timeout | undefined

  /** `release` carries out what has waited. */
  constructor(release: () => void) {
    this.#release = release
  }

  /** Begins; one that goes on is never made shorter or weaker. */
  begin(ms: number, all: boolean): void {
    this.#isOfAll = all || (this.#isOfAll && this.#until > Date.now())
    this.#until = Math.max(this.#until, Date.now() + ms)
    this.#arm()
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#until = 0
    this.#isOfAll = false
    this.#release()
  }

  #arm(): void {
    clearTimeout(this.#timer)
    const left = this.#until - Date.now()
    if (left <= 0) this.end()
    else this.#timer = setTimeout(() => this.#arm(), Math.min(left, TIMER_MS_MAX)).unref()
  }

  holds(session: Session, command: Command): boolean {
    if (this.#until === 0 || command.name === EXEMPT) return false
    if (this.#isOfAll || changes(command)) return true
    return command.name === 'exec' && (session.transaction?.queued.some(changes) ?? false)
  }
}

function changes({ name, flags }: Pick<Command, 'name' | 'flags'>): boolean {
  return flags.includes('write') || TELLING.has(name)
}
