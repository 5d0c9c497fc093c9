import b4a from 'b4a'
import { classOf, type EventName } from './event-name.ts'
import type { PubSub } from './pubsub.ts'
import { redisError } from './redis-error.ts'

const CLASSES = 'g$lshzxetdmn'
// What `A` stands for: every class but misses and new keys.
const ALL = 'g$lshzxetd'

/** Something that happened to a key, told once it is in the data log. */
export interface ToldKeyEvent {
  readonly name: EventName
  readonly db: number
  readonly key: Uint8Array
}

/** Keyspace notifications: which are told is for `notify-keyspace-events` to say, none by default. */
export class Notifications {
  readonly #pubsub: PubSub
  #flags = new Set<string>()

  constructor(pubsub: PubSub) {
    this.#pubsub = pubsub
  }

  /** The setting as Redis writes it. */
  get setting(): string {
    const flags = this.#flags
    const isAll = [...ALL].every((flag) => flags.has(flag))
    const classes = [...CLASSES].filter((flag) => flags.has(flag) && !(isAll && ALL.includes(flag)))
    const places = ['K', 'E'].filter((flag) => flags.has(flag))
    return [...(isAll ? ['A'] : []), ...classes, ...places].join('')
  }

  /** Throws Redis' error for a letter that means nothing. */
  set setting(value: string) {
    const flags = new Set<string>()
    for (const letter of value) {
      if (letter === 'A') for (const flag of ALL) flags.add(flag)
      else if (CLASSES.includes(letter) || letter === 'K' || letter === 'E') flags.add(letter)
      else throw redisError("ERR Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
    }
    this.#flags = flags
  }

  get isOn(): boolean {
    const flags = this.#flags
    return (flags.has('K') || flags.has('E')) && this.#pubsub.hasListeners
  }

  get tellsNewKeys(): boolean {
    return this.#flags.has('n')
  }

  tell({ name, db, key }: ToldKeyEvent): void {
    const flags = this.#flags
    if (!flags.has(classOf(name))) return
    if (flags.has('K')) {
      const channel = b4a.concat([b4a.from(`__keyspace@${db}__:`), key])
      this.#pubsub.publish(channel, b4a.from(name), undefined)
    }
    if (flags.has('E')) {
      this.#pubsub.publish(b4a.from(`__keyevent@${db}__:${name}`), key, undefined)
    }
  }
}
