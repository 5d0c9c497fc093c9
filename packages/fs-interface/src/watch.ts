import path from 'node:path'
import type { Change, ChangeOperation } from '@datagram/stream'
import b4a from 'b4a'
import type { Drive } from './drive.ts'
import { parseKey } from './fs-key.ts'
import { decodeEntry, type Entry, isDirectory } from './inode.ts'
import { Tree } from './tree.ts'
import { directoryOf } from './walk.ts'

/** What happened to a name, as `fs.watch` of Node says it. */
export interface WatchEvent {
  /** `rename`: the name came or went; `change`: the file under it changed. */
  readonly eventType: 'rename' | 'change'
  /** The name, from the directory that is watched; of a file its own. */
  readonly filename: string
}

/** What is watched. */
export interface WatchOptions {
  /** Directories below too. */
  readonly recursive: boolean
  /** Ends it. */
  readonly signal: AbortSignal
}

/** What happens to a file, or in a directory, from now on; on a replica as it arrives. */
export async function* watchEvents(
  drive: Drive,
  watched: string,
  { recursive, signal }: WatchOptions,
): AsyncGenerator<WatchEvent, void, undefined> {
  // From before the names are read, so that nothing falls between the two.
  const changes = drive.stream.changes({ from: drive.stream.moment(), signal })
  const names = await WatchedNames.read(drive, watched, recursive)
  for await (const change of changes) {
    for (const event of await names.events(change)) yield event
  }
}

/** The names that are watched, by inode number. */
class WatchedNames {
  readonly #drive: Drive
  readonly #recursive: boolean
  readonly #directories = new Map<number, string>()
  readonly #files = new Map<number, string>()
  /** The one name that is watched, when it is not a directory's. */
  #only: string | undefined

  private constructor(drive: Drive, recursive: boolean) {
    this.#drive = drive
    this.#recursive = recursive
  }

  static async read(drive: Drive, watched: string, recursive: boolean): Promise<WatchedNames> {
    const call = { syscall: 'watch', path: watched }
    return drive.read(async (tree) => {
      const names = new WatchedNames(drive, recursive)
      const found = await drive.find(tree, watched, call)
      if (isDirectory(found.entry)) await names.#enter(tree, found.entry.ino, '')
      else {
        names.#only = found.name
        names.#directories.set(directoryOf(found).ino, '')
        names.#files.set(found.entry.ino, found.name as string)
      }
      return names
    })
  }

  async events({ operations }: Change): Promise<WatchEvent[]> {
    const events = new Map<string, WatchEvent>()
    for (const operation of operations) {
      if (operation.type === 'object') continue
      const event = await this.#event(operation)
      // Of one change each event once, and of a new name only that it came.
      if (event === undefined || events.get(event.filename)?.eventType === 'rename') continue
      events.set(event.filename, event)
    }
    return [...events.values()]
  }

  async #event(
    operation: Exclude<ChangeOperation, { readonly type: 'object' }>,
  ): Promise<WatchEvent | undefined> {
    const key = parseKey(operation.key)
    if (key?.type === 'inode') {
      const filename = operation.type === 'put' ? this.#files.get(key.ino) : undefined
      return filename === undefined ? undefined : { eventType: 'change', filename }
    }
    if (key?.type !== 'entry') return undefined
    const prefix = this.#directories.get(key.directory)
    const name = b4a.toString(key.name, 'utf8')
    if (prefix === undefined || (this.#only !== undefined && this.#only !== name)) return undefined
    const filename = path.posix.join(prefix, name)
    if (operation.type === 'put') {
      const entry = decodeEntry(await operation.read())
      await this.#take(new Tree(this.#drive.reader), entry, filename)
    }
    return { eventType: 'rename', filename }
  }

  async #enter(tree: Tree, directory: number, prefix: string): Promise<void> {
    this.#directories.set(directory, prefix)
    for await (const entry of tree.entries(directory)) {
      await this.#take(tree, entry, path.posix.join(prefix, entry.name))
    }
  }

  async #take(tree: Tree, entry: Entry, name: string): Promise<void> {
    if (!isDirectory(entry)) this.#files.set(entry.ino, name)
    else if (this.#recursive) await this.#enter(tree, entry.ino, name)
  }
}
