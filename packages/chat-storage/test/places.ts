import { join } from 'node:path'
import { temporaryFolder } from '@datagram/fault-harness'
import {
  type ChatBackend,
  databaseBackend,
  type DatabaseOperation,
  fileBackend,
  folderBackend,
} from '../src/index.ts'

/** Somewhere that a chat can be kept, with what is to be looked at for canaries. */
export interface ChatPlace extends AsyncDisposable {
  open(): ChatBackend
  /** The stored bytes of it all: of files or of values, and their names. */
  readonly folder?: string | undefined
  readonly values?: ReadonlyMap<string, Uint8Array> | undefined
}

/** Places of each kind, by name. */
export const places: Readonly<Record<string, () => Promise<ChatPlace>>> = {
  folder: () => onDisk((path) => folderBackend(path)),
  file: () => onDisk((path) => fileBackend(join(path, 'chats'))),
  database: async () => inDatabase(mapDatabase),
  'database with batches': async () => inDatabase(batchDatabase),
}

async function onDisk(open: (path: string) => ChatBackend): Promise<ChatPlace> {
  const folder = await temporaryFolder()
  return {
    open: () => open(folder.path),
    folder: folder.path,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

async function inDatabase(database: typeof mapDatabase): Promise<ChatPlace> {
  const values = new Map<string, Uint8Array>()
  return {
    open: () => databaseBackend(database(values)),
    values,
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** A database with nothing but the three calls. */
export function mapDatabase(values: Map<string, Uint8Array>) {
  return {
    async get(key: string) {
      const value = values.get(key)
      return value && new Uint8Array(value)
    },
    set: async (key: string, value: Uint8Array) => void values.set(key, new Uint8Array(value)),
    del: async (key: string) => void values.delete(key),
  }
}

function batchDatabase(values: Map<string, Uint8Array>) {
  const database = mapDatabase(values)
  return {
    ...database,
    async batch(operations: readonly DatabaseOperation[]) {
      for (const operation of operations) {
        if (operation.type === 'set') await database.set(operation.key, operation.value)
        else await database.del(operation.key)
      }
    },
  }
}
