import type { Mark } from './mark-record.ts'
import type { ModerationStream } from './moderation-stream.ts'
import type { PolicySubject } from './ready-policies.ts'
import { idKey } from './stream-directory.ts'

/** Most marks of one list that are honoured: what is more is passed over. */
const MARKS_MAX = 100_000

export interface HonouredMarksOptions {
  /** Marks with one of these labels count. */
  readonly labels: readonly string[]
  /** The lists, each whole as it is here now and as it changes. */
  readonly lists: readonly ModerationStream[]
  /** Marks have come or gone. */
  readonly onChanged: () => void
  /** A list cannot be followed any further; what it said stands. */
  readonly onProblem: (error: unknown) => void
}

/** The marks of several moderation streams that somebody goes by. */
export class HonouredMarks {
  readonly #options: HonouredMarksOptions
  readonly #labels: ReadonlySet<string>
  /** Of each list what it has marked. */
  readonly #marked = new Map<ModerationStream, ReadonlySet<string>>()
  readonly #closing = new AbortController()

  private constructor(options: HonouredMarksOptions) {
    this.#options = options
    this.#labels = new Set(options.labels)
  }

  /** Reads the lists, and follows them until it is closed. */
  static async open(options: HonouredMarksOptions): Promise<HonouredMarks> {
    const marks = new HonouredMarks(options)
    await Promise.all(options.lists.map((list) => marks.#read(list)))
    for (const list of options.lists) void marks.#follow(list)
    return marks
  }

  /** Whether a list has marked the stream, or its author. */
  has({ id, author, origin }: PolicySubject): boolean {
    const keys = [keyOf('stream', id)]
    for (const maker of [author, origin]) {
      if (maker !== undefined) keys.push(keyOf('author', maker))
    }
    return [...this.#marked.values()].some((marked) => keys.some((key) => marked.has(key)))
  }

  close(): void {
    this.#closing.abort()
  }

  async #read(list: ModerationStream): Promise<void> {
    const marked = new Set<string>()
    for await (const { kind, id, label } of list.marks({ signal: this.#closing.signal })) {
      if (this.#labels.has(label)) marked.add(keyOf(kind, id))
      if (marked.size >= MARKS_MAX) break
    }
    this.#marked.set(list, marked)
  }

  async #follow(list: ModerationStream): Promise<void> {
    const { signal } = this.#closing
    const { onChanged, onProblem } = this.#options
    try {
      const changes = list.changes(signal)[Symbol.asyncIterator]()
      for (;;) {
        // Before the reading, so that what comes meanwhile is read once more.
        const next = changes.next()
        next.catch(() => undefined)
        // A peer that leaves meanwhile: what was said until then stands.
        await this.#read(list).then(onChanged, onProblem)
        if ((await next).done) return
      }
    } catch (error) {
      if (!signal.aborted) onProblem(error)
    }
  }
}

function keyOf(kind: Mark['kind'], id: Uint8Array): string {
  return `${kind} ${idKey(id)}`
}
