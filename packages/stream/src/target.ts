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

/** Whether something is on this machine; `evicted`: it is not, and may be fetched. */
export type KeptState = 'stored' | 'evicted' | 'forgotten'

/** How one object or entry stands. */
export interface TargetStatus {
  readonly state: KeptState
  /** Bytes of its body or value, also when it was forgotten. */
  readonly size: number
  /** How many of the connected peers still have blocks that its bytes lie, or lay, in. */
  readonly holders: number
}
