// Bytes of one window: four cells, which are fetched together. Two windows are held.
const WINDOW_BYTES = 1024 * 1024
const WINDOWS = 2

/** What {@link ReadAhead} needs of its file. */
export interface ReadAheadSource {
  /** Changes whenever the content may have. */
  readonly moment: () => number
  /** The bytes from `position` on, at most `length`; fewer where the file ends. */
  readonly read: (position: number, length: number) => Promise<Uint8Array>
}

interface Window {
  readonly start: number
  readonly moment: number
  /** undefined: it could not be read; who needs it tries again, and hears why. */
  readonly bytes: Promise<Uint8Array | undefined>
}

/** Where reads of a file follow one another, has the next bytes on their way while these are used. */
export class ReadAhead {
  readonly #source: ReadAheadSource
  #windows: Window[] = []
  #end = -1

  constructor(source: ReadAheadSource) {
    this.#source = source
  }

  /** Fills `target` as far as what was read ahead goes; how many bytes that are. */
  async take(target: Uint8Array, position: number): Promise<number> {
    let filled = 0
    if (position !== this.#end) this.stop()
    while (filled < target.byteLength) {
      const [window] = this.#windows
      if (window === undefined) break
      const bytes = await window.bytes
      const from = position + filled - window.start
      if (bytes === undefined || window.moment !== this.#source.moment() || from < 0) {
        this.stop()
        break
      }
      const piece = bytes.subarray(from, from + target.byteLength - filled)
      target.set(piece, filled)
      filled += piece.byteLength
      const isUsedUp = from + piece.byteLength >= bytes.byteLength
      if (isUsedUp && this.#windows[0] === window) this.#windows.shift()
      if (isUsedUp && bytes.byteLength < WINDOW_BYTES) break
    }
    return filled
  }

  /** A read ended there, and was given all that it asked for or not. */
  ended(position: number, end: number, isFull: boolean): void {
    const isNext = position === this.#end
    this.#end = end
    if (!isNext || !isFull) return
    while (this.#windows.length < WINDOWS) {
      const before = this.#windows.at(-1)
      this.#windows.push(this.#window(before === undefined ? end : before.start + WINDOW_BYTES))
    }
  }

  /** Lets go of what it has. */
  stop(): void {
    this.#windows = []
  }

  #window(start: number): Window {
    const moment = this.#source.moment()
    const bytes = this.#source.read(start, WINDOW_BYTES).catch(() => undefined)
    return { start, moment, bytes }
  }
}
