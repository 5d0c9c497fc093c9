// Up to this size V8 keeps an array's bytes on its heap, and a copy is cheapest as it is.
const HEAP_BYTES_MAX = 64
// Larger ones cost an allocation outside the heap each, so they share one, as Node's small Buffers do.
const POOLED_BYTES_MAX = 4096
const POOL_BYTES = 16 * 1024

let pool = new ArrayBuffer(POOL_BYTES)
let poolEnd = 0

/**
 * A copy of `bytes[start, end)` that belongs to the caller.
 *
 * Its `buffer` may hold other copies too. `bytes` is a plain Uint8Array, as all of the index's own are.
 */
export function copyWindow(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start
  if (length <= HEAP_BYTES_MAX || length > POOLED_BYTES_MAX) return bytes.slice(start, end)
  if (poolEnd + length > POOL_BYTES) {
    pool = new ArrayBuffer(POOL_BYTES)
    poolEnd = 0
  }
  const copy = new Uint8Array(pool, poolEnd, length)
  poolEnd += length
  copy.set(bytes.subarray(start, end))
  return copy
}

/** A copy of a caller's bytes, whatever kind of Uint8Array (a Buffer, say) they are. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

/** The same bytes as a plain Uint8Array, without a copy. */
export function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
