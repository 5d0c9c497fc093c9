import b4a from 'b4a'
import type { Frame } from './frame.ts'
import { globMatches } from './glob.ts'
import { nameOf } from './key-part.ts'
import type { Session } from './session.ts'

/** Kinds of subscriptions. */
export type SubscriptionKind = 'channels' | 'patterns' | 'shardChannels'

/** Who listens to which channels. Messages are told to who listens now; none is kept. */
export class PubSub {
  readonly #listeners: Readonly<Record<SubscriptionKind, Map<string, Set<Session>>>> = {
    channels: new Map(),
    patterns: new Map(),
    shardChannels: new Map(),
  }

  subscribe(kind: SubscriptionKind, session: Session, channel: Uint8Array): void {
    const name = nameOf(channel)
    session[kind].add(name)
    const listeners = this.#listeners[kind].get(name) ?? new Set()
    listeners.add(session)
    this.#listeners[kind].set(name, listeners)
  }

  unsubscribe(kind: SubscriptionKind, session: Session, name: string): void {
    session[kind].delete(name)
    const listeners = this.#listeners[kind].get(name)
    listeners?.delete(session)
    if (listeners?.size === 0) this.#listeners[kind].delete(name)
  }

  /** A session ends all that it listens to. */
  leave(session: Session): void {
    for (const kind of ['channels', 'patterns', 'shardChannels'] as const) {
      for (const name of [...session[kind]]) this.unsubscribe(kind, session, name)
    }
  }

  /** Tells a message; how many sessions it was told to. `frame`: not before that is in the data log. */
  publish(channel: Uint8Array, message: Uint8Array, frame: Frame | undefined): number {
    let told = 0
    for (const session of this.#listeners.channels.get(nameOf(channel)) ?? []) {
      session.sink.push(['message', channel, message], frame)
      told++
    }
    for (const [name, sessions] of this.#listeners.patterns) {
      const pattern = b4a.from(name, 'latin1')
      if (!globMatches(pattern, channel)) continue
      for (const session of sessions) {
        session.sink.push(['pmessage', pattern, channel, message], frame)
        told++
      }
    }
    return told
  }

  publishShard(channel: Uint8Array, message: Uint8Array, frame: Frame | undefined): number {
    const sessions = this.#listeners.shardChannels.get(nameOf(channel)) ?? new Set()
    for (const session of sessions) session.sink.push(['smessage', channel, message], frame)
    return sessions.size
  }

  /** How many sessions a {@link publish} would reach. */
  audience(channel: Uint8Array): number {
    let count = this.#listeners.channels.get(nameOf(channel))?.size ?? 0
    for (const [name, sessions] of this.#listeners.patterns) {
      if (globMatches(b4a.from(name, 'latin1'), channel)) count += sessions.size
    }
    return count
  }

  shardAudience(channel: Uint8Array): number {
    return this.#listeners.shardChannels.get(nameOf(channel))?.size ?? 0
  }

  names(kind: SubscriptionKind): string[] {
    return [...this.#listeners[kind].keys()]
  }

  count(kind: SubscriptionKind, name: string): number {
    return this.#listeners[kind].get(name)?.size ?? 0
  }

  get hasListeners(): boolean {
    return this.#listeners.channels.size + this.#listeners.patterns.size > 0
  }
}
