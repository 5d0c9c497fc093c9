import { Memtable } from './memtable.ts'
import type { Tree, View } from './view.ts'

/**
 * The parts of the map as they stand: the table that takes operations, the one that is being flushed,
 * the tree.
 *
 * Invariant: operations enter `active` only; a table leaves memory only when a tree that covers all of
 * it is in place, in the same moment.
 */
export class MapState {
  #active = new Memtable()
  #frozen: Memtable | undefined
  #tree: Tree
  #view: View | undefined
  /** Whether a data log keeps the operations, so that memory may hold them until a flush goes well. */
  journalled = true

  constructor(tree: Tree) {
    this.#tree = tree
  }

  get active(): Memtable {
    return this.#active
  }

  /** The table that is being flushed, or whose flush failed. */
  get frozen(): Memtable | undefined {
    return this.#frozen
  }

  get tree(): Tree {
    return this.#tree
  }

  /** Position of the last frame, applied or covered. */
  get position(): number {
    return Math.max(this.#tree.head.covers, this.#frozen?.position ?? 0, this.#active.position)
  }

  get memoryBytes(): number {
    return this.#active.bytes + (this.#frozen?.bytes ?? 0)
  }

  get memoryOperations(): number {
    return this.#active.operations + (this.#frozen?.operations ?? 0)
  }

  /** The map as it is now. The same object until something changes. */
  view(): View {
    this.#view ??= {
      memtables: [this.#active, this.#frozen]
        .filter((table) => table !== undefined && table.operations > 0)
        .map((table) => (table as Memtable).view()),
      tree: this.#tree,
    }
    return this.#view
  }

  /** To be called after operations were added to `active`. */
  changed(): void {
    this.#view = undefined
  }

  /** Sets the active table aside to be flushed. */
  freeze(): Memtable {
    if (this.#frozen === undefined) {
      this.#frozen = this.#active
      this.#active = new Memtable()
      this.#view = undefined
    }
    return this.#frozen
  }

  /** Lets go of all operations in memory. */
  discard(): void {
    this.#frozen = undefined
    this.#active = new Memtable()
    this.#view = undefined
  }

  /** Puts a newer tree in place and lets go of the operations that it covers. */
  install(tree: Tree): void {
    const { covers } = tree.head
    this.#tree = tree
    this.#frozen = this.#frozen?.after(covers)
    this.#active = this.#active.after(covers) ?? new Memtable()
    this.#view = undefined
  }
}
