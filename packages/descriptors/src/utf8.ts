import b4a from 'b4a'

/*
 * Node's own functions under `buffer.write` and `buffer.toString`, which take any Uint8Array and cost half
 * as much, as no Buffer is made and no encoding looked up. They are not documented, so that both have a way
 * without.
 */
interface NodeUtf8 {
  utf8Write?(this: Uint8Array, text: string, offset: number, length: number): number
  utf8Slice?(this: Uint8Array, start: number, end: number): string
}

const { utf8Write, utf8Slice } = Buffer.prototype as unknown as NodeUtf8
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Writes `text` at `offset`, where there must be room for it, and returns how many bytes it took. */
export function writeUtf8(bytes: Uint8Array, text: string, offset: number): number {
  if (utf8Write === undefined) return b4a.write(bytes, text, offset)
  return utf8Write.call(bytes, text, offset, bytes.length - offset)
}

/** The text in bytes `start` to `end`, or `undefined` when they are not UTF-8. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (utf8Slice !== undefined) {
    const text = utf8Slice.call(bytes, start, end)
    // It puts a replacement character for what is not UTF-8; one in the text may also be a real one.
    if (!text.includes('\ufffd')) return text
  }
  try {
    return strictUtf8.decode(bytes.subarray(start, end))
  } catch {
    return undefined
  }
}

/**
 * The short text in bytes `start` to `end`, which is read faster here than by a call to the platform;
 * `undefined` when it is not UTF-8 or has characters that are left to {@link readUtf8}.
 */
export function readShortUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  return shortAscii(bytes, start, end) ?? shortBasic(bytes, start, end)
}

/** A text of ASCII, four characters at a time. */
function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  let at = start
  let bits = 0
  for (; at + 4 <= end; at += 4) {
    const a = bytes[at] as number
    const b = bytes[at + 1] as number
    const c = bytes[at + 2] as number
    const d = bytes[at + 3] as number
    bits |= a | b | c | d
    text += String.fromCharCode(a, b, c, d)
  }
  if (at + 2 <= end) {
    const a = bytes[at] as number
    const b = bytes[at + 1] as number
    bits |= a | b
    text += String.fromCharCode(a, b)
    at += 2
  }
  if (at < end) {
    const a = bytes[at] as number
    bits |= a
    text += String.fromCharCode(a)
  }
  return bits > 0x7f ? undefined : text
}

/** A text of characters below U+10000. */
function shortBasic(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  for (let at = start; at < end; ) {
    const lead = bytes[at++] as number
    if (lead < 0x80) {
      text += String.fromCharCode(lead)
      continue
    }
    const width = lead < 0xe0 ? 1 : 2
    if (lead < 0xc2 || lead >= 0xf0 || at + width > end) return undefined
    const second = bytes[at++] as number
    const third = width === 2 ? (bytes[at++] as number) : 0x80
    if ((second & 0xc0) !== 0x80 || (third & 0xc0) !== 0x80) return undefined
    if (width === 1) text += String.fromCharCode(((lead & 0x1f) << 6) | (second & 0x3f))
    else {
      const unit = ((lead & 0xf) << 12) | ((second & 0x3f) << 6) | (third & 0x3f)
      if (unit < 0x800 || (unit >= 0xd800 && unit < 0xe000)) return undefined
      text += String.fromCharCode(unit)
    }
  }
  return text
}
