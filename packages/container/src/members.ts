import type { Log, Store, WaitOptions } from '@datagram/log-core'
import { type AloneNotes, dropAlone, provenAuthor, readHeader } from '@datagram/stream'
import b4a from 'b4a'
import { FormerMembers } from './former-members.ts'
import { Listeners } from './listeners.ts'
import { Member } from './member.ts'
import {
  evictLogs,
  openOwnLogs,
  openOwnRoster,
  openRemoteLogs,
  type StreamLogs,
} from './member-logs.ts'
import type { Origin } from './origin.ts'
import type { ReplicableStream } from './replicable.ts'
import { ignoreUnavailable, type Root } from './root.ts'
import type { StreamRecord } from './stream-record.ts'
import type { UnavailableBlocks } from './unavailable-blocks.ts'

/** What is not to be expected of somebody's streams. */
export interface LostBlocks {
  readonly alone: AloneNotes
  readonly unavailable: UnavailableBlocks
}

/** The streams of a container whose logs are open, and who wants to hear of them. */
export class Members {
  readonly added = new Listeners<ReplicableStream>()
  readonly altered = new Listeners<ReplicableStream>()
  readonly removed = new Listeners<Uint8Array>()
  /** Names of somebody's streams that have other logs from now on: their author has keyed them anew. */
  readonly exchanged = new Listeners<string>()
  readonly #store: Store
  /** What this machine has forgotten of somebody else's streams. */
  readonly alone: AloneNotes
  /** What of them was found to be with nobody any more. */
  readonly unavailable: UnavailableBlocks
  /** Where the container was cloned from, and what of it is wanted. */
  origin: Origin | undefined
  readonly #root: Root
  readonly #opening = new Map<string, Promise<Member>>()
  readonly former = new FormerMembers({
    open: (name, record) => this.#open(name, record),
    announce: (member) => this.#announce(member),
    withdraw: (member) => this.#withdraw(member),
  })
  readonly #announced = new Set<Member>()

  /** `origin`: where the container was cloned from; undefined for one of our own. */
  constructor(store: Store, origin: Origin | undefined, root: Root, lost: LostBlocks) {
    this.#store = store
    this.alone = lost.alone
    this.unavailable = lost.unavailable
    this.origin = origin
    this.#root = root
    root.onChanged(() => this.#rootChanged())
  }

  /** Everything that is replicated, the container's own stream first. */
  replicable(): readonly ReplicableStream[] {
    return [this.#root, ...this.#announced]
  }

  /** Whether a stream is wanted here: a clone may have asked for some by name. */
  isWanted(name: string): boolean {
    return this.origin?.names?.includes(name) ?? true
  }

  /** The stream under `name`, its logs open; `read` is what the caller has read of it. */
  async take(name: string, read: StreamRecord): Promise<Member> {
    const before = this.#opening.get(name)
    const known = await before?.catch(() => undefined)
    const record = await this.#newest(name, read, known)
    const isOther = known !== undefined && !isOf(known, record)
    if (isOther && this.#opening.get(name) === before) {
      this.#opening.delete(name)
      await this.#exchange(known, record)
    }
    let opening = this.#opening.get(name)
    if (opening === undefined) {
      opening = this.#open(name, record)
      this.#opening.set(name, opening)
      opening.catch(() => this.#opening.delete(name))
    }
    const member = await opening
    // Another call has taken what came after.
    if (!isOf(member, record)) return member
    this.#describe(member, record)
    await this.#openRoster(member)
    this.#announce(member)
    await this.former.keep(name, record)
    return member
  }

  /** Names of those whose logs are these. */
  namesOf(logs: ReadonlySet<StreamLogs>): readonly string[] {
    const isNow = (one: Member) => logs.has(one) && !this.former.has(one)
    return [...this.#announced].filter(isNow).map(({ name }) => name)
  }

  /** Ids of those that were attached. */
  attachedIds(): readonly Uint8Array[] {
    return [...this.#announced].flatMap(({ id, record }) => (record.attached ? [id] : []))
  }

  /** Drops the blocks of somebody's streams, those that `isMeant` names. */
  async evict(isMeant: (stream: ReplicableStream) => boolean): Promise<void> {
    const meant = [...this.#announced].filter((one) => !one.index.writable && isMeant(one))
    for (const member of meant) await evictLogs(member)
  }

  /** The stream under `name` is replicated no more; gives it, where it was open. */
  async leave(name: string): Promise<Member | undefined> {
    const member = await this.#opening.get(name)
    this.#opening.delete(name)
    if (member !== undefined) this.#withdraw(member)
    return member
  }

  /** Whether the stream with this public key is here. */
  isHere(indexKey: Uint8Array): boolean {
    return [...this.#announced].some(({ key }) => b4a.equals(key, indexKey))
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
    const open = this.#isOwn(record) ? openOwnLogs : openRemoteLogs
    const logs = await open(this.#store, record)
    await dropAlone(logs.data, this.alone.of(logs.data.key).ranges)
    this.unavailable.disclaim(logs.data)
    const author = record.attached ? await this.#authorOf(record, logs.index) : undefined
    return new Member(name, record, logs, { home: this.#root, author })
  }

  /** Of an attached stream: as the meta database has it, or, where an older version attached it, its header here. */
  async #authorOf(record: StreamRecord, index: Log): Promise<Uint8Array | undefined> {
    try {
      const recorded = await this.#root.meta?.author(record)
      if (recorded !== undefined || index.here({ start: 0, end: 1 }).length === 0) return recorded
      return provenAuthor(await readHeader(index), record.indexKey)?.author
    } catch (error) {
      ignoreUnavailable(error)
      return undefined
    }
  }

  /** More of its logs are known, or who makes its streams. */
  #rootChanged(): void {
    for (const stream of this.replicable()) this.altered.tell(stream)
  }

  /** Of a stream that has a roster of its own. */
  async #openRoster(member: Member): Promise<void> {
    const { record, roster } = member
    if (record.rosterKey === undefined || roster !== undefined) return
    const isOwn = this.#isOwn(record)
    const opened = isOwn
      ? await openOwnRoster(this.#store, record)
      : await this.#store.openRemote(record.rosterKey, { cipherKey: null })
    if (member.roster !== undefined) return
    member.roster = opened
    if (this.#announced.has(member)) this.altered.tell(member)
  }

  #isOwn({ attached }: StreamRecord): boolean {
    return this.origin === undefined && !attached
  }

  /** The newest record of a stream: what was read of one that has other logs now may be of before, or of after. */
  async #newest(
    name: string,
    read: StreamRecord,
    known: Member | undefined,
  ): Promise<StreamRecord> {
    if (known === undefined || isOf(known, read)) return read
    return (await this.#root.meta?.get(name)) ?? read
  }

  /** Its record names other logs now: it goes on as what the stream was. What was attached may come again, and leaves. */
  async #exchange(old: Member, record: StreamRecord): Promise<void> {
    const isAttached = record.attached || old.record.attached
    if (isAttached) this.#withdraw(old)
    else this.former.add(old)
    if (!this.#isOwn(record)) this.exchanged.tell(old.name)
    if (isAttached) await evictLogs(old)
  }

  /** It is replicated no more. */
  #withdraw(member: Member): void {
    member.leave()
    if (this.#announced.delete(member)) this.removed.tell(member.id)
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

function isOf({ key }: Member, { indexKey }: StreamRecord): boolean {
  return b4a.equals(key, indexKey)
}
