import { type Definition, definitionConflict } from '@datagram/descriptors'
import b4a from 'b4a'
import { definitionBytes } from './descriptor-record.ts'
import { hasIndexedFields } from './field-index.ts'
import type { StreamDescriptor } from './stream-descriptor.ts'
import type { StreamType } from './stream-type.ts'
import { assertWithinBudget } from './type-budget.ts'

/** How far the numbers of a stream's objects and descriptors had been given out. */
export interface NumberingMark {
  readonly objects: number
  readonly descriptors: number
}

interface Numbered {
  readonly name: string
  /** Undefined for one that cannot be read here, so that nothing can contradict it. */
  readonly definition: Definition | undefined
  /** Bytes of the definition. */
  readonly bytes: number
  readonly isIndexed: boolean
}

type KnownType = Pick<StreamType, 'id' | 'descriptor' | 'definition'>

/**
 * Gives out the numbers of objects and descriptors. Numbers are given out while transactions run, before
 * they are committed, and taken back when they are not.
 */
export class Numbering {
  #objects = 0
  readonly #numbered: Numbered[] = []
  readonly #numbers = new Map<string, number>()

  /** `types`: those that the stream has, by number from 1. */
  constructor(objects: number, types: readonly KnownType[]) {
    this.#objects = objects
    for (const { id, descriptor, definition } of types) {
      const known = descriptor?.definition
      const isIndexed = known !== undefined && hasIndexedFields(known)
      const { byteLength: bytes } = definition
      this.#register({ name: nameOf(id), definition: known, bytes, isIndexed })
    }
  }

  mark(): NumberingMark {
    return { objects: this.#objects, descriptors: this.#numbered.length }
  }

  /** Takes back every number that was given out after `mark`. */
  restore({ objects, descriptors }: NumberingMark): void {
    this.#objects = objects
    for (const { name } of this.#numbered.splice(descriptors)) this.#numbers.delete(name)
  }

  /** Whether any type has an indexed field. */
  get hasIndexedFields(): boolean {
    return this.#numbered.some(({ isIndexed }) => isIndexed)
  }

  /** The next object's number. */
  nextObject(): number {
    return this.#objects++
  }

  /**
   * The number of a descriptor, and whether it was given out just now. Throws `DESCRIPTOR_CONFLICT` when
   * one of its name and version has another definition, and `TYPES_TOO_MANY`.
   */
  descriptor(descriptor: Omit<StreamDescriptor, 'encode' | 'decode'>): {
    readonly number: number
    readonly isNew: boolean
  } {
    const { definition } = descriptor
    const name = nameOf(descriptor.id)
    const known = this.#numbers.get(name)
    if (known !== undefined) return { number: known, isNew: false }
    for (const { definition: other } of this.#numbered) {
      const conflict = other && definitionConflict(other, definition)
      if (conflict !== undefined) throw conflict
    }
    const bytes = definitionBytes(descriptor).byteLength
    const total = this.#numbered.reduce((sum, one) => sum + one.bytes, bytes)
    assertWithinBudget(this.#numbered.length + 1, total)
    const isIndexed = hasIndexedFields(definition)
    return { number: this.#register({ name, definition, bytes, isIndexed }), isNew: true }
  }

  // Number 0 is plain bytes.
  #register(numbered: Numbered): number {
    this.#numbered.push(numbered)
    this.#numbers.set(numbered.name, this.#numbered.length)
    return this.#numbered.length
  }
}

function nameOf(id: Uint8Array): string {
  return b4a.toString(id, 'hex')
}
