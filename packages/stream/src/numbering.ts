/** How far the numbers of a stream's objects and descriptors had been given out. */
export interface NumberingMark {
  readonly objects: number
  readonly descriptors: number
}

/**
 * Gives out the numbers of objects and descriptors. Numbers are given out while transactions run, before
 * they are committed, and taken back when they are not.
 */
export class Numbering {
  #objects = 0
  readonly #names: string[] = []
  readonly #numbers = new Map<string, number>()

  /** `descriptors`: names of the descriptors that have numbers 1, 2, …. */
  constructor(objects: number, descriptors: readonly string[]) {
    this.#objects = objects
    for (const name of descriptors) this.#register(name)
  }

  mark(): NumberingMark {
    return { objects: this.#objects, descriptors: this.#names.length }
  }

  /** Takes back every number that was given out after `mark`. */
  restore({ objects, descriptors }: NumberingMark): void {
    this.#objects = objects
    for (const name of this.#names.splice(descriptors)) this.#numbers.delete(name)
  }

  /** The next object's number. */
  nextObject(): number {
    return this.#objects++
  }

  /** The number of a descriptor, and whether it was given out just now. */
  descriptor(name: string): { readonly number: number; readonly isNew: boolean } {
    const known = this.#numbers.get(name)
    if (known !== undefined) return { number: known, isNew: false }
    return { number: this.#register(name), isNew: true }
  }

  // Number 0 is plain bytes.
  #register(name: string): number {
    this.#names.push(name)
    this.#numbers.set(name, this.#names.length)
    return this.#names.length
  }
}
