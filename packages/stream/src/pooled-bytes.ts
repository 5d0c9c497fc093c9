// Up to this size V8 keeps an array's bytes on its heap; larger ones cost an allocation outside it each,
// several times what writing them does. So those share one, as Node's small Buffers do.
const HEAP_BYTES_MAX = 64
const POOLED_BYTES_MAX = 4096
const POOL_BYTES = 16 * 1024

let pool = new ArrayBuffer(POOL_BYTES)
let poolEnd = 0

/** `length` zero bytes. Their `buffer` may hold other bytes too. */
export function pooledBytes(length: number): Uint8Array {
  if (length <= HEAP_BYTES_MAX || length > POOLED_BYTES_MAX) return new Uint8Array(length)
  if (poolEnd + length > POOL_BYTES) {
    pool = new ArrayBuffer(POOL_BYTES)
    poolEnd = 0
  }
  const bytes = new Uint8Array(pool, poolEnd, length)
  poolEnd += length
  return bytes
}

/** A copy of `bytes`, a plain Uint8Array whatever kind they are. */
export function pooledCopy(bytes: Uint8Array): Uint8Array {
  const copy = pooledBytes(bytes.length)
  copy.set(bytes)
  return copy
}
