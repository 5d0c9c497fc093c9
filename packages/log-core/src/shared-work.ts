/**
 * Slow work on a state, such as a sync of the disk, that many ask for at once. Who asks while it is under way
 * shares the next: the one that runs may have begun before what was asked for was there.
 */
export class SharedWork {
  readonly #work: () => Promise<void>
  #underWay: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  /** What runs now, if anything does. */
  get underWay(): Promise<void> | undefined {
    return this.#underWay
  }

  /** Resolves when the work was done once from its beginning. */
  run(): Promise<void> {
    if (this.#underWay === undefined) {
      this.#underWay = this.#work().finally(() => {
        this.#underWay = undefined
      })
      return this.#underWay
    }
    this.#next ??= this.#underWay
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return this.run()
      })
    return this.#next
  }
}
