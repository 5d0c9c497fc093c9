import { nameOf } from '../key-part.ts'

/** An argument as an upper-case word. */
export function wordOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : nameOf(bytes).toUpperCase()
}
