import { descriptorError } from './descriptor-errors.ts'
import { readShortUtf8, readUtf8 } from './utf8.ts'

const SHORT_TEXT_MAX = 16
const SAFE_VARINT_BYTES = 8

/** Upper half of the one NaN that is written. */
const NAN = 0x7ff80000

const floatBytes = new Uint8Array(8)
const float = new DataView(floatBytes.buffer)

/**
 * Reads the primitives of the payload format. Whatever the bytes are, it reads within them or throws
 * `DATA_DAMAGED`; what is not in the one form that a writer gives (a longer varint than needed, say) is
 * damage too, so that what is decoded encodes to the same bytes again.
 */
export class ByteReader {
  readonly bytes: Uint8Array
  /** Where the next byte is. */
  at = 0
  /** Where the bytes end that may be read now; a nested value narrows it. */
  end: number
  readonly #label: string

  /** `label` names what is read, for messages. */
  constructor(bytes: Uint8Array, label: string) {
    this.bytes = bytes
    this.end = bytes.length
    this.#label = label
  }

  /** The error that says why these bytes cannot be read here. */
  damaged(why: string, at = this.at): Error {
    return descriptorError(
      'DATA_DAMAGED',
      `the bytes are no ${this.#label}: ${why} (byte ${at}); fetch them again, or read them with the definition they were written with`,
      { details: { offset: at } },
    )
  }

  byte(): number {
    if (this.at >= this.end) throw this.damaged('they end too early')
    return this.bytes[this.at++] as number
  }

  /** A varint that is a safe integer. */
  uint(): number {
    const first = this.byte()
    if (first < 0x80) return first
    const value = (first & 0x7f) + this.#restOfUint() * 128
    if (value > Number.MAX_SAFE_INTEGER) throw this.damaged('an integer is too large')
    return value
  }

  /** A zigzag varint that is a safe integer. */
  int(): number {
    const first = this.byte()
    let size = (first & 0x7f) >> 1
    if (first >= 0x80) size += this.#restOfUint() * 64
    if (size > Number.MAX_SAFE_INTEGER) throw this.damaged('an integer is too large')
    if ((first & 1) === 0) return size
    if (size === Number.MAX_SAFE_INTEGER) throw this.damaged('an integer is too large')
    return -1 - size
  }

  /** A zigzag varint of at most `bytesMax` bytes. */
  bigint(bytesMax: number): bigint {
    const start = this.at
    let value = 0n
    let low = 0
    let lowBits = 0
    let bits = 0n
    for (;;) {
      const byte = this.byte()
      if (this.at - start > bytesMax) throw this.damaged('an integer is too large', start)
      low += (byte & 0x7f) * 2 ** lowBits
      lowBits += 7
      if (byte < 0x80 || lowBits === 49) {
        value |= BigInt(low) << bits
        bits += BigInt(lowBits)
        low = 0
        lowBits = 0
      }
      if (byte >= 0x80) continue
      if (byte === 0 && this.at - start > 1) throw this.damaged('an integer is padded', start)
      return (value & 1n) === 0n ? value >> 1n : -1n - (value >> 1n)
    }
  }

  /** A 64-bit float, little endian. */
  float(): number {
    const at = this.#take(8)
    for (let i = 0; i < 8; i++) floatBytes[i] = this.bytes[at + i] as number
    const value = float.getFloat64(0, true)
    if (
      Number.isNaN(value) &&
      (float.getUint32(0, true) !== 0 || float.getUint32(4, true) !== NAN)
    ) {
      throw this.damaged('a NaN has unusual bits', at)
    }
    return value
  }

  /** A text: length in bytes as a varint, then UTF-8. */
  text(): string {
    const length = this.uint()
    const at = this.#take(length)
    const text = length <= SHORT_TEXT_MAX ? readShortUtf8(this.bytes, at, this.at) : undefined
    return text ?? this.#longText(at)
  }

  /** A copy of the next `length` bytes. */
  raw(length: number): Uint8Array {
    const at = this.#take(length)
    const copy = new Uint8Array(length)
    copy.set(this.bytes.subarray(at, this.at))
    return copy
  }

  /** How many items follow; each takes at least a byte, so there are never more than bytes. */
  count(): number {
    const at = this.at
    const count = this.uint()
    if (count > this.end - this.at) throw this.damaged('they end too early', at)
    return count
  }

  /** Passes over the next `length` bytes. */
  skip(length: number): void {
    this.#take(length)
  }

  #take(length: number): number {
    const { at } = this
    if (length > this.end - at) throw this.damaged('they end too early')
    this.at = at + length
    return at
  }

  /** What follows a varint's first byte. */
  #restOfUint(): number {
    const start = this.at - 1
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.byte()
      if (this.at - start > SAFE_VARINT_BYTES) throw this.damaged('a varint is too long', start)
      value += (byte & 0x7f) * factor
      factor *= 128
      if (byte >= 0x80) continue
      if (byte === 0) throw this.damaged('a varint is padded', start)
      return value
    }
  }

  #longText(at: number): string {
    const text = readUtf8(this.bytes, at, this.at)
    if (text === undefined) throw this.damaged('a text is not UTF-8', at)
    return text
  }
}
