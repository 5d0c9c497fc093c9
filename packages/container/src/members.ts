import type { Store, WaitOptions } from '@datagram/log-core'
import { Listeners } from './listeners.ts'
import { Member } from './member.ts'
import { openOwnLogs, openRemoteLogs } from './member-logs.ts'
import type { Origin } from './origin.ts'
import type { ReplicableStream } from './replicable.ts'
import type { Root } from './root.ts'
import type { StreamRecord } from './stream-record.ts'

/** The streams of a container whose logs are open, and who wants to hear of them. */
export class Members {
  readonly added = new Listeners<ReplicableStream>()
  readonly altered = new Listeners<ReplicableStream>()
  readonly removed = new Listeners<Uint8Array>()
  readonly #store: Store
  /** Where the container was cloned from, and what of it is wanted. */
  origin: Origin | undefined
  readonly #root: Root
  readonly #opening = new Map<string, Promise<Member>>()
  readonly #announced = new Set<Member>()

  /** `origin`: where the container was cloned from; undefined for one of our own. */
  constructor(store: Store, origin: Origin | undefined, root: Root) {
    this.#store = store
    this.origin = origin
    this.#root = root
    root.onChanged(() => this.altered.tell(root))
  }

  /** Everything that is replicated, the container's own stream first. */
  replicable(): readonly ReplicableStream[] {
    return [this.#root, ...this.#announced]
  }

  /** Whether a stream is wanted here: a clone may have asked for some by name. */
  isWanted(name: string): boolean {
    return this.origin?.names?.includes(name) ?? true
  }

  /** The stream under `name`, its logs open; `record` is the newest that is known of it. */
  async take(name: string, record: StreamRecord): Promise<Member> {
    let opening = this.#opening.get(name)
    if (opening === undefined) {
      opening = this.#open(name, record)
      this.#opening.set(name, opening)
      opening.catch(() => this.#opening.delete(name))
    }
    const member = await opening
    this.#describe(member, record)
    this.#announce(member)
    return member
  }

  /** Every stream whose logs are open. */
  all(): readonly Member[] {
    return [...this.#announced]
  }

  /** The stream under `name` is replicated no more; gives it, where it was open. */
  async leave(name: string): Promise<Member | undefined> {
    const member = await this.#opening.get(name)
    this.#opening.delete(name)
    if (member !== undefined && this.#announced.delete(member)) this.removed.tell(member.id)
    return member
  }

  /** Every stream that the meta database knows and that is wanted. */
  async takeAll(wait: WaitOptions): Promise<Member[]> {
    const members: Member[] = []
    if (this.#root.meta === undefined) return members
    for await (const [name, record] of this.#root.meta.list(wait)) {
      if (this.isWanted(name)) members.push(await this.take(name, record))
    }
    return members
  }

  async #open(name: string, record: StreamRecord): Promise<Member> {
    const isOwn = this.origin === undefined && !record.attached
    const open = isOwn ? openOwnLogs : openRemoteLogs
    const { index, data } = await open(this.#store, record)
    return new Member(name, record, index, data)
  }

  #announce(member: Member): void {
    if (this.#announced.has(member)) return
    this.#announced.add(member)
    this.added.tell(member)
  }

  #describe(member: Member, record: StreamRecord): void {
    const before = member.record.labels
    member.describe(record)
    const same =
      before.length === record.labels.length &&
      before.every((label, i) => label === record.labels[i])
    if (!same && this.#announced.has(member)) this.altered.tell(member)
  }
}
