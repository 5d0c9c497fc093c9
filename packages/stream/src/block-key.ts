/*
 * Keys of key space 0 that name a block of the data log: the key space, what it is, the block in 6 bytes, big
 * endian.
 */
const KEY_BYTES = 8

/** The index key of a record of kind `record` of a block. */
export function blockKey(record: number, block: number): Uint8Array {
  const key = new Uint8Array(KEY_BYTES)
  const view = new DataView(key.buffer)
  key[1] = record
  view.setUint16(2, Math.floor(block / 0x1_0000_0000))
  view.setUint32(4, block >>> 0)
  return key
}

/** The block that such a key names; undefined for other keys. */
export function blockOfKey(key: Uint8Array): number | undefined {
  if (key.byteLength !== KEY_BYTES) return undefined
  const view = new DataView(key.buffer, key.byteOffset, KEY_BYTES)
  return view.getUint16(2) * 0x1_0000_0000 + view.getUint32(4)
}
