import type { KeyBounds } from './overlay.ts'

/** What is stored under one name: an object, or the entry of a key. */
export type Target = { readonly n: number } | Uint8Array

/** Objects by number, `from` included (default 0), `to` not (default: all there are). One of them is given. */
export interface ObjectRange {
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** Bounds of keys, at least one. */
export type EntryRange = KeyBounds
