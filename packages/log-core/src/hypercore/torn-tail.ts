import fs from 'node:fs'
import path from 'node:path'
import { crc32c } from './crc32c.ts'

/*
 * After a loss of power some file systems leave a file at its length, with zeros where the last bytes did not
 * reach the disk. RocksDB takes a write-ahead log that ends like that for damaged and refuses the whole store,
 * though everything before its last record is there. A cut file it accepts. So the torn record is cut off.
 *
 * Its log format (https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format): blocks of 32 KiB of
 * fragments: CRC-32C of type and data, masked (4), length (2, little endian), type (1: 1 whole, 2 first,
 * 3 middle, 4 last), data.
 */
const BLOCK_BYTES = 32 * 1024
const HEADER_BYTES = 7
const TYPE_WHOLE = 1
const TYPE_FIRST = 2
const TYPE_MIDDLE = 3
const TYPE_LAST = 4

/** A write-ahead log whose last record is torn, and where that begins. */
export interface TornTail {
  readonly file: string
  readonly start: number
}

/**
 * The newest write-ahead log among the engine's files in `folder`, if its last record is torn: its checksum is wrong, and
 * it ends in zeros that go on to the end of the file.
 */
export async function findTornTail(
  folder: string,
  names: readonly string[],
): Promise<TornTail | undefined> {
  const logs = names.filter((name) => /^\d+\.log$/.test(name))
  const newest = logs.sort().at(-1)
  if (newest === undefined) return undefined
  const file = path.join(folder, newest)
  // Empty after a close: the engine has then taken everything into its tables.
  if (fs.statSync(file).size === 0) return undefined
  const start = tornRecord(await fs.promises.readFile(file))
  return start === undefined ? undefined : { file, start }
}

/** Cuts a torn record off. What of it had been acknowledged, the marks tell. */
export async function cutTornTail({ file, start }: TornTail): Promise<void> {
  const handle = await fs.promises.open(file, 'r+')
  try {
    await handle.truncate(start)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Where the torn last record of a write-ahead log begins; undefined when it is whole, or damaged otherwise. */
export function tornRecord(log: Uint8Array): number | undefined {
  let used = log.byteLength
  while (used > 0 && log[used - 1] === 0) used--
  if (used === log.byteLength) return undefined
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength)
  let record = 0
  let isOpen = false
  let offset = 0
  while (offset < used) {
    const left = BLOCK_BYTES - (offset % BLOCK_BYTES)
    if (left < HEADER_BYTES) {
      offset += left
      continue
    }
    if (!isOpen) record = offset
    if (offset + HEADER_BYTES > log.byteLength) return record
    const type = view.getUint8(offset + 6)
    const end = offset + HEADER_BYTES + view.getUint16(offset + 4, true)
    if (end > used || type === 0) {
      const isWhole = end <= log.byteLength && isSound(view, offset, end)
      return isWhole && (type === TYPE_WHOLE || type === TYPE_LAST) ? undefined : record
    }
    isOpen = type === TYPE_FIRST || type === TYPE_MIDDLE
    offset = end
  }
  return undefined
}

function isSound(view: DataView, offset: number, end: number): boolean {
  const masked = view.getUint32(offset, true)
  const bytes = new Uint8Array(view.buffer, view.byteOffset + offset + 6, end - offset - 6)
  const crc = crc32c(bytes)
  // RocksDB's mask: rotated right by 15 bits, plus a constant.
  return masked === (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0
}
