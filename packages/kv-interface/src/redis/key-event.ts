import c from 'compact-encoding'
import b4a from 'b4a'
import { type EventName, eventNumber, eventWithNumber } from './event-name.ts'
import type { KeyEvent } from './frame.ts'

/*
 * What happened to keys, in the entry [0, 3] of each frame: so that a replica can tell of it.
 *
 *   size  field
 *   1     number of the event in the list of event-name.ts; bit 7: the key follows
 *   1     number of the database
 *   1..9  bit 7 clear: uint, which operation of the transaction is the key's own
 *         bit 7 set: uint, bytes of the key, then the key
 *
 * and so on to the end. The list is only ever added to at its end.
 */

const INLINE_KEY = 0x80

/** An event as a frame tells it. */
export interface ToldEvent {
  readonly name: EventName
  readonly db: number
  /** The key, or which operation of the transaction is the key's own. */
  readonly key: Uint8Array | number
}

/** Encodes events; entries that they are about have their places. */
export function encodeEvents(events: readonly KeyEvent[]): Uint8Array {
  const state = { start: 0, end: 0, buffer: new Uint8Array(0) }
  for (const { key, entry } of events) {
    state.end += 2
    const place = entry?.place
    c.uint.preencode(state, place ?? key.length)
    if (place === undefined) state.end += key.length
  }
  state.buffer = new Uint8Array(state.end)
  for (const { name, db, key, entry } of events) {
    const place = entry?.place
    const number = eventNumber(name)
    state.buffer[state.start++] = place === undefined ? number | INLINE_KEY : number
    state.buffer[state.start++] = db
    c.uint.encode(state, place ?? key.length)
    if (place !== undefined) continue
    state.buffer.set(key, state.start)
    state.start += key.length
  }
  return state.buffer
}

/** Decodes events. Ends at one that this version does not know. */
export function decodeEvents(bytes: Uint8Array): ToldEvent[] {
  const state = { start: 0, end: bytes.length, buffer: bytes }
  const told: ToldEvent[] = []
  while (state.start + 2 < state.end) {
    const first = bytes[state.start++] as number
    const db = bytes[state.start++] as number
    const known = eventWithNumber(first & ~INLINE_KEY)
    if (known === undefined) return told
    const number = c.uint.decode(state)
    if ((first & INLINE_KEY) === 0) told.push({ name: known, db, key: number })
    else {
      told.push({
        name: known,
        db,
        key: b4a.from(bytes.subarray(state.start, state.start + number)),
      })
      state.start += number
    }
  }
  return told
}
