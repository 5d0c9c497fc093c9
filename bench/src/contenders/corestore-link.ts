import type { FaultyLink } from '@datagram/fault-harness'
import { type Core, type Corestore, noiseStream, type NoiseStream } from '../holepunch.ts'

// How often a log that has not heard of its peer's length asks again.
const ASK_AGAIN_MS = 20

/** Two Corestores that replicate, each by its own `replicate`, over a link. */
export class CorestoreLink {
  readonly #ends: readonly NoiseStream[]

  constructor(author: Corestore, reader: Corestore, { a, b }: FaultyLink) {
    this.#ends = [noiseStream(false, a), noiseStream(true, b)]
    author.replicate(this.#ends[0] as NoiseStream)
    reader.replicate(this.#ends[1] as NoiseStream)
  }

  close(): void {
    for (const end of this.#ends) end.destroy()
  }
}

/** Resolves when `core` knows that it has `length` blocks. */
export async function knownLength(core: Core, length: number): Promise<void> {
  while (core.length < length) {
    await core.update({ wait: true })
    if (core.length < length) await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
  }
}
