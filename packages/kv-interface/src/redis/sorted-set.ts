import type { SubEntry } from './bucket.ts'
import type { Call } from './call.ts'
import { elementsOf } from './databases.ts'
import { HASHED_AT, hashedPart, isLongPart, keyPart } from './key-part.ts'
import { Meta, ZSET } from './meta.ts'

/*
 * Elements of a sorted set, each twice:
 *
 *   key                                  value
 *   [0] hash of the member, its part     8 bytes, its score; then the member where it is long
 *   [1] 8 bytes, score in order; part    the member where it is long
 *
 * A score is a double, big-endian. In order: the sign bit flipped where it is positive, all bits where it is
 * negative. −0 is stored as 0.
 */
/** First byte of the entries of members. */
export const MEMBERS = 0
const SCORES = 1
const SCORE_END = 9
const EMPTY = new Uint8Array(0)

/** A member and its score. */
export interface Scored {
  readonly member: Uint8Array
  readonly score: number
}

/** The places of a range: half-open, in the order of the entries by score. */
export interface ScoreBounds {
  readonly gte?: Uint8Array | undefined
  readonly lt?: Uint8Array | undefined
}

const scratch = new DataView(new ArrayBuffer(8))

function putScore(bytes: Uint8Array, at: number, score: number): void {
  scratch.setFloat64(0, score === 0 ? 0 : score)
  const flips = (scratch.getUint8(0) & 0x80) !== 0
  for (let i = 0; i < 8; i++) bytes[at + i] = scratch.getUint8(i) ^ (flips ? 0xff : 0)
  if (!flips) bytes[at] = (bytes[at] as number) ^ 0x80
}

function getScore(bytes: Uint8Array, at: number): number {
  const isNegative = ((bytes[at] as number) & 0x80) === 0
  for (let i = 0; i < 8; i++)
    scratch.setUint8(i, (bytes[at + i] as number) ^ (isNegative ? 0xff : 0))
  if (!isNegative) scratch.setUint8(0, scratch.getUint8(0) ^ 0x80)
  return scratch.getFloat64(0)
}

/** The member of an entry by member. */
export function memberOfZset([sub, value]: SubEntry): Scored {
  const part = sub.subarray(1 + HASHED_AT)
  const score = new DataView(value.buffer, value.byteOffset).getFloat64(0)
  return { member: isLongPart(part) ? value.subarray(8) : part, score }
}

/** The member of an entry by score. */
function scoredOf([sub, value]: SubEntry): Scored {
  const part = sub.subarray(SCORE_END)
  return { member: isLongPart(part) ? value : part, score: getScore(sub, 1) }
}

function scoreSub(score: number, part: Uint8Array): Uint8Array {
  const sub = new Uint8Array(SCORE_END + part.length)
  sub[0] = SCORES
  putScore(sub, 1, score)
  sub.set(part, SCORE_END)
  return sub
}

/** The first place of a score, and (`after`) the first behind it. */
export function scorePlace(score: number, after = false): Uint8Array {
  const sub = scoreSub(score, EMPTY)
  if (!after) return sub
  // The next possible score, as bytes: no score is all ones.
  let i = SCORE_END - 1
  while (sub[i] === 0xff) sub[i--] = 0
  sub[i] = (sub[i] as number) + 1
  return sub
}

/** The place of a member among those of a score, and (`after`) the first behind it. */
export function memberPlace(score: number, member: Uint8Array, after = false): Uint8Array {
  const sub = scoreSub(score, keyPart(member))
  if (!after) return sub
  const next = new Uint8Array(sub.length + 1)
  next.set(sub)
  return next
}

/** A sorted set while a command works on it. {@link save} puts its size in place. */
export class SortedSet {
  readonly #call: Call
  readonly #key: Uint8Array
  #meta: Meta

  constructor(call: Call, key: Uint8Array, meta: Meta) {
    this.#call = call
    this.#key = key
    this.#meta = meta
  }

  static find(call: Call, key: Uint8Array): SortedSet | undefined {
    const meta = call.findOf(key, ZSET)
    return meta === undefined ? undefined : new SortedSet(call, key, meta)
  }

  static fresh(call: Call, key: Uint8Array): SortedSet {
    return new SortedSet(call, key, Meta.collection(ZSET, call.newId()))
  }

  get size(): number {
    return this.#meta.count
  }

  get meta(): Meta {
    return this.#meta
  }

  score(member: Uint8Array): number | undefined {
    if (this.size === 0) return undefined
    const value = this.#call.space.get(this.#bucket, hashedPart(member, MEMBERS))
    if (value === undefined) return undefined
    return new DataView(value.buffer, value.byteOffset).getFloat64(0)
  }

  /** Gives a member a score; `before`: the one that it has. */
  set(member: Uint8Array, score: number, before: number | undefined): void {
    const { space } = this.#call
    const part = keyPart(member)
    const long = isLongPart(part) ? member : EMPTY
    const value = new Uint8Array(8 + long.length)
    const kept = score === 0 ? 0 : score
    new DataView(value.buffer).setFloat64(0, kept)
    value.set(long, 8)
    if (before !== undefined) space.del(this.#bucket, scoreSub(before, part))
    space.put(this.#bucket, hashedPart(member, MEMBERS), value)
    space.put(this.#bucket, scoreSub(kept, part), long)
    if (before === undefined) this.#meta = this.#meta.sized(this.size + 1)
  }

  remove({ member, score }: Scored): void {
    const { space } = this.#call
    space.del(this.#bucket, hashedPart(member, MEMBERS))
    space.del(this.#bucket, scoreSub(score, keyPart(member)))
    this.#meta = this.#meta.sized(this.size - 1)
  }

  /** Members in the order of their scores, or (`reverse`) against it. */
  range(bounds: ScoreBounds = {}, { reverse = false, limit = Infinity } = {}): Scored[] {
    const gte = bounds.gte ?? new Uint8Array([SCORES])
    const lt = bounds.lt ?? new Uint8Array([SCORES + 1])
    if (Buffer.compare(gte, lt) >= 0) return []
    return this.#call.space.range(this.#bucket, { gte, lt, reverse, limit }).map(scoredOf)
  }

  /** Members from one rank to before another, from the end that is nearer. */
  slice(from: number, to: number, reverse = false): Scored[] {
    if (from >= to) return []
    const { size } = this
    if (to <= size - from) return this.range({}, { reverse, limit: to }).slice(from)
    const behind = this.range({}, { reverse: !reverse, limit: size - from })
    return behind.slice(size - to).reverse()
  }

  /** How many members come before one. */
  rank({ member, score }: Scored): number {
    return this.range({ lt: memberPlace(score, member) }).length
  }

  save(): void {
    this.#call.resize(this.#key, this.#meta)
  }

  get #bucket() {
    return elementsOf(this.#meta.id)
  }
}
