import { isDeepStrictEqual } from 'node:util'
import type { WaitOptions } from '@datagram/log-core'
import type { Stream } from '@datagram/stream'
import { containerError } from './container-errors.ts'

interface Handle {
  readonly type: string
  readonly options: unknown
  readonly opening: Promise<Stream>
}

/** The streams that are open under their interface: one handle a name. */
export class OpenStreams {
  readonly #handles = new Map<string, Handle>()
  /** Streams that are being exchanged for others; who opens them waits. */
  readonly #exchanges = new Map<string, Promise<unknown>>()

  /**
   * The stream under `name`: the one that is open, or what `open` makes. Throws `STREAM_TYPE_MISMATCH`
   * when it is open under another interface, and a TypeError when it is under other options.
   */
  async get<Api extends object>(
    name: string,
    type: string,
    options: unknown,
    open: () => Promise<Stream<Api>>,
  ): Promise<Stream<Api>> {
    // Whoever exchanges it hears of a failure; what is there then is opened.
    await this.#exchanges.get(name)?.catch(() => undefined)
    const known = this.#handles.get(name)
    if (known === undefined) return this.#open(name, type, options, open)
    if (known.type !== type) throw typeMismatch(name, known.type, type)
    if (options !== undefined && !sameOptions(options, known.options)) {
      throw new TypeError(
        `the stream ${JSON.stringify(name)} is open with other options; close it, or use the same`,
      )
    }
    // The interface's name is its type, so the handle has what this definition opens.
    return known.opening as Promise<Stream<Api>>
  }

  /** Closes the handle of a stream that is open, and opens none under its name until `work` has ended. */
  async exchange<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#exchanges.get(name)?.catch(() => undefined)
    const exchanging = Promise.resolve(before).then(async () => {
      await this.close([name])
      return work()
    })
    this.#exchanges.set(name, exchanging)
    try {
      return await exchanging
    } finally {
      if (this.#exchanges.get(name) === exchanging) this.#exchanges.delete(name)
    }
  }

  /** Moves open replicas, but those of the names in `without`, to the newest state that their logs have; unless `sparse`, with all of it. */
  async update({
    sparse,
    without = [],
    ...wait
  }: WaitOptions & {
    readonly sparse: boolean
    readonly without?: readonly string[]
  }): Promise<void> {
    const handles = [...this.#handles].filter(([name]) => !without.includes(name))
    const opened = await Promise.allSettled(handles.map(([, one]) => one.opening))
    const streams = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    await Promise.all(
      streams.map(async (stream) => {
        try {
          await stream.update(wait)
          if (!sparse && !stream.writable) await stream.download(wait)
        } catch (error) {
          // One that was closed meanwhile, as its logs were exchanged for others, is up to date.
          if (!stream.main.signal.aborted) throw error
        }
      }),
    )
  }

  /** Names of the streams that are open. */
  get names(): readonly string[] {
    return [...this.#handles.keys()]
  }

  /** The stream under a name, if it is open. */
  async opened(name: string): Promise<Stream | undefined> {
    return this.#handles.get(name)?.opening.catch(() => undefined)
  }

  /** Drops what the open streams of one's own do not retain. */
  async compact(): Promise<void> {
    const opened = await Promise.allSettled([...this.#handles.values()].map((one) => one.opening))
    for (const one of opened) if (one.status === 'fulfilled') await one.value.compact()
  }

  /** Closes the stream under `name`, if it is open. */
  async closeOne(name: string): Promise<void> {
    const opened = await this.#handles.get(name)?.opening.catch(() => undefined)
    await opened?.close()
    this.#handles.delete(name)
  }

  async close(names = this.names): Promise<void> {
    const handles = names.flatMap((name) => this.#handles.get(name) ?? [])
    const opened = await Promise.allSettled(handles.map((one) => one.opening))
    for (const one of opened) if (one.status === 'fulfilled') await one.value.close()
  }

  #open<Api extends object>(
    name: string,
    type: string,
    options: unknown,
    open: () => Promise<Stream<Api>>,
  ): Promise<Stream<Api>> {
    const opening = open()
    const handle = { type, options, opening }
    this.#handles.set(name, handle)
    const forget = () => {
      if (this.#handles.get(name) === handle) this.#handles.delete(name)
    }
    opening.then(({ main }) => main.signal.addEventListener('abort', forget), forget)
    return opening
  }
}

/** The error of a stream that is of another type than it is opened as. */
export function typeMismatch(name: string, is: string, asked: string): Error {
  return containerError(
    'STREAM_TYPE_MISMATCH',
    `the stream ${JSON.stringify(name)} is of type ${is}, not ${asked}; open it as what it is, or choose another name`,
    { details: { name, is, asked } },
  )
}

function sameOptions(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const left = Object.entries(a).filter(([, value]) => value !== undefined)
  const right = Object.entries(b).filter(([, value]) => value !== undefined)
  const other = new Map(right)
  return (
    left.length === right.length &&
    left.every(([key, value]) => isDeepStrictEqual(other.get(key), value))
  )
}
