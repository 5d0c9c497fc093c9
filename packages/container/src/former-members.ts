import b4a from 'b4a'
import type { FormerLogs } from './former-logs.ts'
import type { Member } from './member.ts'
import { forgetLogs } from './member-logs.ts'
import type { StreamRecord } from './stream-record.ts'

/** What the streams are that former ones are kept beside. */
export interface FormerContext {
  open(name: string, record: StreamRecord): Promise<Member>
  /** It is replicated from now on. */
  announce(member: Member): void
  /** It is replicated no more. */
  withdraw(member: Member): void
}

/**
 * What streams of a container were before they were keyed anew: kept and served, for who has a link to that, until their
 * author lets it go.
 */
export class FormerMembers {
  readonly #context: FormerContext
  readonly #opening = new Map<string, Promise<Member>>()
  readonly #members = new Set<Member>()
  /** Let go: a record of before may still name them. */
  readonly #gone = new Set<string>()

  constructor(context: FormerContext) {
    this.#context = context
  }

  /** Those that were taken. */
  get all(): readonly Member[] {
    return [...this.#members]
  }

  has(member: Member): boolean {
    return this.#members.has(member)
  }

  /** What has been a stream until now, and goes on as what it was. */
  add(member: Member): void {
    this.#opening.set(keyOf(member.key), Promise.resolve(member))
    this.#members.add(member)
  }

  /** Keeps what a stream's newest record says that it was, and lets go what it says no more. */
  async keep(name: string, record: StreamRecord): Promise<void> {
    for (const logs of record.former) {
      if (this.#isGone(logs)) continue
      const member = await this.#take(name, record, logs)
      if (this.#isGone(logs)) continue
      this.#members.add(member)
      this.#context.announce(member)
    }
    const isNamed = ({ key }: Member) =>
      record.former.some(({ indexKey }) => b4a.equals(indexKey, key))
    for (const member of this.all) {
      if (member.name === name && !isNamed(member)) await this.#drop(member)
    }
  }

  /** Lets go what a stream of our own was: it is neither announced nor served any more, and its blocks are dropped. */
  async letGo(name: string, record: StreamRecord, logs: FormerLogs): Promise<void> {
    await this.#drop(await this.#take(name, record, logs))
  }

  #isGone({ indexKey }: FormerLogs): boolean {
    return this.#gone.has(keyOf(indexKey))
  }

  #take(name: string, record: StreamRecord, logs: FormerLogs): Promise<Member> {
    const key = keyOf(logs.indexKey)
    let opening = this.#opening.get(key)
    if (opening === undefined) {
      opening = this.#context.open(name, pastOf(record, logs))
      this.#opening.set(key, opening)
      opening.catch(() => this.#opening.delete(key))
    }
    return opening
  }

  async #drop(member: Member): Promise<void> {
    this.#gone.add(keyOf(member.key))
    this.#context.withdraw(member)
    await forgetLogs(member)
    this.#members.delete(member)
  }
}

function keyOf(indexKey: Uint8Array): string {
  return b4a.toString(indexKey, 'hex')
}

/** The record of what a stream was before it was keyed anew. */
function pastOf(record: StreamRecord, logs: FormerLogs): StreamRecord {
  return { ...record, ...logs, former: [], rosterKey: undefined }
}
