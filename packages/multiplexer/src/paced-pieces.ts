import type { Pace } from './pace.ts'

/** Bytes that go on as fast as a pace lets them, in their order. */
export class PacedPieces {
  /** Changes to that of the peer, once it is known. */
  pace: Pace
  readonly #goOn: (bytes: Uint8Array) => void
  readonly #onEmpty: () => void
  #pieces: Uint8Array[] = []
  #timer: NodeJS.Timeout | undefined
  #isGoing = false
  /** Somebody was told that bytes wait, and is told when they do no more. */
  #isAwaited = false

  /** `goOn` takes what may go on now; `onEmpty` hears that nothing waits any more. */
  constructor(pace: Pace, goOn: (bytes: Uint8Array) => void, onEmpty: () => void) {
    this.pace = pace
    this.#goOn = goOn
    this.#onEmpty = onEmpty
  }

  get isEmpty(): boolean {
    return this.#pieces.length === 0
  }

  /** Lets bytes go on, now or later; whether nothing waits. */
  add(bytes: Uint8Array): boolean {
    this.#pieces.push(bytes)
    if (this.#timer === undefined) this.#go()
    this.#isAwaited ||= !this.isEmpty
    return this.isEmpty
  }

  /** Lets all that waits go on at once. */
  flush(): void {
    const pieces = this.clear()
    for (const piece of pieces) this.#goOn(piece)
  }

  /** Forgets what waits, and gives it. */
  clear(): readonly Uint8Array[] {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const pieces = this.#pieces
    this.#pieces = []
    return pieces
  }

  #go(): void {
    // What goes on may bring more.
    if (this.#isGoing) return
    this.#isGoing = true
    for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[0]) {
      const granted = this.pace.take(piece.byteLength)
      if (granted < piece.byteLength) this.#pieces[0] = piece.subarray(granted)
      else this.#pieces.shift()
      if (granted > 0) this.#goOn(piece.subarray(0, granted))
      if (granted === piece.byteLength) continue
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        this.#go()
      }, this.pace.pauseMs)
      break
    }
    this.#isGoing = false
    if (!this.isEmpty || !this.#isAwaited) return
    this.#isAwaited = false
    this.#onEmpty()
  }
}
