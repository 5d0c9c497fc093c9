import type { Session } from './session.ts'

/** Which sessions watch which keys for a change before their EXEC. Keys are `db|name`. */
export class Watches {
  readonly #sessions = new Map<string, Set<Session>>()

  get isEmpty(): boolean {
    return this.#sessions.size === 0
  }

  watch(session: Session, key: string): void {
    session.watched.add(key)
    const sessions = this.#sessions.get(key) ?? new Set()
    sessions.add(session)
    this.#sessions.set(key, sessions)
  }

  /** Ends all that a session watches. */
  unwatch(session: Session): void {
    for (const key of session.watched) {
      const sessions = this.#sessions.get(key)
      sessions?.delete(session)
      if (sessions?.size === 0) this.#sessions.delete(key)
    }
    session.watched.clear()
    session.expiredWhenWatched.clear()
    session.isWatchBroken = false
  }

  changed(key: string): void {
    for (const session of this.#sessions.get(key) ?? []) session.isWatchBroken = true
  }

  /** Keys of a database that somebody watches. */
  ofDatabase(db: number): string[] {
    return [...this.#sessions.keys()].filter((key) => key.startsWith(`${db}|`))
  }
}
