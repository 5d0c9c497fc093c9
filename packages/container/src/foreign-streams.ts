import type { Store, WaitOptions } from '@datagram/log-core'
import { leave } from './attachments.ts'
import { absentOf, type FetchedStream, type FetchOptions, fetchStreams } from './fetch.ts'
import { LeftStreams } from './left-streams.ts'
import type { Members } from './members.ts'
import type { MetaDatabase } from './meta-database.ts'
import type { OpenStreams } from './open-streams.ts'
import { ignoreUnavailable, type Root } from './root.ts'

/** Where the streams of a container are found, and what to do when following them fails. */
export interface ForeignStreamsParts {
  readonly store: Store
  readonly root: Root
  readonly members: Members
  readonly open: OpenStreams
  /** Whether the container is a clone: then all of it is somebody else's. */
  readonly isClone: boolean
  readonly onProblem: (problem: unknown) => void
  /** Aborted when the container closes: {@link ForeignStreams.watch} ends. */
  readonly signal: AbortSignal
}

/**
 * What is somebody else's in a container, kept up with the peers: a clone whole, elsewhere the attached streams.
 */
export class ForeignStreams {
  readonly #parts: ForeignStreamsParts
  readonly #left: LeftStreams
  #watching: Promise<void> | undefined

  constructor(parts: ForeignStreamsParts) {
    this.#parts = parts
    this.#left = new LeftStreams(parts.store)
  }

  /** Brings them to the newest state of the connected peers; unless `sparse`, with all their blocks. */
  async update(options: FetchOptions): Promise<void> {
    const { root, members, open } = this.#parts
    const { sparse = false, signal, timeoutMs } = options
    const wait = { signal, timeoutMs }
    const foreign = await this.#foreign(wait)
    if (!sparse) await root.fetchRoster(wait)
    await this.#sweepLeft()
    const absent = await this.#fetch(foreign, options)
    if (foreign.some(({ left }) => left?.aborted)) {
      // Others may have come in their place.
      const before = new Set(foreign)
      const others = (await this.#foreign(wait)).filter((one) => !before.has(one))
      absent.push(...(await this.#fetch(others, { ...options, onProgress: undefined })))
    }
    await open.update({ ...wait, sparse, without: members.namesOf(new Set(absent)) })
    // What an open stream has moved to meanwhile must be here too, or it could not be read offline.
    if (!sparse) await root.whole?.stream.download(wait)
  }

  /** A clone hears of streams that are made later, takes them, and so accepts them; of those that leave too. */
  watch(): void {
    const { root, isClone } = this.#parts
    if (!isClone || root.meta === undefined) return
    this.#watching ??= this.#follow(root.meta)
  }

  /** Resolves when nothing is watched any more. */
  async ended(): Promise<void> {
    await this.#watching
  }

  /** Fetches streams; gives those that were not waited for. */
  async #fetch(streams: readonly FetchedStream[], options: FetchOptions): Promise<FetchedStream[]> {
    const { unavailable } = this.#parts.members
    const absent = await absentOf(streams, options)
    const present = streams.filter((one) => !absent.has(one))
    const hasLeft = (one: FetchedStream) => this.#hasLeft(one, options)
    await fetchStreams(present, { ...options, unavailable, hasLeft })
    return [...absent]
  }

  #foreign(wait: WaitOptions): Promise<readonly FetchedStream[]> {
    return this.#parts.isClone ? this.#cloned(wait) : this.#attached(wait)
  }

  async #attached(wait: WaitOptions): Promise<readonly FetchedStream[]> {
    const members = await this.#parts.members.takeAll(wait)
    return members.filter(({ record }) => record.attached)
  }

  async #cloned(wait: WaitOptions): Promise<readonly FetchedStream[]> {
    const { root } = this.#parts
    await root.follow(wait)
    const { whole } = root
    if (whole === undefined) return []
    // A peer may know of a newer state than it has.
    await whole.stream.update(wait).catch(ignoreUnavailable)
    await root.learnAuthor(wait).catch(ignoreUnavailable)
    const members = await this.#parts.members.takeAll(wait)
    this.watch()
    // Also what they were before they were keyed anew: who has an old link finds it here without the author.
    return [{ name: '', ...whole }, ...members, ...this.#parts.members.former.all]
  }

  async #sweepLeft(): Promise<void> {
    const { root, members, isClone } = this.#parts
    if (!isClone || root.roster === undefined) return
    await this.#left.sweep(root.roster, (indexKey) => members.isHere(indexKey))
  }

  /** Whether a stream that could not be fetched has left: its author may have let it go, and that is not heard here yet. */
  async #hasLeft(
    { name, index, left }: FetchedStream,
    { isAbsent, signal, timeoutMs }: FetchOptions,
  ): Promise<boolean> {
    const { members, root, isClone } = this.#parts
    const wait = { signal, timeoutMs }
    if (!isClone || root.whole === undefined || left === undefined) return false
    await root.whole.stream.update(wait).catch(ignoreUnavailable)
    const record = await root.meta?.get(name, wait)
    if (record !== undefined) await members.take(name, record)
    if (left.aborted) return true
    // Its record names it until nobody is served any more.
    const isFormer = members.former.all.some((one) => one.index === index)
    return isFormer && (await isAbsent?.(index.discoveryKey, true)) === true
  }

  async #follow(meta: MetaDatabase): Promise<void> {
    const { members, open, onProblem, signal } = this.#parts
    try {
      for await (const name of meta.changes(signal)) {
        const record = await meta.get(name, { signal })
        if (record === undefined) await leave({ members, open }, name, true)
        else if (members.isWanted(name)) await members.take(name, record)
      }
    } catch (error) {
      if (!signal.aborted) onProblem(error)
    }
  }
}
