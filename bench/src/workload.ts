import { Random } from '@datagram/fault-harness'

/** One key and its value. */
export type Entry = readonly [key: string, value: string]

const VALUE_CHARACTERS = 90
const POOL_BYTES = 1 << 20

// Values are pieces of one text that hardly compresses: a database that compresses gains nothing by it.
const pool = randomText(POOL_BYTES)

/** The key of number `index`: `user:000000042`. */
export function keyOf(index: number): string {
  return `user:${String(index).padStart(9, '0')}`
}

/** The value of number `index`, 90 characters; another one for each `version`. */
export function valueOf(index: number, version = 0): string {
  const start = Math.imul(index + 1, 0x9e3779b1) + Math.imul(version, 0x85ebca6b)
  const from = (start >>> 0) % (POOL_BYTES - VALUE_CHARACTERS)
  return pool.toString('latin1', from, from + VALUE_CHARACTERS)
}

export function entryOf(index: number, version = 0): Entry {
  return [keyOf(index), valueOf(index, version)]
}

/** Bytes of a key and its value together. */
export const ENTRY_BYTES = keyOf(0).length + VALUE_CHARACTERS

/** The numbers from 0 to `count` − 1 in a pseudo-random order, the same for each seed. */
export function shuffled(count: number, seed = 1): Uint32Array {
  const random = new Random(seed)
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = random.between(0, i + 1)
    const moved = order[i] as number
    order[i] = order[j] as number
    order[j] = moved
  }
  return order
}

/** `count` random numbers below `limit`, with repetitions. */
export function randomNumbers(count: number, limit: number, seed: number): Uint32Array {
  const random = new Random(seed)
  return Uint32Array.from({ length: count }, () => random.between(0, limit))
}

/** Pieces of `size` entries, in the given order; each is made when it is asked for. */
export function* batchesOf(
  order: Uint32Array,
  size: number,
  version = 0,
): Generator<Entry[], void, undefined> {
  for (let from = 0; from < order.length; from += size) {
    yield Array.from(order.subarray(from, from + size), (index) => entryOf(index, version))
  }
}

function randomText(bytes: number): Buffer {
  const random = new Random(7)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .'
  return Buffer.from(
    Uint8Array.from({ length: bytes }, () => alphabet.charCodeAt(random.next32() >>> 26)),
  )
}
