import b4a from 'b4a'
import { writeUtf8 } from './utf8.ts'

const CHUNK_BYTES = 4000
const SHORT_TEXT_MAX = 24
const MEASURED_TEXT_MIN = 1024

const floatBytes = new Uint8Array(8)
const float = new DataView(floatBytes.buffer)

/**
 * Writes the primitives of the payload format, one payload behind another, into a buffer that it replaces
 * when it is full.
 *
 * It walks a value once and copies nothing, where compact-encoding's functions walk it twice: measuring a
 * text costs as much as writing it, and a payload is to be no dearer than `JSON.stringify`. The buffers are
 * from the platform's pool, as small ones made by `b4a.allocUnsafe` always are.
 */
export class ByteWriter {
  #bytes: Uint8Array = b4a.allocUnsafe(CHUNK_BYTES)
  /** Where the next byte goes, and where its payload began. */
  #at = 0
  #start = 0

  /** How long the payload is so far: a place in it that stays when the buffer is replaced. */
  get length(): number {
    return this.#at - this.#start
  }

  /** The payload that was written; the next one begins. */
  finish(): Uint8Array {
    const { buffer, byteOffset } = this.#bytes
    const payload = new Uint8Array(buffer, byteOffset + this.#start, this.#at - this.#start)
    this.#start = this.#at
    if (this.#bytes.length <= CHUNK_BYTES) return payload
    // A buffer that grew for a large payload, with room to spare: only what is used is kept.
    this.#bytes = b4a.allocUnsafe(CHUNK_BYTES)
    this.#at = 0
    this.#start = 0
    return payload.slice()
  }

  /** Gives up what was written since {@link finish}. */
  cancel(): void {
    this.#at = this.#start
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#at++] = value
  }

  /** Writes `count` zero bytes and returns their place. */
  zeros(count: number): number {
    this.#reserve(count)
    const place = this.length
    for (let i = 0; i < count; i++) this.#bytes[this.#at++] = 0
    return place
  }

  /** Sets a bit of the bytes at `place`, the lowest of the first byte being 0. */
  setBit(place: number, bit: number): void {
    const at = this.#start + place + (bit >> 3)
    this.#bytes[at] = (this.#bytes[at] as number) | (1 << (bit & 7))
  }

  /** A varint: seven bits a byte, the lowest first, the high bit set where more follow. */
  uint(value: number): void {
    this.#reserve(8)
    this.#at = putUint(this.#bytes, this.#at, value)
  }

  /** A zigzag varint: 0, −1, 1, −2, … as 0, 1, 2, 3, …, all of the safe integers exactly. */
  int(value: number): void {
    this.#reserve(8)
    const sign = value < 0 ? 1 : 0
    const size = sign === 1 ? -1 - value : value
    if (size < 64) {
      this.#bytes[this.#at++] = (size << 1) | sign
      return
    }
    // Doubling could leave the safe integers, so the first seven bits are taken apart by hand.
    const low = size % 64
    this.#bytes[this.#at++] = 0x80 | (low << 1) | sign
    this.#at = putUint(this.#bytes, this.#at, (size - low) / 64)
  }

  /** A zigzag varint of any size; the same bytes as {@link int} where both can. */
  bigint(value: bigint): void {
    let rest = value < 0n ? ((-1n - value) << 1n) | 1n : value << 1n
    while (rest > 0x7fn) {
      this.byte(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    this.byte(Number(rest))
  }

  /** A 64-bit float, little endian; every NaN is written as the same one. */
  float(value: number): void {
    this.#reserve(8)
    float.setFloat64(0, value, true)
    if (Number.isNaN(value)) float.setUint32(4, 0x7ff80000, true)
    if (Number.isNaN(value)) float.setUint32(0, 0, true)
    for (let i = 0; i < 8; i++) this.#bytes[this.#at + i] = floatBytes[i] as number
    this.#at += 8
  }

  /** A well-formed text: length in bytes as a varint, then UTF-8. */
  text(value: string): void {
    const { length } = value
    if (length > SHORT_TEXT_MAX) return this.#longText(value)
    this.#reserve(length * 3 + 1)
    const bytes = this.#bytes
    const at = this.#at
    let end = at + 1
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i)
      if (unit < 0x80) bytes[end++] = unit
      else if (unit < 0x800) {
        bytes[end++] = 0xc0 | (unit >> 6)
        bytes[end++] = 0x80 | (unit & 0x3f)
      } else if (unit >= 0xd800 && unit < 0xe000) return this.#longText(value)
      else {
        bytes[end++] = 0xe0 | (unit >> 12)
        bytes[end++] = 0x80 | ((unit >> 6) & 0x3f)
        bytes[end++] = 0x80 | (unit & 0x3f)
      }
    }
    bytes[at] = end - at - 1
    this.#at = end
  }

  /** Bytes as they are, without their length. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#bytes.set(value, this.#at)
    this.#at += value.length
  }

  /** Puts the length of what was written since `place` in front of it, as a varint. */
  prefixLength(place: number): void {
    const length = this.length - place
    const width = widthOfUint(length)
    this.#reserve(width)
    const at = this.#start + place
    this.#bytes.copyWithin(at + width, at, this.#at)
    putUint(this.#bytes, at, length)
    this.#at += width
  }

  #longText(value: string): void {
    const long = value.length > MEASURED_TEXT_MIN
    const bound = long ? b4a.byteLength(value) : value.length * 3
    this.#reserve(bound + 5)
    const at = this.#at
    // The length in bytes is known once they are written; it is as wide as guessed unless most of the
    // text is not ASCII.
    const guess = widthOfUint(long ? bound : value.length)
    const length = writeUtf8(this.#bytes, value, at + guess)
    const width = widthOfUint(length)
    if (width !== guess) this.#bytes.copyWithin(at + width, at + guess, at + guess + length)
    putUint(this.#bytes, at, length)
    this.#at = at + width + length
  }

  #reserve(count: number): void {
    const needed = this.#at + count
    if (needed > this.#bytes.length) this.#grow(needed)
  }

  /** Goes on in another buffer, with what was written of this payload. */
  #grow(needed: number): void {
    const written = this.#at - this.#start
    const size = needed - this.#start
    const fits = size <= CHUNK_BYTES
    const grown = fits ? b4a.allocUnsafe(CHUNK_BYTES) : b4a.allocUnsafeSlow(size * 2)
    grown.set(this.#bytes.subarray(this.#start, this.#at))
    this.#bytes = grown
    this.#at = written
    this.#start = 0
  }
}

function putUint(bytes: Uint8Array, start: number, value: number): number {
  let at = start
  let rest = value
  while (rest > 0x7fff_ffff) {
    bytes[at++] = 0x80 | (rest % 128)
    rest = Math.floor(rest / 128)
  }
  while (rest > 0x7f) {
    bytes[at++] = 0x80 | (rest & 0x7f)
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

function widthOfUint(value: number): number {
  let width = 1
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) width++
  return width
}
