import type { Log } from '@datagram/log-core'
import type { Stream } from '@datagram/stream'
import type { ContainerParts } from './container-parts.ts'
import { recordDropped } from './dropped-logs.ts'
import { RecordedDrops } from './recorded-drops.ts'

// What is forgotten is told at once. What a stream merely does not retain goes in many small steps, and each record
// stays in the roster: so it is told of so many milliseconds later.
const LATER_MS = 10_000

/** Tells in the roster what an author's streams dropped, for hosts that cannot read: they go by it. */
export class DropRecorder {
  readonly #parts: ContainerParts
  readonly #onProblem: (problem: unknown) => void
  readonly #recorded = new RecordedDrops()
  /** What the rosters of single streams say. */
  readonly #own = new Map<Log, RecordedDrops>()
  readonly #later = new Map<string, NodeJS.Timeout>()
  #recording: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(parts: ContainerParts, onProblem: (problem: unknown) => void) {
    this.#parts = parts
    this.#onProblem = onProblem
  }

  /** Records what the stream has dropped and no record says yet; nothing for what is somebody else's. */
  record(name: string): Promise<void> {
    clearTimeout(this.#later.get(name))
    this.#later.delete(name)
    // One after another: each says what the ones before it have not said.
    const before = this.#recording.catch(() => undefined)
    this.#recording = before.then(() => this.#record(name))
    return this.#recording
  }

  /** Records whenever the stream drops something for good. Gives the stream. */
  watch<Api extends object>(stream: Stream<Api>): Stream<Api> {
    stream.onDropped(async (cause) => {
      if (cause === 'forgotten') await this.record(stream.name).catch(this.#onProblem)
      else this.#recordLater(stream.name)
    })
    return stream
  }

  /** Records what was to be recorded later. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const name of this.#later.keys()) void this.record(name).catch(this.#onProblem)
    await this.#recording.catch(() => undefined)
  }

  async #record(name: string): Promise<void> {
    const { meta, roster } = this.#parts.root
    const stream = await meta?.get(name)
    if (!roster?.writable || stream === undefined || stream.attached) return
    const member = await this.#parts.members.take(name, stream)
    while (await recordDropped(roster, member, this.#recorded)) continue
    if (member.roster === undefined) return
    // It may have been made long after the first was dropped.
    const { data } = await this.#recorded.of(roster, member.index.key)
    const known = this.#recordedOf(member.roster)
    while (await recordDropped(member.roster, member, known, data.ranges)) continue
  }

  #recordedOf(roster: Log): RecordedDrops {
    const known = this.#own.get(roster) ?? new RecordedDrops()
    this.#own.set(roster, known)
    return known
  }

  #recordLater(name: string): void {
    if (this.#isClosed || this.#later.has(name)) return
    const record = () => void this.record(name).catch(this.#onProblem)
    this.#later.set(name, setTimeout(record, LATER_MS).unref())
  }
}
