import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'

const read = promisify(fs.read)

/*
 * RocksDB's log format, which its write-ahead logs and its MANIFEST share
 * (https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format): blocks of 32 KiB; in them
 * fragments of a header (4 bytes CRC, 2 bytes length, little endian, 1 byte type) and data. Fewer than 7
 * bytes at a block's end are padding.
 */
const BLOCK_BYTES = 32 * 1024
const HEADER_BYTES = 7
// Types of records in recycled log files. The engine never recycles with our settings, so such a type is a
// damaged byte; and RocksDB 10.5.1, which compares a recycled record's log number before its checksum, reads
// the same record over and over, on a thread that nothing can stop (facebook/rocksdb#13333).
const RECYCLED_TYPES = new Set([5, 6, 7, 8, 11, 131])

/** Which of the engine's files in `folder` are logs that it would never finish reading; empty when all is well. */
export async function endlessLogs(folder: string, names: readonly string[]): Promise<string[]> {
  const logs = names.filter((name) => /^MANIFEST-\d+$|\.log$/.test(name))
  const checked = await Promise.all(logs.map((name) => hasRecycledRecord(path.join(folder, name))))
  return logs.filter((_, i) => checked[i])
}

async function hasRecycledRecord(file: string): Promise<boolean> {
  // Nearly always one short block is all there is, and reading it at once takes a tenth of the time that three turns
  // of the thread pool take; every opening waits for this.
  const fd = fs.openSync(file, 'r')
  const block = Buffer.alloc(BLOCK_BYTES)
  try {
    let bytesRead = fs.readSync(fd, block, 0, BLOCK_BYTES, 0)
    for (let position = BLOCK_BYTES; ; position += BLOCK_BYTES) {
      let offset = 0
      while (offset + HEADER_BYTES <= bytesRead) {
        const type = block[offset + 6] as number
        if (RECYCLED_TYPES.has(type)) return true
        const length = block.readUInt16LE(offset + 4)
        // Zeros up to the end of the block: space that was reserved and never written.
        if (type === 0 && length === 0) break
        offset += HEADER_BYTES + length
      }
      if (bytesRead < BLOCK_BYTES) return false
      bytesRead = (await read(fd, block, 0, BLOCK_BYTES, position)).bytesRead
    }
  } finally {
    fs.closeSync(fd)
  }
}
