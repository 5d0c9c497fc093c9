import b4a from 'b4a'
import type { BackendChange, WaitOptions } from './chat-backend.ts'
import type { ChatPosition } from './chat-position.ts'
import { containerDamaged } from './chat-errors.ts'
import { type ChatRecord, comparePositions, countBefore } from './chat-record.ts'
import type { ContainerStore } from './container-store.ts'
import type { HiddenKeys } from './hidden-keys.ts'
import { isNote } from './message-state.ts'
import { wordsOf } from './message-words.ts'
import type { ContainerEnd } from './sealed-piece.ts'

/*
 * Beside each chunk a container with the words of its messages. Its key is one of
 * `HiddenKeys`, so that nobody can tell which chunk it belongs to. A line for each message that is no note; of
 * two for one message the later counts:
 *
 *   <timestamp>:<the hash's first 16 digits> <word> <word> … \n
 *
 * It is stored, moved, rewritten and taken away with its chunk, in the same step.
 */
// Behind `0x`.
const HASH_END = 2 + 16

/** The words of a chunk's messages as they are stored. */
export interface StoredWords {
  /** Undefined where there is no such container. */
  readonly end: ContainerEnd | undefined
}

/** A chunk, as far as its words depend on it. */
export interface WordsOf {
  readonly key: string
  readonly records: readonly ChatRecord[]
  /** What is known of its words; absent while nobody looked. */
  readonly words?: StoredWords | undefined
}

/** A chunk as it is to be. */
export interface NextWordsOf extends WordsOf {
  /** The messages that are appended to its container; absent where that is written anew. */
  readonly appended?: readonly ChatRecord[] | undefined
}

/** Keeps the words of messages beside their chunks, or takes away those that are there. */
export class WordIndex {
  readonly #containers: ContainerStore
  readonly #hidden: HiddenKeys
  readonly #isKept: boolean

  constructor(containers: ContainerStore, hidden: HiddenKeys, isKept: boolean) {
    this.#containers = containers
    this.#hidden = hidden
    this.#isKept = isKept
  }

  /** The key of the container with the words of the chunk `chunk`. */
  keyOf(chunk: string): string {
    return this.#hidden.of('words', chunk)
  }

  /** The word lists of a chunk's messages, by {@link wordsKey}; undefined where they are not kept. */
  async read(chunk: string, wait?: WaitOptions): Promise<ReadonlyMap<string, string> | undefined> {
    const key = this.keyOf(chunk)
    const container = await this.#containers.read(key, wait)
    return container && decodeLines(key, container.contents)
  }

  /** What has to change with a chunk; `after` undefined where the chunk goes. */
  async changes(
    before: WordsOf | undefined,
    after: NextWordsOf | undefined,
  ): Promise<{ readonly changes: readonly BackendChange[]; readonly words: StoredWords }> {
    const stored = before && (before.words ?? (await this.#look(before.key)))
    const isGone = !this.#isKept || after === undefined || after.key !== before?.key
    const changes: BackendChange[] = []
    if (before !== undefined && stored?.end !== undefined && isGone) {
      changes.push({ type: 'delete', key: this.keyOf(before.key) })
    }
    if (!this.#isKept || after === undefined) return { changes, words: { end: undefined } }
    const key = this.keyOf(after.key)
    if (isGone || stored?.end === undefined || after.appended === undefined) {
      const { change, end } = this.#containers.put(key, encodeLines(after.records))
      return { changes: [...changes, change], words: { end } }
    }
    const told = after.appended.filter((record) => isNews(before.records, record))
    const lines = encodeLines(told)
    if (lines.byteLength === 0) return { changes, words: stored }
    const { change, end } = this.#containers.append(key, stored.end, lines)
    return { changes: [...changes, change], words: { end } }
  }

  async #look(chunk: string): Promise<StoredWords> {
    return { end: (await this.#containers.read(this.keyOf(chunk)))?.end }
  }
}

/** How a line says which message it is about. */
export function wordsKey({ timestamp, hash }: ChatPosition): string {
  return `${timestamp}:${hash.slice(2, HASH_END)}`
}

/** A message's position, as far as a line says it. */
export function wordsPlace({ timestamp, hash }: ChatPosition): ChatPosition {
  return { timestamp, hash: hash.slice(0, HASH_END) }
}

/** What {@link wordsKey} was made of. */
export function placeOfKey(key: string): ChatPosition {
  const [timestamp, hash] = key.split(':')
  return { timestamp: Number(timestamp), hash: `0x${hash ?? ''}` }
}

// A message that was only reacted to has the words that it had.
function isNews(before: readonly ChatRecord[], record: ChatRecord): boolean {
  const same = before[countBefore(before, record)]
  if (same === undefined || comparePositions(same, record) !== 0) return true
  return wordsOf(same) !== wordsOf(record)
}

function encodeLines(records: readonly ChatRecord[]): Uint8Array {
  const lines = records.filter((record) => !isNote(record))
  return b4a.from(lines.map((record) => `${wordsKey(record)}${wordsOf(record)}\n`).join(''))
}

function decodeLines(key: string, contents: readonly Uint8Array[]): ReadonlyMap<string, string> {
  const lists = new Map<string, string>()
  for (const content of contents) {
    const lines = b4a.toString(content).split('\n')
    if (lines.pop() !== '') throw containerDamaged(key, 'its last line does not end')
    for (const line of lines) {
      const end = line.indexOf(' ')
      if (end === -1) throw containerDamaged(key, 'one of its lines is none')
      lists.set(line.slice(0, end), line.slice(end))
    }
  }
  return lists
}
