/** What becomes of one item of a group: its position, or why it was left out. */
export type Outcome = number | Error

/** The two steps of a commit. */
export interface GroupSteps<T, P> {
  /** Makes a group ready; nothing of it shows yet. Also called while the group before it is being committed. */
  readonly prepare: (items: readonly T[]) => Promise<P>
  /** Commits it; what became of each item, in order. A throw fails all of them. */
  readonly commit: (ready: P) => Promise<readonly Outcome[]>
}

/** How large groups are, by the weights of their items. */
export interface GroupLimits {
  /** A group takes items until it weighs so much, and at least one. */
  readonly weightMax: number
  /** What waits is made ready ahead when it weighs so much; less than that waits for company. */
  readonly aheadWeightMin: number
}

interface Waiting<T> {
  readonly item: T
  readonly weight: number
  readonly resolve: (position: number) => void
  readonly reject: (error: unknown) => void
}

interface Group<T, P> {
  readonly members: readonly Waiting<T>[]
  readonly ready: Promise<P>
}

/**
 * Group commit: while one commit is in flight, what arrives is gathered into the next. Where enough has arrived to
 * keep the processor busy, the next is made ready while the storage writes.
 */
export class GroupCommit<T, P> {
  readonly #steps: GroupSteps<T, P>
  readonly #limits: GroupLimits
  #waiting: Waiting<T>[] = []
  #waitingWeight = 0
  #ahead: Group<T, P> | undefined
  #isCommitting = false
  #running: Promise<void> | undefined

  constructor(steps: GroupSteps<T, P>, limits: GroupLimits) {
    this.#steps = steps
    this.#limits = limits
  }

  /** Adds an item; resolves with its position once its group is committed. */
  add(item: T, weight: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, weight, resolve, reject })
      this.#waitingWeight += weight
      this.#prepareAhead()
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
    while (this.#ahead !== undefined || this.#waiting.length > 0) {
      const group = this.#ahead ?? this.#prepare()
      this.#ahead = undefined
      await this.#commit(group)
    }
    this.#running = undefined
  }

  async #commit({ members, ready }: Group<T, P>): Promise<void> {
    try {
      const committing = this.#steps.commit(await ready)
      this.#isCommitting = true
      this.#prepareAhead()
      settle(members, await committing)
    } catch (error) {
      for (const { reject } of members) reject(error)
    } finally {
      this.#isCommitting = false
    }
  }

  #prepareAhead(): void {
    if (!this.#isCommitting || this.#ahead !== undefined) return
    if (this.#waitingWeight >= this.#limits.aheadWeightMin) this.#ahead = this.#prepare()
  }

  #prepare(): Group<T, P> {
    const members = this.#take()
    const ready = this.#steps.prepare(members.map(({ item }) => item))
    // It is awaited when its turn comes; until then a failure must not count as unhandled.
    ready.catch(() => undefined)
    return { members, ready }
  }

  #take(): Waiting<T>[] {
    let weight = 0
    let count = 0
    for (const one of this.#waiting) {
      if (count > 0 && weight + one.weight > this.#limits.weightMax) break
      weight += one.weight
      count++
    }
    this.#waitingWeight -= weight
    return this.#waiting.splice(0, count)
  }
}

function settle<T>(members: readonly Waiting<T>[], outcomes: readonly Outcome[]): void {
  members.forEach(({ resolve, reject }, i) => {
    const outcome = outcomes[i] as Outcome
    if (outcome instanceof Error) reject(outcome)
    else resolve(outcome)
  })
}
