import type { Index, IndexOperation } from '../src/index.ts'
import { text } from './bytes.ts'

export const put = (key: string, value: string): IndexOperation => ({
  type: 'put',
  key: text(key),
  value: text(value),
})
export const del = (key: string): IndexOperation => ({ type: 'del', key: text(key) })

/** The keys and values of the workload in TARGETS: 14 and 90 bytes, in a fixed, scattered order. */
export function workload(count: number, pass = 0): IndexOperation[] {
  return Array.from({ length: count }, (_, i) => {
    const number = (i * 7919 + pass * 104_729) % count
    const value = new Uint8Array(90)
    for (let j = 0; j < 90; j++) value[j] = (number * 31 + j * 17 + pass) & 0xff
    return { type: 'put', key: text(`user:${String(number).padStart(9, '0')}`), value }
  })
}

/** Applies operations as a stream does: a frame for each thousand, as fast as the index takes them. */
export async function load(index: Index, operations: readonly IndexOperation[]): Promise<void> {
  let position = Math.max(index.covers, positions.get(index) ?? 0)
  for (let i = 0; i < operations.length; i += 1000) {
    await index.ready()
    position += 1
    index.apply(operations.slice(i, i + 1000), { position, stamp: { ms: Date.now(), counter: 0 } })
    // What an append to the data log would do.
    await new Promise(setImmediate)
  }
  positions.set(index, position)
}

const positions = new WeakMap<Index, number>()

/** Waits until a condition holds, which the background brings about. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; ) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`it took too long until ${what}`)
}
