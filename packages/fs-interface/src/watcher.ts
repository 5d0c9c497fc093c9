import { EventEmitter } from 'node:events'
import type { PathLike } from 'node:fs'
import { encodingArgument, optionsArgument, pathArgument } from './argument.ts'
import type { Drive } from './drive.ts'
import { encoded } from './listing.ts'
import { watchEvents } from './watch.ts'

interface WatchOptions {
  readonly encoding: unknown
  readonly recursive: boolean
  readonly signal: AbortSignal
}

type Listener = (eventType: string, filename: string | Buffer) => void

/** What `fs.watch` gives: `change`, `error` and `close` events until it is closed. */
export class FSWatcher extends EventEmitter {
  readonly #ended = new AbortController()

  constructor(drive: Drive, watched: string, options: Partial<WatchOptions>) {
    super()
    const { recursive = false, signal } = options
    const encoding = encodingArgument(options.encoding, 'utf8')
    signal?.addEventListener('abort', () => this.close(), { once: true })
    if (signal?.aborted === true) this.close()
    const events = watchEvents(drive, watched, { recursive, signal: this.#ended.signal })
    void this.#run(drive, events, encoding)
  }

  close(): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    process.nextTick(() => this.emit('close'))
  }

  /** Nothing here keeps a process alive. */
  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  async #run(
    drive: Drive,
    events: ReturnType<typeof watchEvents>,
    encoding: BufferEncoding | 'buffer',
  ): Promise<void> {
    try {
      for await (const { eventType, filename } of events) {
        if (this.#ended.signal.aborted) return
        this.emit('change', eventType, encoded(filename, encoding))
      }
    } catch (error) {
      // What is closed under it ends it; that is no failure.
      if (drive.stream.signal.aborted) this.close()
      else if (!this.#ended.signal.aborted) this.emit('error', error)
    }
  }
}

/** `fs.watch`, and that of the promises. */
export function watchCalls(drive: Drive) {
  return {
    watch(path: PathLike, ...rest: unknown[]): FSWatcher {
      const listener = rest.find((one) => typeof one === 'function') as Listener | undefined
      const watcher = new FSWatcher(
        drive,
        pathArgument(path),
        optionsArgument<WatchOptions>(rest[0]),
      )
      if (listener !== undefined) watcher.on('change', listener)
      return watcher
    },
    async *watchIterator(path: PathLike, options?: unknown) {
      const { encoding, recursive = false, signal } = optionsArgument<WatchOptions>(options)
      const text = encodingArgument(encoding, 'utf8')
      const ended = new AbortController()
      const either = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal])
      try {
        const events = watchEvents(drive, pathArgument(path), { recursive, signal: either })
        for await (const { eventType, filename } of events) {
          yield { eventType, filename: encoded(filename, text) }
        }
      } finally {
        ended.abort()
      }
    },
  }
}
