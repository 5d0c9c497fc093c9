import type { Index } from '@datagram/indexer'
import { type BlockRange, Lifecycle, type Log, type WaitOptions } from '@datagram/log-core'
import { downloadLogs } from './download-stream.ts'
import type { DropListener } from './drop-listeners.ts'
import { followAlone } from './follow-alone.ts'
import type { StreamHeader } from './header.ts'
import type { InterfaceStream, StreamStatus } from './interface-stream.ts'
import type { BlockReader } from './kept-blocks.ts'
import { MAIN_SPACE } from './key-space.ts'
import { type OpenedInterface, openInterface } from './open-interface.ts'
import { SpaceStream } from './space-stream.ts'
import type { SpacePlan } from './spaces.ts'
import type { Stream, StreamDownloadOptions } from './stream.ts'
import type { StreamCore } from './stream-core.ts'

/** The handle of an open stream. Closing it refuses the API first, then runs the hooks, then closes the core. */
export class StreamHandle implements Stream {
  readonly header: StreamHeader
  readonly #core: StreamCore
  readonly #lifecycle = new Lifecycle('the stream', 'STREAM_CLOSED')
  readonly main: InterfaceStream
  #opened: OpenedInterface | undefined
  // What the last download went without, so that the next one need not find it out anew.
  #unavailable: readonly BlockRange[] = []

  constructor(core: StreamCore, header: StreamHeader) {
    this.#core = core
    this.header = header
    this.main = this.#view(MAIN_SPACE)
  }

  async open(plan: SpacePlan, options: unknown): Promise<void> {
    this.#opened = await openInterface(plan, options, {
      view: (space) => (space === MAIN_SPACE ? this.main : this.#view(space)),
      check: this.#check,
      // What is required stays usable for the `close` hook of what requires it.
      checkRequired: this.#core.assertUsable,
    })
    this.#lifecycle.opened()
  }

  get name(): string {
    return this.#core.parts.name
  }

  get type(): string {
    return this.header.type
  }

  get writable(): boolean {
    return this.#core.writable
  }

  get api(): object {
    return (this.#opened as OpenedInterface).api
  }

  get data(): Log {
    return this.#core.parts.data
  }

  get blocks(): BlockReader {
    return this.#core.blocks
  }

  get indexLog(): Log {
    return this.#core.parts.indexLog
  }

  get index(): Index {
    return this.#core.parts.index
  }

  async update(wait?: WaitOptions): Promise<boolean> {
    this.#check()
    const hasMoved = await this.#core.update(wait)
    await followAlone(this.#core, wait)
    return hasMoved
  }

  async download({
    onProgress,
    ...wait
  }: StreamDownloadOptions = {}): Promise<readonly BlockRange[]> {
    await this.update(wait)
    try {
      // What the update showed is what is brought here. Going on to a newer head now would bring back
      // blocks that are not.
      const dataEnd = Math.min(this.#core.position, this.data.length)
      const options = { onProgress, unavailable: this.#unavailable, ...wait }
      this.#unavailable = await downloadLogs({ ...this.#core.parts, dataEnd }, options)
      await this.#core.drops.settle(wait)
      return this.#unavailable
    } catch (error) {
      throw this.#core.failure(error)
    }
  }

  status(): StreamStatus {
    this.#check()
    return this.#core.status()
  }

  onDropped(listener: DropListener): () => void {
    return this.#core.dropListeners.listen(listener)
  }

  async compact(): Promise<void> {
    this.#check()
    await this.#core.retention.sweepAll()
    await this.#core.parts.index.compact()
  }

  close(): Promise<void> {
    return this.#lifecycle.close(async () => {
      try {
        await this.#opened?.close()
      } finally {
        await this.#core.close()
      }
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // While it opens, the interface may use its stream already.
  readonly #check = (): void => {
    if (this.#lifecycle.signal.aborted) throw this.#lifecycle.closedError()
  }

  #view(space: number): InterfaceStream {
    return new SpaceStream(this.#core, space, this.#lifecycle.signal)
  }
}
