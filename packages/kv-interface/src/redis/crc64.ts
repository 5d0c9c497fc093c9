// The polynomial that Redis takes (Jones), its bits in reverse.
const POLYNOMIAL = 0x95ac9329ac4bc9b5n

// One step for each byte: high and low 32 bits, as a bigint a byte would be slow.
const LOW = new Uint32Array(256)
const HIGH = new Uint32Array(256)
for (let byte = 0; byte < 256; byte++) {
  let crc = BigInt(byte)
  for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ POLYNOMIAL : crc >> 1n
  LOW[byte] = Number(crc & 0xffffffffn)
  HIGH[byte] = Number(crc >> 32n)
}

/** CRC-64 as Redis counts it: that of `123456789` is 0xe9c6d914c4b8d9ca. */
export function crc64(bytes: Uint8Array): bigint {
  let low = 0
  let high = 0
  for (let i = 0; i < bytes.length; i++) {
    const at = (low ^ (bytes[i] as number)) & 0xff
    low = ((low >>> 8) | (high << 24)) ^ (LOW[at] as number)
    high = (high >>> 8) ^ (HIGH[at] as number)
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}
