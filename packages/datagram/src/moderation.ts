import { type Container, type ShareOptions, streamNotFound } from '@datagram/container'
import { discoveryKeyOf, type Store, type WaitOptions } from '@datagram/log-core'
import {
  decodeHonoured,
  encodeHonoured,
  type Honoured,
  HonouredMarks,
  type LivePolicies,
  type Logger,
  type Mark,
  moderationInterface,
  type ModerationStream,
  type PolicySubject,
  streamForbidden,
} from '@datagram/multiplexer'
import b4a from 'b4a'
import { type Marked, subjectsOf } from './marked.ts'

/** Name of the stream in which one's own marks are. */
const OWN_LIST = 'moderation'
/** Name of the record that says what is honoured. */
const RECORD = 'honoured'

// Of a list that is here, what is on this disk is read at once; nobody is connected who could tell more.
const RESUME: WaitOptions = { timeoutMs: 2_000 }

/** Options of {@link Moderation.honour}. */
export interface HonourOptions {
  /** Marks with one of these labels count, at most 64; an empty array honours nothing any more. */
  readonly labels: readonly string[]
  /** Names of the lists that count; default: one's own and all that were subscribed to. */
  readonly from?: readonly string[] | undefined
  /** Drop the blocks of what is marked as well, here; they are fetched again when it is unmarked. Default false. */
  readonly evict?: boolean | undefined
}

/** What moderation works on. */
export interface ModerationContext {
  readonly container: Container
  /** Where it is kept what is honoured. */
  readonly store: Pick<Store, 'secret' | 'setSecret'>
  readonly policies: LivePolicies
  readonly logger: Logger | undefined
}

/**
 * Marks on streams and authors, in a stream that others may subscribe to; and going by the marks of those whom one
 * trusts. Nobody is forced to store or pass on what they do not want, and nobody decides for others.
 */
export class Moderation {
  readonly #context: ModerationContext
  #honoured: HonouredMarks | undefined
  #isMarked: (stream: PolicySubject) => boolean = () => false

  constructor(context: ModerationContext) {
    this.#context = context
  }

  /**
   * Marks a stream or an author in one's own list. Whoever subscribes to it and honours the label neither takes nor
   * passes on what is marked. `label`: 1 to 64 bytes, `spam`; `reason`: for people, at most 1,024 bytes. Throws
   * `STREAM_NOT_FOUND`; `AUTHOR_UNKNOWN` where an author is named by a stream that does not prove its own.
   */
  async mark(what: Marked, label: string, reason?: string): Promise<void> {
    const list = await this.#open(OWN_LIST)
    const { kind, ids } = await subjectsOf(this.#context.container, what)
    for (const id of ids) await list.mark(kind, id, label, reason)
  }

  /** Takes a mark of one's own back. */
  async unmark(what: Marked, label: string): Promise<void> {
    const list = await this.#open(OWN_LIST)
    const { kind, ids } = await subjectsOf(this.#context.container, what)
    for (const id of ids) await list.unmark(kind, id, label)
  }

  /** The marks of one's own list, or of one that was subscribed to, by its name. */
  async *marks(name: string = OWN_LIST, wait?: WaitOptions): AsyncGenerator<Mark, void, undefined> {
    yield* (await this.#open(name)).marks(wait)
  }

  /** A link to one's own list, for others to subscribe to. */
  async share(options?: ShareOptions): Promise<string> {
    await this.#open(OWN_LIST)
    return this.#context.container.share(OWN_LIST, options)
  }

  /**
   * From now on nothing that the lists mark with one of these labels is taken or passed on, on live connections at
   * once, and also what was attached; when it is unmarked it comes back. Streams of one's own stay. It holds over openings
   * of the datagram, from before the first connection on; said again it replaces what was said, and `labels: []` takes
   * it back. Throws `STREAM_NOT_FOUND`, `STREAM_TYPE_MISMATCH` for what is no list; then all stays as it was.
   */
  async honour({ labels, from, evict = false }: HonourOptions): Promise<void> {
    if (!Array.isArray(labels) || labels.some((label) => typeof label !== 'string')) {
      throw new TypeError('labels are an array of strings')
    }
    const honoured = { labels, from, evict }
    const record = encodeHonoured(honoured)
    const names = from ?? (await this.#listNames())
    const lists = await Promise.all(names.map((name) => this.#openKnown(name)))
    const goBy = await this.#read(honoured, names, lists)
    await this.#context.store.setSecret(RECORD, record)
    await goBy()
  }

  /** What is honoured now; undefined where nothing is. */
  get honoured(): Honoured | undefined {
    const bytes = this.#context.store.secret(RECORD)
    const honoured = bytes && decodeHonoured(bytes)
    return honoured?.labels.length === 0 ? undefined : honoured
  }

  /**
   * Goes by what was honoured when the datagram was open the last time. Never rejects: a list that cannot be read is
   * passed over, and the logger hears of it.
   */
  async resume(): Promise<void> {
    try {
      const { honoured } = this
      if (honoured === undefined) return
      const names: string[] = []
      const lists: ModerationStream[] = []
      for (const name of honoured.from ?? (await this.#listNames())) {
        const list = await this.#openKnown(name, RESUME).catch(this.#onProblem)
        if (list === undefined) continue
        names.push(name)
        lists.push(list)
      }
      await (await this.#read(honoured, names, lists))()
    } catch (error) {
      this.#onProblem(error)
    }
  }

  /** Whether a stream that is open here is marked in the lists that are honoured. */
  forbids(id: Uint8Array): boolean {
    const stream = this.#context.container.streams().find((one) => b4a.equals(one.id, id))
    return stream !== undefined && this.#isMarked(stream)
  }

  /** Throws `STREAM_FORBIDDEN` for a stream that is marked, or whose author is. */
  assertAllowed(stream: PolicySubject): void {
    if (this.#isMarked(stream)) throw streamForbidden()
  }

  /** Follows the lists no more; what they said stands. */
  close(): void {
    this.#honoured?.close()
  }

  /** Reads the lists; what is returned goes by them from then on, in place of those before. */
  async #read(
    { labels, evict }: Honoured,
    names: readonly string[],
    lists: readonly ModerationStream[],
  ): Promise<() => Promise<void>> {
    const { container, policies } = this.#context
    // A list that is marked itself could not take that back.
    const exempt = new Set<string>()
    for await (const { name, key } of container.list()) {
      if (names.includes(name)) exempt.add(hexOf(discoveryKeyOf(key)))
    }
    const isMarked = (stream: PolicySubject) =>
      !exempt.has(hexOf(stream.id)) && honoured.has(stream)
    const onChanged = () => {
      if (this.#honoured !== honoured) return
      policies.refresh()
      if (evict) container.evictStreams(isMarked).catch(this.#onProblem)
    }
    const onProblem = this.#onProblem
    const honoured: HonouredMarks = await HonouredMarks.open({
      labels,
      lists,
      onChanged,
      onProblem,
    })
    return async () => {
      this.close()
      this.#honoured = honoured
      this.#isMarked = isMarked
      policies.use({ forbid: isMarked })
      if (evict) await container.evictStreams(isMarked)
    }
  }

  readonly #onProblem = (error: unknown): undefined => {
    this.#context.logger?.warn('a moderation list cannot be followed; what it said stands', {
      error,
    })
    return undefined
  }

  /** Opens a list that is there, and makes none of a name that was mistyped. Throws `STREAM_NOT_FOUND`. */
  async #openKnown(name: string, wait?: WaitOptions): Promise<ModerationStream> {
    if (name !== OWN_LIST && !(await this.#hasStream(name))) throw streamNotFound(name)
    return this.#open(name, wait)
  }

  async #hasStream(name: string): Promise<boolean> {
    for await (const stream of this.#context.container.list()) if (stream.name === name) return true
    return false
  }

  #open(name: string, wait?: WaitOptions): Promise<ModerationStream> {
    return this.#context.container.open(name, moderationInterface, undefined, wait)
  }

  async #listNames(): Promise<string[]> {
    const names: string[] = []
    for await (const { name, type } of this.#context.container.list()) {
      if (type === moderationInterface.name) names.push(name)
    }
    return names
  }
}

function hexOf(id: Uint8Array): string {
  return b4a.toString(id, 'hex')
}
