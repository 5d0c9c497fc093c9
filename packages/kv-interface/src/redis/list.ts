import type { Call } from './call.ts'
import { putUint48 } from './key-part.ts'
import { LIST, Meta } from './meta.ts'

// Where the first element of a list lies: as much room on both sides.
const MIDDLE = 2 ** 47

/** Sides of a list. */
export type Side = 'left' | 'right'

/*
 * Elements of a list: key, its position: 6 bytes, unsigned, big-endian. The positions of a list are without
 * a gap, from the one in the entry of its key on.
 */

/** A list while a command works on it. {@link save} puts its size in place. */
export class List {
  readonly #call: Call
  readonly #key: Uint8Array
  #meta: Meta

  constructor(call: Call, key: Uint8Array, meta: Meta) {
    this.#call = call
    this.#key = key
    this.#meta = meta
  }

  static find(call: Call, key: Uint8Array): List | undefined {
    const meta = call.findOf(key, LIST)
    return meta === undefined ? undefined : new List(call, key, meta)
  }

  /** The list of a key; an empty one when there is none. */
  static ready(call: Call, key: Uint8Array): List {
    return List.find(call, key) ?? List.fresh(call, key)
  }

  static fresh(call: Call, key: Uint8Array): List {
    return new List(call, key, Meta.collection(LIST, call.newId(), 0, MIDDLE))
  }

  get length(): number {
    return this.#meta.count
  }

  at(index: number): Uint8Array | undefined {
    if (index < 0 || index >= this.length) return undefined
    return this.#call.space.get(this.#call.elements(this.#meta), this.#sub(index))
  }

  set(index: number, value: Uint8Array): void {
    this.#call.space.put(this.#call.elements(this.#meta), this.#sub(index), value)
  }

  /** Elements from `start` to before `end`. */
  slice(start = 0, end = this.length): Uint8Array[] {
    if (start >= end) return []
    const bounds = { gte: this.#sub(start), lt: this.#sub(end) }
    return this.#call.space.range(this.#call.elements(this.#meta), bounds).map(([, value]) => value)
  }

  push(side: Side, value: Uint8Array): void {
    const { count, extra } = this.#meta
    this.#meta = this.#meta.sized(count + 1, side === 'left' ? extra - 1 : extra)
    this.set(side === 'left' ? 0 : count, value)
  }

  pop(side: Side): Uint8Array | undefined {
    const index = side === 'left' ? 0 : this.length - 1
    const value = this.at(index)
    if (value === undefined) return undefined
    this.drop(side, 1)
    return value
  }

  /** Takes so many elements away from a side. */
  drop(side: Side, count: number): void {
    const bucket = this.#call.elements(this.#meta)
    const first = side === 'left' ? 0 : this.length - count
    for (let i = 0; i < count; i++) this.#call.space.del(bucket, this.#sub(first + i))
    const head = this.#meta.extra + (side === 'left' ? count : 0)
    this.#meta = this.#meta.sized(this.length - count, head)
  }

  /** Puts other elements in the place of all; those of the same place are not written. */
  replaceFrom(index: number, values: readonly Uint8Array[], before: readonly Uint8Array[]): void {
    values.forEach((value, i) => {
      if (before[i] !== value) this.set(index + i, value)
    })
    const surplus = this.length - index - values.length
    if (surplus > 0) this.drop('right', surplus)
    else this.#meta = this.#meta.sized(this.length - surplus)
  }

  insert(index: number, value: Uint8Array): void {
    const isLeft = index < this.length / 2
    const moved = isLeft ? this.slice(0, index) : this.slice(index)
    this.push(isLeft ? 'left' : 'right', value)
    if (isLeft) [...moved, value].forEach((item, i) => this.set(i, item))
    else [value, ...moved].forEach((item, i) => this.set(index + i, item))
  }

  /** Puts the size in place; the key of an empty list goes. */
  save(): void {
    this.#call.resize(this.#key, this.#meta)
  }

  /** The key's entry, as it is to be. */
  get meta(): Meta {
    return this.#meta
  }

  #sub(index: number): Uint8Array {
    const sub = new Uint8Array(6)
    putUint48(sub, 0, this.#meta.extra + index)
    return sub
  }
}
