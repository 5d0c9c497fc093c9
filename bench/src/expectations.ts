import type { OpenMap, Scanned } from './contender.ts'
import { ENTRY_BYTES, keyOf, valueOf } from './workload.ts'

const SAMPLE = 100

/** Throws unless a value is the one that was written under the key. */
export function expectValue(key: string, actual: string | undefined, expected: string): void {
  if (actual === expected) return
  throw new Error(`${key} gave ${actual === undefined ? 'nothing' : actual}, expected ${expected}`)
}

/** Reads some of the entries with the numbers in `order` and compares them. */
export async function expectSample(map: OpenMap, order: Uint32Array, version = 0): Promise<void> {
  const step = Math.max(1, Math.floor(order.length / SAMPLE))
  for (let i = 0; i < order.length; i += step) {
    const index = order[i] as number
    expectValue(keyOf(index), await map.get(keyOf(index)), valueOf(index, version))
  }
}

/** Throws unless a scan has seen `entries` entries of the workload. */
export function expectScanned(scanned: Scanned, entries: number): void {
  const characters = entries * ENTRY_BYTES
  if (scanned.entries === entries && scanned.characters === characters) return
  throw new Error(
    `a scan gave ${scanned.entries} entries of ${scanned.characters} characters, expected ${entries} of ${characters}`,
  )
}
