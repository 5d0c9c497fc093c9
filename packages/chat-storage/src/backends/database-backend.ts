import b4a from 'b4a'
import type { BackendChange, ChangeOptions, ChatBackend } from '../chat-backend.ts'
import { containerDamaged } from '../chat-errors.ts'
import { type CellChange, Journal } from './journal.ts'

/** A change in a database's batch. */
export type DatabaseOperation =
  | { readonly type: 'set'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string }

/** What is asked of a database: bytes by name. A `Kv` of Datagram with binary values is one. */
export interface ChatDatabase {
  get(key: string): Promise<Uint8Array | undefined> | Uint8Array | undefined
  /** Replaces the value as a whole, or throws and leaves it. */
  set(key: string, value: Uint8Array): unknown
  del(key: string): unknown
  /** All or nothing. Where a database has none, changes of several values go through a journal. */
  batch?(operations: readonly DatabaseOperation[], options?: ChangeOptions): unknown
}

/** How containers are kept in a database. */
export interface DatabaseBackendOptions {
  /** What the names of all values begin with; default `chat/`. */
  readonly prefix?: string | undefined
}

/** Keeps each container as a value of a database. A list of them is a value too, as not every one lists. */
export function databaseBackend(
  database: ChatDatabase,
  { prefix = 'chat/' }: DatabaseBackendOptions = {},
): ChatBackend {
  return new DatabaseBackend(database, prefix)
}

const LIST = 'containers'

class DatabaseBackend implements ChatBackend {
  readonly appends = false
  readonly #database: ChatDatabase
  readonly #prefix: string
  readonly #journal: Journal
  #opening: Promise<Set<string>> | undefined

  constructor(database: ChatDatabase, prefix: string) {
    this.#database = database
    this.#prefix = prefix
    this.#journal = new Journal({
      get: async (name) => bytesOf(await database.get(prefix + name)),
      set: async (name, value) => void (await database.set(prefix + name, value)),
      del: async (name) => void (await database.del(prefix + name)),
    })
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    await this.#open()
    return this.#journal.get(key)
  }

  async putMany(changes: readonly BackendChange[], options?: ChangeOptions): Promise<void> {
    const keys = new Set(await this.#open())
    let isListed = true
    const cells: CellChange[] = []
    for (const change of changes) {
      if (change.type === 'append') throw new TypeError('a database does not append')
      const isPut = change.type === 'put'
      if (isPut !== keys.has(change.key)) isListed = false
      if (isPut) keys.add(change.key)
      else keys.delete(change.key)
      // A database may keep the very bytes that it is given, and give them out.
      cells.push([change.key, isPut ? new Uint8Array(change.value) : undefined])
    }
    if (!isListed) cells.push([LIST, b4a.from(JSON.stringify([...keys]))])
    await this.#commit(cells, options)
    this.#opening = Promise.resolve(keys)
  }

  async *list(): AsyncGenerator<string, void, undefined> {
    yield* await this.#open()
  }

  async close(): Promise<void> {
    await this.#journal.close()
  }

  #open(): Promise<Set<string>> {
    this.#opening ??= this.#start().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #start(): Promise<Set<string>> {
    await this.#journal.open()
    const list = await this.#journal.get(LIST)
    if (list === undefined) return new Set()
    try {
      return new Set(JSON.parse(b4a.toString(list)) as string[])
    } catch (cause) {
      throw containerDamaged(LIST, 'the list of containers is none', cause)
    }
  }

  async #commit(cells: readonly CellChange[], options: ChangeOptions | undefined): Promise<void> {
    if (this.#database.batch === undefined) {
      await this.#journal.commit(cells)
      return
    }
    const operations = cells.map(([name, value]): DatabaseOperation => {
      const key = this.#prefix + name
      return value === undefined ? { type: 'del', key } : { type: 'set', key, value }
    })
    await this.#database.batch(operations, options)
  }
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value === undefined || value === null) return undefined
  if (value instanceof Uint8Array) return new Uint8Array(value)
  throw new TypeError('the database gives values that are no bytes; open it with binary ones')
}
