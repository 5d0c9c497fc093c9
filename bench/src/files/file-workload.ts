import { once } from 'node:events'
import { Random } from '@datagram/fault-harness'
import type { OpenDrive } from './drive.ts'

/** Bytes of the pieces that a stream is given, as Node's own read streams give them. */
const PIECE_BYTES = 64 * 1024
const SMALL_BYTES = 1024
// Contents are pieces of it that hardly compress; more than a compressor looks back.
const POOL_BYTES = 4 * 1024 * 1024 + 1
const FOLDERS = 20
export const LARGE = '/large'

const pool = new Random(7).bytes(POOL_BYTES)

/** The bytes of the large file from `start` on. */
export function largePart(start: number, length: number): Uint8Array {
  const part = new Uint8Array(length)
  for (let filled = 0; filled < length; ) {
    const from = (start + filled) % POOL_BYTES
    const piece = pool.subarray(from, from + length - filled)
    part.set(piece, filled)
    filled += piece.byteLength
  }
  return part
}

/** The large file in pieces, each made beforehand: making them is nobody's work. */
export function largePieces(bytes: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes; at += PIECE_BYTES) {
    const from = at % POOL_BYTES
    const length = Math.min(PIECE_BYTES, bytes - at)
    const isWhole = from + length <= POOL_BYTES
    pieces.push(isWhole ? pool.subarray(from, from + length) : largePart(at, length))
  }
  return pieces
}

/** Writes a file as a stream; resolves when it is acknowledged and closed. */
export async function writeLarge(
  drive: Pick<OpenDrive, 'writeStream'>,
  pieces: readonly Uint8Array[],
): Promise<void> {
  const stream = drive.writeStream(LARGE)
  const closed = once(stream, 'close')
  for (const piece of pieces) if (!stream.write(piece)) await once(stream, 'drain')
  stream.end()
  await closed
}

/** The path of small file number `index`. */
export function smallPath(index: number): string {
  return `${folderOf(index)}/file-${String(index).padStart(6, '0')}`
}

export function smallBytes(index: number): Uint8Array {
  const from = (Math.imul(index + 1, 0x9e3779b1) >>> 0) % (POOL_BYTES - SMALL_BYTES)
  return pool.subarray(from, from + SMALL_BYTES)
}

/** The folders of the small files. */
export async function makeFolders(drive: Pick<OpenDrive, 'makeFolder'>): Promise<void> {
  for (let i = 0; i < FOLDERS; i++) await drive.makeFolder(folderOf(i))
}

/** Writes small files from the first on, `inFlight` at a time. */
export async function writeSmall(
  drive: Pick<OpenDrive, 'write'>,
  count: number,
  inFlight = 1,
): Promise<void> {
  let next = 0
  const writer = async () => {
    for (let i = next++; i < count; i = next++) await drive.write(smallPath(i), smallBytes(i))
  }
  await Promise.all(Array.from({ length: inFlight }, writer))
}

/** Reads small files, one after another; throws unless each is what was written. */
export async function readSmall(
  drive: Pick<OpenDrive, 'read'>,
  indexes: Iterable<number>,
): Promise<void> {
  for (const i of indexes) expectBytes(smallPath(i), await drive.read(smallPath(i)), smallBytes(i))
}

/** Throws unless a file, or a part of one, is what was written. */
export function expectBytes(path: string, actual: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(actual, expected) === 0) return
  throw new Error(`${path} gave ${actual.byteLength} bytes that are not those that were written`)
}

function folderOf(index: number): string {
  return `/folder-${index % FOLDERS}`
}
