import type { PlacedChange } from './chat-file-format.ts'

/** Where a part of a container lies in a chat file. */
export interface FilePart {
  readonly offset: number
  readonly bytes: number
}

/** Which containers a chat file holds, and where. */
export class FileContents {
  readonly #parts = new Map<string, FilePart[]>()
  /** Bytes of all containers. */
  liveBytes = 0

  /** Takes in the changes of a record whose body lies at `offset`. */
  apply(changes: readonly PlacedChange[], offset: number): void {
    for (const { type, key, at, bytes } of changes) {
      if (type !== 'append') this.#remove(key)
      if (type === 'delete') continue
      const parts = this.#parts.get(key) ?? []
      parts.push({ offset: offset + at, bytes })
      this.#parts.set(key, parts)
      this.liveBytes += bytes
    }
  }

  /** The parts of a container, in order; none when it is not there. */
  partsOf(key: string): readonly FilePart[] {
    return this.#parts.get(key) ?? []
  }

  keys(): string[] {
    return [...this.#parts.keys()]
  }

  #remove(key: string): void {
    for (const { bytes } of this.partsOf(key)) this.liveBytes -= bytes
    this.#parts.delete(key)
  }
}
