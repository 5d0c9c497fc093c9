import { CELL_BYTES } from './content.ts'

// A window ends where a cell does, so that it is one piece, which is not copied before it is asked for. Eight are
// held: 2 MiB.
const WINDOW_BYTES = CELL_BYTES
const WINDOWS = 8

/** What {@link ReadAhead} needs of its file. */
export interface ReadAheadSource {
  /** Changes whenever the content may have. */
  readonly moment: () => number
  /** The bytes from `position` on, at most `length`, in pieces; fewer where the file ends. */
  readonly read: (position: number, length: number) => Promise<readonly Uint8Array[]>
}

interface Window {
  readonly start: number
  /** Where it ends, unless the file does before. */
  readonly end: number
  readonly moment: number
  /** undefined: it could not be read; who needs it tries again, and hears why. */
  readonly pieces: Promise<readonly Uint8Array[] | undefined>
}

/** Where reads of a file follow one another, has the next bytes on their way while these are used. */
export class ReadAhead {
  readonly #source: ReadAheadSource
  #windows: Window[] = []
  #end = -1

  constructor(source: ReadAheadSource) {
    this.#source = source
  }

  /**
   * The whole next window, as it is, if it is one cell that begins there and has at most `length` bytes. It is the
   * receiver's then: a stream passes it on uncopied.
   */
  async takeWindow(position: number, length: number): Promise<Uint8Array | undefined> {
    const [window] = this.#windows
    if (window?.start !== position || length < WINDOW_BYTES) return undefined
    const pieces = await window.pieces
    const [piece] = pieces ?? []
    if (piece?.byteLength !== WINDOW_BYTES || this.#windows[0] !== window) return undefined
    if (window.moment !== this.#source.moment()) return undefined
    this.#windows.shift()
    return piece
  }

  /** Fills `target` as far as what was read ahead goes; how many bytes that are. */
  async take(target: Uint8Array, position: number): Promise<number> {
    let filled = 0
    if (position !== this.#end) this.stop()
    while (filled < target.byteLength) {
      const [window] = this.#windows
      if (window === undefined) break
      const pieces = await window.pieces
      const from = position + filled - window.start
      if (pieces === undefined || window.moment !== this.#source.moment() || from < 0) {
        this.stop()
        break
      }
      filled += copyFrom(pieces, from, target.subarray(filled))
      const reached = position + filled
      const end = window.start + bytesOf(pieces)
      if (reached >= end && this.#windows[0] === window) this.#windows.shift()
      // The file ends there.
      if (reached >= end && end < window.end) break
    }
    return filled
  }

  /** A read ended there, and was given all that it asked for or not. */
  ended(position: number, end: number, isFull: boolean): void {
    const isNext = position === this.#end
    this.#end = end
    if (!isNext || !isFull) return
    while (this.#windows.length < WINDOWS) {
      this.#windows.push(this.#window(this.#windows.at(-1)?.end ?? end))
    }
  }

  /** Lets go of what it has. */
  stop(): void {
    this.#windows = []
  }

  #window(start: number): Window {
    const moment = this.#source.moment()
    const end = start - (start % WINDOW_BYTES) + WINDOW_BYTES
    const pieces = this.#source.read(start, end - start).catch(() => undefined)
    return { start, end, moment, pieces }
  }
}

function bytesOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { byteLength }) => sum + byteLength, 0)
}

/** Copies what lies behind one another from `from` on; how many bytes that were. */
function copyFrom(pieces: readonly Uint8Array[], from: number, target: Uint8Array): number {
  let filled = 0
  let skip = from
  for (const piece of pieces) {
    const part = piece.subarray(skip, skip + target.byteLength - filled)
    skip = Math.max(0, skip - piece.byteLength)
    target.set(part, filled)
    filled += part.byteLength
  }
  return filled
}
