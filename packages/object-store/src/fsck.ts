import { isDatagramError } from '@datagram/errors'
import { concurrently, type WaitOptions } from '@datagram/stream'
import type { NamedHash } from './named-hash.ts'
import { idOf } from './named-hash.ts'
import type { ObjectSource, StoredContent } from './object-source.ts'

/** Something that is wrong with a store. */
export interface FsckProblem {
  /**
   * `corrupt`: it is not what its name says, or cannot be read. `missing`: a part of it is not there.
   * `dangling`: something names it, and it is not here.
   */
  readonly kind: 'corrupt' | 'missing' | 'dangling'
  readonly namedHash: NamedHash
  /** What names it, when it is dangling. */
  readonly namedBy: NamedHash | undefined
  /** Whether it was brought back. */
  readonly repaired: boolean
}

/** What a check found. */
export interface FsckReport {
  /** Blobs and objects that were read and hashed. */
  readonly checked: number
  /** Bytes of them. */
  readonly bytes: number
  /** Empty when all is well. */
  readonly problems: readonly FsckProblem[]
}

/** Options of a check. */
export interface FsckOptions extends WaitOptions {
  /** Which share of all there is, over 0 and up to 1, chosen at random; default 1, all of it. */
  readonly share?: number | undefined
  /** Where what is wrong is brought back from; default: nothing is. */
  readonly repair?: ObjectSource | undefined
}

/** What was read of one thing. */
export interface CheckedContent {
  readonly bytes: number
  readonly references: Iterable<NamedHash>
}

/** The store that is checked. */
export interface Checkable {
  contents(wait: WaitOptions): AsyncIterable<StoredContent>
  /** Reads one thing whole and verifies it. */
  check(content: StoredContent, wait: WaitOptions): Promise<CheckedContent>
  /** Whether what something names is here, or was forgotten on purpose. */
  accountsFor(namedHash: NamedHash, wait: WaitOptions): Promise<boolean>
  /** Stores one thing again, verified, whatever is there. */
  replace(
    content: StoredContent,
    bytes: AsyncIterable<Uint8Array>,
    wait: WaitOptions,
  ): Promise<unknown>
}

const READ_AT_ONCE = 16
const corrupt = [
  'BLOB_DAMAGED',
  'OBJECT_MALFORMED',
  'BLOCK_DAMAGED',
  'FRAME_DAMAGED',
  'INDEX_ENTRY_DAMAGED',
] as const
// What a peer may have to say of one thing that it is asked for.
const unrepaired = [...corrupt, 'BLOB_INCOMPLETE', 'BLOB_MISMATCHED', 'BLOB_NOT_FOUND'] as const

/** Reads and hashes what is in a store, and looks up what it names; see `Objects.fsck`. */
export async function fsck(
  store: Checkable,
  { share = 1, repair, ...wait }: FsckOptions = {},
): Promise<FsckReport> {
  if (!(share > 0 && share <= 1)) throw new TypeError('share is over 0 and up to 1')
  const run = new Fsck(store, repair, wait)
  await concurrently(chosen(store.contents(wait), share), READ_AT_ONCE, (one) => run.check(one))
  await run.lookUp()
  return run.report
}

class Fsck {
  readonly #store: Checkable
  readonly #repair: ObjectSource | undefined
  readonly #wait: WaitOptions
  readonly #problems: FsckProblem[] = []
  // What is named, by what: those that have not been looked up, and all that ever were.
  #named = new Map<NamedHash, NamedHash>()
  readonly #seen = new Set<NamedHash>()
  #checked = 0
  #bytes = 0

  constructor(store: Checkable, repair: ObjectSource | undefined, wait: WaitOptions) {
    this.#store = store
    this.#repair = repair
    this.#wait = wait
  }

  get report(): FsckReport {
    return { checked: this.#checked, bytes: this.#bytes, problems: this.#problems }
  }

  async check(content: StoredContent): Promise<void> {
    this.#wait.signal?.throwIfAborted()
    const { namedHash } = content
    const kind = await this.#read(content)
    if (kind === undefined) return
    const repaired = await this.#mend(content)
    this.#problems.push({ kind, namedHash, namedBy: undefined, repaired })
  }

  /** Looks up what was named; what that brings back may name more. */
  async lookUp(): Promise<void> {
    while (this.#named.size > 0) {
      const some = this.#named
      this.#named = new Map()
      await concurrently(some, READ_AT_ONCE, async ([namedHash, namedBy]) => {
        if (await this.#store.accountsFor(namedHash, this.#wait)) return
        const repaired = await this.#mend({ namedHash, kind: 'data' })
        this.#problems.push({ kind: 'dangling', namedHash, namedBy, repaired })
      })
    }
  }

  // What is wrong with it, if anything.
  async #read(content: StoredContent): Promise<'corrupt' | 'missing' | undefined> {
    try {
      const { bytes, references } = await this.#store.check(content, this.#wait)
      this.#checked++
      this.#bytes += bytes
      for (const named of references) {
        if (this.#seen.has(named)) continue
        this.#seen.add(named)
        this.#named.set(named, content.namedHash)
      }
      return undefined
    } catch (error) {
      if (isDatagramError(error, 'BLOB_INCOMPLETE')) return 'missing'
      if (corrupt.some((code) => isDatagramError(error, code))) return 'corrupt'
      throw error
    }
  }

  async #mend(content: StoredContent): Promise<boolean> {
    if (this.#repair === undefined) return false
    try {
      const bytes = this.#repair.streamBlob(content.namedHash, this.#wait)
      await this.#store.replace(content, bytes, this.#wait)
    } catch (error) {
      if (unrepaired.some((code) => isDatagramError(error, code))) return false
      throw error
    }
    return (await this.#read(content)) === undefined
  }
}

/** A share of what there is: those whose hash begins within a window that is placed at random. */
async function* chosen(
  contents: AsyncIterable<StoredContent>,
  share: number,
): AsyncGenerator<StoredContent, void, undefined> {
  const start = Math.random()
  for await (const content of contents) {
    const id = idOf(content.namedHash)
    const place = ((id[1] as number) * 256 + (id[2] as number)) / 65_536
    if (share === 1 || (place + 1 - start) % 1 < share) yield content
  }
}
