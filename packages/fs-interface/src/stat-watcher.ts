import { EventEmitter } from 'node:events'
import type { PathLike } from 'node:fs'
import { invalidType, optionsArgument, pathArgument } from './argument.ts'
import type { Drive } from './drive.ts'
import { hasCode } from './errno-error.ts'
import { newInode } from './inode.ts'
import { Metadata } from './metadata.ts'
import { type BigIntStats, type Stats, statsOf } from './stats.ts'

// As often as Node looks.
const INTERVAL_MS = 5007

type AnyStats = Stats | BigIntStats
type Listener = (current: AnyStats, previous: AnyStats) => void

interface WatchFileOptions {
  readonly bigint: boolean
  readonly persistent: boolean
  readonly interval: number
}

/** What `fs.watchFile` gives: looks at a path again and again, and says when it is not as it was. */
export class StatWatcher extends EventEmitter {
  readonly #timer: NodeJS.Timeout
  readonly #look: () => Promise<AnyStats>
  #last: AnyStats | undefined
  #isLooking = false

  constructor(
    look: () => Promise<AnyStats>,
    { interval, persistent }: Omit<WatchFileOptions, 'bigint'>,
  ) {
    super()
    this.#look = look
    this.#timer = setInterval(() => void this.#lookAgain(), interval)
    if (!persistent) this.unref()
    void this.#lookAgain()
  }

  ref(): this {
    this.#timer.ref()
    return this
  }

  unref(): this {
    this.#timer.unref()
    return this
  }

  stop(): void {
    clearInterval(this.#timer)
    process.nextTick(() => this.emit('stop'))
  }

  async #lookAgain(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      const current = await this.#look()
      const previous = this.#last ?? current
      // As Node does, of a file that is not there it is said once that it is not.
      const isNews = this.#last === undefined ? isNothing(current) : !isSame(current, previous)
      this.#last = current
      if (isNews) this.emit('change', current, previous)
    } catch {
      // Neither there nor not there: what cannot be read now is looked at again later.
    } finally {
      this.#isLooking = false
    }
  }
}

function isNothing({ mode }: AnyStats): boolean {
  return Number(mode) === 0
}

function isSame(a: AnyStats, b: AnyStats): boolean {
  const facts = ['ino', 'mode', 'nlink', 'uid', 'gid', 'size', 'mtimeMs', 'ctimeMs'] as const
  return facts.every((fact) => a[fact] === b[fact])
}

/** `fs.watchFile` and `fs.unwatchFile`: the watchers of one drive, by path. */
export function statWatcherCalls(drive: Drive) {
  const metadata = new Metadata(drive)
  const watchers = new Map<string, StatWatcher>()
  const statOf = async (path: string, bigint: boolean): Promise<AnyStats> => {
    try {
      return await metadata.stat(path, { follow: true, bigint })
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error
      const nothing = { ...newInode(0, 0), links: 0, uid: 0, gid: 0 }
      return statsOf({ home: 0, ino: 0 }, nothing, bigint)
    }
  }
  const unwatch = (path: string) => {
    watchers.get(path)?.stop()
    watchers.delete(path)
  }
  drive.stream.signal.addEventListener('abort', () => [...watchers.keys()].forEach(unwatch))
  return {
    watchFile(at: PathLike, ...rest: unknown[]): StatWatcher {
      const listener = rest.at(-1)
      if (typeof listener !== 'function')
        throw invalidType('listener', 'of type function', listener)
      const path = pathArgument(at)
      const options = optionsArgument<WatchFileOptions>(rest.length > 1 ? rest[0] : undefined)
      const { bigint = false, persistent = true, interval = INTERVAL_MS } = options
      let watcher = watchers.get(path)
      if (watcher === undefined) {
        watcher = new StatWatcher(() => statOf(path, bigint), { interval, persistent })
        watchers.set(path, watcher)
      }
      return watcher.on('change', listener as Listener)
    },
    unwatchFile(at: PathLike, listener?: Listener): void {
      const path = pathArgument(at)
      const watcher = watchers.get(path)
      if (listener === undefined) watcher?.removeAllListeners('change')
      else watcher?.off('change', listener)
      if (watcher?.listenerCount('change') === 0) unwatch(path)
    },
  }
}
