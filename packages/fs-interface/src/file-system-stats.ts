const BLOCK_BYTES = 4096
// No one knows how much room the machines have that keep it; programs ask whether there is enough.
const BLOCKS = 2 ** 36
const FILES = 2 ** 40
const TYPE = 0x64_67_72_6d

/** What `statfs` says: there is always room; a full disk shows when it is written to, as `ENOSPC`. */
export function fileSystemStats(bigint: boolean): Record<string, number | bigint> {
  const stats = {
    type: TYPE,
    bsize: BLOCK_BYTES,
    blocks: BLOCKS,
    bfree: BLOCKS,
    bavail: BLOCKS,
    files: FILES,
    ffree: FILES,
  }
  if (!bigint) return stats
  return Object.fromEntries(Object.entries(stats).map(([name, value]) => [name, BigInt(value)]))
}
