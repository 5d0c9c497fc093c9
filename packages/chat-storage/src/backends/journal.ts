import { createHash } from 'node:crypto'
import b4a from 'b4a'
import { chatError } from '../chat-errors.ts'

/** Something that keeps bytes by name, one at a time: each call is made whole, or not at all. */
export interface Cells {
  get(name: string): Promise<Uint8Array | undefined>
  set(name: string, value: Uint8Array): Promise<void>
  /** A name that is not there is no error. */
  del(name: string): Promise<void>
}

/** A cell's new value; undefined takes it away. */
export type CellChange = readonly [name: string, value: Uint8Array | undefined]

/*
 * The journal is a cell of its own, there while several cells change at once:
 *
 *   offset  size  field
 *   0       4     magic, ASCII "DGCJ"
 *   4       1     format version, 1
 *   5       32    SHA-256 of all that follows
 *   37      …     for each change: bytes of the name (1), the name, bytes of the value (4, little endian;
 *                 0xffffffff takes the cell away), the value
 */
const NAME = 'journal'
const MAGIC = b4a.from('DGCJ\u0001')
const HEAD_BYTES = MAGIC.byteLength + 32
const AWAY = 0xffff_ffff

/**
 * Changes of several cells as one: they are written to a journal first, and are made for good from then on.
 * What a crash or a failure interrupts is done by the next call, or at the next open.
 */
export class Journal {
  readonly #cells: Cells
  // Changes that are made for good and not yet carried out; reads see them.
  #pending = new Map<string, Uint8Array | undefined>()
  // A journal that could not be written may be there all the same, and must not come true.
  #isRefused = false

  constructor(cells: Cells) {
    this.#cells = cells
  }

  /** Takes up what was interrupted. A journal that was not wholly written never counted. */
  async open(): Promise<void> {
    const written = await this.#cells.get(NAME)
    if (written === undefined) return
    this.#pending = new Map(decodeJournal(written))
    await this.#carryOut()
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    return this.#pending.has(name) ? this.#pending.get(name) : this.#cells.get(name)
  }

  /** Makes all changes or none. */
  async commit(changes: readonly CellChange[]): Promise<void> {
    await this.#carryOut()
    const [first] = changes
    if (first === undefined) return
    if (changes.length === 1) {
      await this.#set(first)
      return
    }
    try {
      await this.#cells.set(NAME, encodeJournal(changes))
    } catch (error) {
      this.#isRefused = true
      throw error
    }
    this.#pending = new Map(changes)
    try {
      await this.#carryOut()
    } catch {
      // The changes are made: the journal holds them. Whoever calls next meets what is in the way.
    }
  }

  /** Carries out what is left. Throws what is in the way. */
  async close(): Promise<void> {
    await this.#carryOut()
  }

  async #carryOut(): Promise<void> {
    if (this.#isRefused) await this.#cells.del(NAME)
    this.#isRefused = false
    if (this.#pending.size === 0) return
    for (const change of this.#pending) await this.#set(change)
    await this.#cells.del(NAME)
    this.#pending.clear()
  }

  async #set([name, value]: CellChange): Promise<void> {
    if (value === undefined) await this.#cells.del(name)
    else await this.#cells.set(name, value)
  }
}

function encodeJournal(changes: readonly CellChange[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const [name, value] of changes) {
    const bytes = b4a.from(name)
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, value?.byteLength ?? AWAY, true)
    parts.push(new Uint8Array([bytes.byteLength]), bytes, length, ...(value ? [value] : []))
  }
  const body = b4a.concat(parts)
  return b4a.concat([MAGIC, digest(body), body])
}

function decodeJournal(journal: Uint8Array): CellChange[] {
  if (!b4a.equals(journal.subarray(0, 4), MAGIC.subarray(0, 4)) || journal[4] !== MAGIC[4]) {
    // One that was cut off in its first bytes never counted either.
    if (journal.byteLength < HEAD_BYTES) return []
    throw chatError(
      'CHAT_FORMAT_UNKNOWN',
      'the journal of this chat has a format that this package does not read; install a newer one',
    )
  }
  const body = journal.subarray(HEAD_BYTES)
  if (!b4a.equals(digest(body), journal.subarray(MAGIC.byteLength, HEAD_BYTES))) return []
  const changes: CellChange[] = []
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  for (let at = 0; at < body.byteLength; ) {
    const value = at + 1 + view.getUint8(at)
    const name = b4a.toString(body.subarray(at + 1, value))
    const length = view.getUint32(value, true)
    at = value + 4 + (length === AWAY ? 0 : length)
    changes.push([name, length === AWAY ? undefined : body.slice(value + 4, at)])
  }
  return changes
}

function digest(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}
