/** Which inodes are open: one without a name stays as long as it is. */
export class OpenFiles {
  readonly #counts = new Map<number, number>()

  open(ino: number): void {
    this.#counts.set(ino, (this.#counts.get(ino) ?? 0) + 1)
  }

  /** True when nobody has it open any more. */
  close(ino: number): boolean {
    const left = (this.#counts.get(ino) ?? 1) - 1
    if (left > 0) this.#counts.set(ino, left)
    else this.#counts.delete(ino)
    return left <= 0
  }

  has(ino: number): boolean {
    return this.#counts.has(ino)
  }
}
