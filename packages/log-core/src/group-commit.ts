/** One caller's part of a group. */
interface Waiting<T> {
  readonly item: T
  readonly weight: number
  readonly resolve: (position: number) => void
  readonly reject: (error: unknown) => void
}

/**
 * Group commit: while one commit is in flight, what arrives is gathered into the next. `commit` gets
 * the items of a group in order and answers with the position of each; all of them fail together.
 */
export class GroupCommit<T> {
  readonly #commit: (items: readonly T[]) => Promise<readonly number[]>
  readonly #groupWeightMax: number
  #waiting: Waiting<T>[] = []
  #running: Promise<void> | undefined

  /** A group takes items until their weights reach `groupWeightMax`, and at least one. */
  constructor(
    commit: (items: readonly T[]) => Promise<readonly number[]>,
    { groupWeightMax }: { readonly groupWeightMax: number },
  ) {
    this.#commit = commit
    this.#groupWeightMax = groupWeightMax
  }

  /** Adds an item; resolves with its position once its group is committed. */
  add(item: T, weight: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, weight, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when nothing is waiting or in flight. Never rejects: each caller heard of its own. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #run(): Promise<void> {
    // One turn of the microtask queue, so that calls made together form one group from the first.
    await undefined
    while (this.#waiting.length > 0) {
      const group = this.#take()
      try {
        const positions = await this.#commit(group.map(({ item }) => item))
        group.forEach(({ resolve }, i) => resolve(positions[i] as number))
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    this.#running = undefined
  }

  #take(): Waiting<T>[] {
    let weight = 0
    let count = 0
    while (count < this.#waiting.length) {
      weight += (this.#waiting[count] as Waiting<T>).weight
      if (count > 0 && weight > this.#groupWeightMax) break
      count++
    }
    return this.#waiting.splice(0, count)
  }
}
