import type { Stream } from '@datagram/stream'
import type { ContainerParts } from './container-parts.ts'
import { recordDropped } from './dropped-logs.ts'

/** Tells in the roster what an author's streams dropped, for hosts that cannot read: they go by it. */
export class DropRecorder {
  readonly #parts: ContainerParts
  readonly #onProblem: (problem: unknown) => void
  #recording: Promise<void> = Promise.resolve()

  constructor(parts: ContainerParts, onProblem: (problem: unknown) => void) {
    this.#parts = parts
    this.#onProblem = onProblem
  }

  /** Records what the stream has dropped and no record says yet; nothing for what is somebody else's. */
  async record(name: string): Promise<void> {
    const { members, root } = this.#parts
    const { meta, roster } = root
    const stream = await meta?.get(name)
    if (!roster?.writable || stream === undefined || stream.attached) return
    // One after another: each says what the ones before it have not said.
    const before = this.#recording.catch(() => undefined)
    this.#recording = before.then(async () => {
      await recordDropped(roster, await members.take(name, stream))
    })
    await this.#recording
  }

  /** Records whenever the stream forgets something. Gives the stream. */
  watch<Api extends object>(stream: Stream<Api>): Stream<Api> {
    stream.onForgotten(() => this.record(stream.name).catch(this.#onProblem))
    return stream
  }
}
