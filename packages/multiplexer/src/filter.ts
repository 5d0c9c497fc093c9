import type { Codec, State } from '@datagram/log-core'
import c from 'compact-encoding'
import { messageBroken, readByte, readText, readUint, writeText } from './wire-fields.ts'

/** Bytes of the largest filter. */
export const FILTER_BYTES_MAX = 1000
/** Most types, and most labels of one kind. */
export const FILTER_TEXTS_MAX = 16
/** Longest type and longest label, in bytes: as long as an interface's name and a stream's label can be. */
export const TYPE_BYTES_MAX = 64
export const LABEL_BYTES_MAX = 64

const FLAG_BYTES = 0x1

/** Which streams a side wants to hear of. All of it has to hold; what is left out, or empty, asks for nothing. */
export interface StreamFilter {
  /** Names of interfaces: streams of one of these. */
  readonly types?: readonly string[] | undefined
  /** Streams that have one of these labels at least. */
  readonly labels?: readonly string[] | undefined
  /** Streams that have none of these labels. */
  readonly notLabels?: readonly string[] | undefined
  /** Streams of at most so many bytes. */
  readonly bytesMax?: number | undefined
}

/*
 * filter, message 12, at most 1,000 bytes: which streams the sender wants to be offered, from now on.
 *
 *   size  field
 *   1     flags: 0x1 a size follows; others belong to newer minor versions
 *   1     number of types, 0..16, and for each: its length in bytes, 0..64, and the type, UTF-8
 *   1     number of labels of which a stream has one, 0..16, each as above
 *   1     number of labels of which a stream has none, 0..16, each as above
 *   1..9  with flag 0x1: most bytes of a stream, uint
 *   …     fields of newer minor versions, skipped
 */
export const filter: Codec<StreamFilter> = {
  preencode(state: State, value: StreamFilter): void {
    state.end += 1
    for (const texts of listsOf(value)) {
      state.end += 1
      for (const text of texts) state.end += 1 + Buffer.byteLength(text)
    }
    if (value.bytesMax !== undefined) c.uint.preencode(state, value.bytesMax)
  },
  encode(state: State, value: StreamFilter): void {
    state.buffer[state.start++] = value.bytesMax === undefined ? 0 : FLAG_BYTES
    for (const texts of listsOf(value)) {
      state.buffer[state.start++] = texts.length
      for (const text of texts) writeText(state, Buffer.from(text))
    }
    if (value.bytesMax !== undefined) c.uint.encode(state, value.bytesMax)
  },
  decode(state: State): StreamFilter {
    const size = state.end - state.start
    if (size > FILTER_BYTES_MAX) {
      throw messageBroken('filter', `it has ${size} bytes, over ${FILTER_BYTES_MAX}`)
    }
    const flags = readByte(state, 'filter', 'flags')
    const types = readTexts(state, 'type', TYPE_BYTES_MAX)
    const labels = readTexts(state, 'label', LABEL_BYTES_MAX)
    const notLabels = readTexts(state, 'label that is not wanted', LABEL_BYTES_MAX)
    const isBounded = (flags & FLAG_BYTES) !== 0
    const bytesMax = isBounded ? readUint(state, 'filter', 'size') : undefined
    return { types, labels, notLabels, bytesMax }
  },
}

function listsOf({ types = [], labels = [], notLabels = [] }: StreamFilter) {
  return [types, labels, notLabels]
}

function readTexts(state: State, what: string, bytesMax: number): string[] {
  const count = readByte(state, 'filter', `number of ${what}s`)
  if (count > FILTER_TEXTS_MAX) {
    throw messageBroken('filter', `its number of ${what}s is ${count}, over ${FILTER_TEXTS_MAX}`)
  }
  return Array.from({ length: count }, () => readText(state, 'filter', what, bytesMax))
}
