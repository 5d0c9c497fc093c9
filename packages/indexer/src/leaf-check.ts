import { blockDamaged } from './index-errors.ts'
import { compareWindows } from './key-order.ts'
import { LeafEntry, readBytes } from './leaf-entry.ts'
import { LEAF_HEADER_BYTES, META_RESERVED, RESTART_INTERVAL } from './leaf-format.ts'
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from './limits.ts'

const STAMP_MS_MAX = 2 ** 48 - 1

/**
 * Walks every entry of a leaf's bytes and throws `INDEX_BLOCK_DAMAGED` unless all that
 * `leaf-format.ts` promises holds. `restartsAt` is the offset of the restarts.
 */
export function checkLeaf(bytes: Uint8Array, count: number, restartsAt: number): void {
  const key = new Uint8Array(KEY_BYTES_MAX)
  const entry = new LeafEntry()
  const baseMs = readBytes(bytes, 3, 6)
  let keyLength = 0
  let at = LEAF_HEADER_BYTES
  for (let i = 0; i < count; i++) {
    const isRestart = i % RESTART_INTERVAL === 0
    if (isRestart && at !== readBytes(bytes, restartsAt + (i / RESTART_INTERVAL) * 2, 2)) {
      throw leafDamaged('its restarts do not point at its entries')
    }
    entry.read(bytes, at)
    checkBounds(entry, keyLength, restartsAt)
    checkStamp(entry.ms(bytes, baseMs))
    const ascends = isRestart
      ? entry.shared === 0 &&
        (i === 0 || compareWindows(key, 0, keyLength, bytes, entry.suffixAt, entry.valueAt) < 0)
      : entry.suffixBytes > 0 &&
        (entry.shared === keyLength ||
          (bytes[entry.suffixAt] as number) > (key[entry.shared] as number))
    if (!ascends) throw leafDamaged('its keys do not ascend')
    for (let j = 0; j < entry.suffixBytes; j++) {
      key[entry.shared + j] = bytes[entry.suffixAt + j] as number
    }
    keyLength = entry.shared + entry.suffixBytes
    at = entry.end
  }
  if (at !== restartsAt) throw leafDamaged('something lies between its entries and its restarts')
}

/** The error of a leaf that does not hold what its format promises. */
export function leafDamaged(why: string): Error {
  return blockDamaged('leaf', why)
}

function checkBounds(entry: LeafEntry, lastKeyLength: number, restartsAt: number): void {
  if ((entry.meta & META_RESERVED) !== 0 || entry.distanceBytes > 6 || entry.counterBytes > 2) {
    throw leafDamaged('an entry has flags that are not in use')
  }
  // Written so that a length that could not be read (NaN, infinity) fails too.
  const fits =
    entry.shared <= lastKeyLength &&
    entry.shared + entry.suffixBytes <= KEY_BYTES_MAX &&
    entry.valueBytes <= VALUE_BYTES_MAX &&
    entry.end <= restartsAt
  if (!fits) throw leafDamaged('an entry does not fit')
}

function checkStamp(ms: number): void {
  if (ms < 0 || ms > STAMP_MS_MAX) throw leafDamaged('a stamp is out of range')
}
