/// <reference path="./hypercore/declarations.d.ts" />
import fs from 'node:fs'
import b4a from 'b4a'
import sodium from 'sodium-native'
import { logError } from './log-errors.ts'
import { SharedWork } from './shared-work.ts'

/*
 * The marks file, version 1: how long each log was when it was last acknowledged or heard of, so that
 * a log that lost its tail is noticed before it is extended (it would sign a second history).
 *
 *   offset       size  field
 *   0            4     magic, ASCII "DGMK"
 *   4            1     format version, 1
 *   5            11    zero
 *   16 + 224·i   112   slot i, copy A
 *   128 + 224·i  112   slot i, copy B
 *
 * A copy:
 *   0   32  discovery key of the log
 *   32  8   length, little endian
 *   40  8   length up to which it was known to be on disk, little endian
 *   48  32  tree hash of the log at the first length
 *   80  8   sequence, little endian; the copy with the higher one counts
 *   88  1   flags; 0x1 a second history signed by the same key has been seen
 *   89  7   zero
 *   96  16  BLAKE2b-128 of the 96 bytes before it
 *
 * The two copies are written in turn, so that a write that was cut short costs only the newer one.
 */
const MAGIC = b4a.from('DGMK')
const VERSION = 1
const HEADER_BYTES = 16
const COPY_BYTES = 112
const SLOT_BYTES = 2 * COPY_BYTES
const SIGNED_BYTES = 96
const FLAG_FORKED = 0x1

/** What a log was when it was last acknowledged. */
export interface LengthMark {
  readonly length: number
  readonly treeHash: Uint8Array
  /** How much of it had reached the disk; the rest might have been lost with the power. */
  readonly syncedLength: number
  /** A second history of the log, signed by the same key, has been seen. */
  readonly isForked: boolean
}

interface Slot extends LengthMark {
  readonly number: number
  readonly sequence: number
}

/** The marks of a store. Writes are small, in place and synchronous (about 3 µs). */
export class LengthMarks {
  readonly #fd: number
  readonly #slots = new Map<string, Slot>()
  #slotCount = 0
  #dirty = false
  readonly #syncs = new SharedWork(() => this.#toDisk())
  #closed = false

  private constructor(fd: number) {
    this.#fd = fd
  }

  /** Opens the marks in `file`, or begins them when it is not there. Throws `STORE_DAMAGED`. */
  static open(file: string): LengthMarks {
    const fresh = !fs.existsSync(file)
    const fd = fs.openSync(file, fresh ? 'wx+' : 'r+', 0o600)
    try {
      const marks = new LengthMarks(fd)
      if (fresh) marks.#begin()
      else marks.#load()
      return marks
    } catch (error) {
      fs.closeSync(fd)
      throw error
    }
  }

  /** The mark of a log, or undefined when it has none. */
  get(discoveryKey: Uint8Array): LengthMark | undefined {
    return this.#slots.get(b4a.toString(discoveryKey, 'hex'))
  }

  /** Writes a log's mark. The operating system has it on return; {@link sync} makes it durable. Nothing after close. */
  set(discoveryKey: Uint8Array, mark: LengthMark): void {
    // The number of a closed file may be another's by now.
    if (this.#closed) return
    const name = b4a.toString(discoveryKey, 'hex')
    const last = this.#slots.get(name)
    const number = last?.number ?? this.#slotCount++
    const sequence = (last?.sequence ?? 0) + 1
    const copy = encodeCopy(discoveryKey, mark, sequence)
    const offset = HEADER_BYTES + number * SLOT_BYTES + (sequence % 2) * COPY_BYTES
    writeAll(this.#fd, copy, offset)
    this.#slots.set(name, { ...mark, treeHash: b4a.from(mark.treeHash), number, sequence })
    this.#dirty = true
  }

  /** The marks of logs that are longer than what is known to be on disk. */
  *unsynced(): Generator<readonly [discoveryKey: Uint8Array, mark: LengthMark]> {
    for (const [name, mark] of this.#slots) {
      if (mark.syncedLength < mark.length) yield [b4a.from(name, 'hex'), mark]
    }
  }

  /** Makes every mark written so far survive a loss of power. */
  async sync(): Promise<void> {
    if (this.#closed) return
    // Where nothing was written since, the sync that is under way is waited for: it has not ended yet.
    await (this.#dirty ? this.#syncs.run() : this.#syncs.underWay)
  }

  close(): void {
    this.#closed = true
    fs.closeSync(this.#fd)
  }

  async #toDisk(): Promise<void> {
    this.#dirty = false
    try {
      await new Promise<void>((resolve, reject) =>
        fs.fdatasync(this.#fd, (error) => (error ? reject(error) : resolve())),
      )
    } catch (error) {
      this.#dirty = true
      throw error
    }
  }

  #begin(): void {
    const header = b4a.alloc(HEADER_BYTES)
    header.set(MAGIC)
    header[4] = VERSION
    writeAll(this.#fd, header, 0)
    fs.fsyncSync(this.#fd)
  }

  #load(): void {
    const bytes = fs.readFileSync(this.#fd)
    if (bytes.byteLength < HEADER_BYTES || !b4a.equals(bytes.subarray(0, 4), MAGIC)) {
      throw damagedMarks()
    }
    if (bytes[4] !== VERSION) {
      throw logError('STORE_VERSION_UNKNOWN', `the marks have format version ${bytes[4]}`)
    }
    this.#slotCount = Math.ceil((bytes.byteLength - HEADER_BYTES) / SLOT_BYTES)
    for (let number = 0; number < this.#slotCount; number++) {
      const offset = HEADER_BYTES + number * SLOT_BYTES
      this.#loadCopy(number, bytes.subarray(offset, offset + COPY_BYTES))
      this.#loadCopy(number, bytes.subarray(offset + COPY_BYTES, offset + SLOT_BYTES))
    }
  }

  #loadCopy(number: number, copy: Uint8Array): void {
    if (copy.byteLength < COPY_BYTES) return
    if (!b4a.equals(copy.subarray(SIGNED_BYTES), checksum(copy.subarray(0, SIGNED_BYTES)))) return
    const view = new DataView(copy.buffer, copy.byteOffset, COPY_BYTES)
    const name = b4a.toString(copy.subarray(0, 32), 'hex')
    const sequence = Number(view.getBigUint64(80, true))
    if ((this.#slots.get(name)?.sequence ?? -1) > sequence) return
    const length = Number(view.getBigUint64(32, true))
    const syncedLength = Number(view.getBigUint64(40, true))
    const isForked = ((copy[88] as number) & FLAG_FORKED) !== 0
    const treeHash = copy.slice(48, 80)
    this.#slots.set(name, { number, sequence, length, syncedLength, isForked, treeHash })
  }
}

function encodeCopy(
  discoveryKey: Uint8Array,
  { length, syncedLength, treeHash, isForked }: LengthMark,
  sequence: number,
): Uint8Array {
  const copy = b4a.alloc(COPY_BYTES)
  const view = new DataView(copy.buffer, copy.byteOffset, COPY_BYTES)
  copy.set(discoveryKey)
  view.setBigUint64(32, BigInt(length), true)
  view.setBigUint64(40, BigInt(syncedLength), true)
  copy.set(treeHash, 48)
  view.setBigUint64(80, BigInt(sequence), true)
  copy[88] = isForked ? FLAG_FORKED : 0
  copy.set(checksum(copy.subarray(0, SIGNED_BYTES)), SIGNED_BYTES)
  return copy
}

function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  let written = 0
  while (written < bytes.byteLength) {
    written += fs.writeSync(fd, bytes, written, bytes.byteLength - written, position + written)
  }
}

function checksum(bytes: Uint8Array): Uint8Array {
  const out = b4a.alloc(16)
  sodium.crypto_generichash_batch(out, [bytes])
  return out
}

function damagedMarks(): Error {
  return logError(
    'STORE_DAMAGED',
    'the marks file is damaged; bring the store back from a peer, as its logs can no longer be trusted to be whole',
  )
}
