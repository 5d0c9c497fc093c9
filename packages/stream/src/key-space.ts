import { SPACE_MAX } from './frame-operation.ts'

/*
 * Key spaces. Every key of the index begins with the number of its key space:
 *
 *   0       the stream itself: table of contents, descriptors, records of the key spaces
 *   1       the stream's own interface
 *   2 …     the interfaces that it requires, as recorded in key space 0; 2 without a record: its companion
 *   255     never written: what a required interface sees on a replica whose author did not have it yet
 */
/** Key space of the stream itself. */
export const STREAM_SPACE = 0
/** Key space of the stream's own interface. */
export const MAIN_SPACE = 1
/** Key space of the companion of the stream's own interface. */
export const COMPANION_SPACE = 2
/** Key space that is always empty. */
export const EMPTY_SPACE = SPACE_MAX
/** Most key spaces that a stream records. */
export const SPACES_MAX = EMPTY_SPACE - MAIN_SPACE

/** The index key of `key` in a key space. */
export function spacedKey(space: number, key: Uint8Array): Uint8Array {
  const spaced = new Uint8Array(1 + key.byteLength)
  spaced[0] = space
  spaced.set(key, 1)
  return spaced
}

/** The first possible index key of a key space. */
export function firstKey(space: number): Uint8Array {
  return new Uint8Array([space])
}

/** The first key beyond a key space, or undefined when none is. */
export function firstKeyBeyond(space: number): Uint8Array | undefined {
  return space >= SPACE_MAX ? undefined : new Uint8Array([space + 1])
}

/** The key in an index key. The index gives copies, so a view on one is the receiver's to keep. */
export function unspaced(spaced: Uint8Array): Uint8Array {
  return spaced.subarray(1)
}

/** The first key beyond all that begin with `beginning`, which is not all 0xff. */
export function keyBeyond(beginning: Uint8Array): Uint8Array {
  let end = beginning.byteLength
  while (beginning[end - 1] === 0xff) end--
  const beyond = new Uint8Array(beginning.subarray(0, end))
  beyond[end - 1] = (beyond[end - 1] as number) + 1
  return beyond
}
