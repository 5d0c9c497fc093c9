import { EntryView } from '../src/entry-view.ts'

export const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const fromHex = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, 'hex'))

/** An entry as the vectors and the tests write it; an absent value is a tombstone. */
export interface PlainEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
  readonly ms: number
  readonly counter: number
}

export function viewOf({ key, value, ms, counter }: PlainEntry): EntryView {
  const view = new EntryView()
  view.keyBytes = key
  view.keyEnd = key.length
  view.valueBytes = value ?? view.valueBytes
  view.valueEnd = value?.length ?? 0
  view.tombstone = value === undefined
  view.ms = ms
  view.counter = counter
  return view
}

/** The entry that a cursor shows, as the tests write it. */
export function plainOf(view: EntryView): PlainEntry {
  return {
    key: view.key(),
    value: view.tombstone ? undefined : view.value(),
    ms: view.ms,
    counter: view.counter,
  }
}
