/*
 * A write-ahead log of RocksDB, as far as a test must know it
 * (https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format):
 *
 *   file    := blocks of 32,768 bytes, the last one shorter
 *   block   := fragments; fewer than 7 bytes left over are zeros
 *   fragment
 *     0  4  CRC-32C of type and data, masked
 *     4  2  length of the data, little endian
 *     6  1  type: 1 whole record, 2 first, 3 middle, 4 last part; 5–8 the same, "recyclable":
 *           four bytes more follow, the number of the log, little endian
 *     …     data
 *   a whole record is a write batch: 8 bytes sequence number, 4 bytes count, little endian, entries
 */
const BLOCK_BYTES = 32_768
const HEADER_BYTES = 7
const RECYCLABLE_HEADER_BYTES = 11
const BATCH_HEADER_BYTES = 12

/** One write batch of the engine in its write-ahead log. */
export interface WalRecord {
  /** Where it begins in the file, header included. */
  readonly start: number
  /** One past its last byte. */
  readonly end: number
  /** Sequence number of the first of its entries; -1 in a record too short to have one. */
  readonly sequence: number
  /** How many entries (puts, deletes) it has. */
  readonly count: number
}

/**
 * The whole records of a write-ahead log, in order. Ends silently at the first fragment that is cut
 * short or of an unknown type, and does not check checksums: it says where to cut, not what is valid.
 */
export function walRecords(log: Uint8Array): WalRecord[] {
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength)
  const records: WalRecord[] = []
  let offset = 0
  let head: { start: number; parts: Uint8Array[] } | undefined
  for (;;) {
    const left = BLOCK_BYTES - (offset % BLOCK_BYTES)
    if (left < HEADER_BYTES) offset += left
    if (offset + HEADER_BYTES > log.byteLength) return records
    const length = view.getUint16(offset + 4, true)
    const type = view.getUint8(offset + 6)
    const part = type > 4 ? type - 4 : type
    const data = offset + (type > 4 ? RECYCLABLE_HEADER_BYTES : HEADER_BYTES)
    const end = data + length
    if (part < 1 || part > 4 || end > log.byteLength) return records
    if (part === 1 || part === 2) head = { start: offset, parts: [] }
    head?.parts.push(log.subarray(data, end))
    if ((part === 1 || part === 4) && head !== undefined) {
      records.push({ start: head.start, end, ...batchHeader(head.parts) })
      head = undefined
    }
    offset = end
  }
}

function batchHeader(parts: readonly Uint8Array[]): { sequence: number; count: number } {
  // The header itself may lie across two blocks.
  const batch = Buffer.concat(parts)
  if (batch.byteLength < BATCH_HEADER_BYTES) return { sequence: -1, count: 0 }
  return { sequence: Number(batch.readBigUInt64LE(0)), count: batch.readUInt32LE(8) }
}
