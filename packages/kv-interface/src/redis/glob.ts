const STAR = 42
const QUESTION = 63
const OPEN = 91
const CLOSE = 93
const CARET = 94
const DASH = 45
const BACKSLASH = 92

/** Whether `text` fits a pattern of Redis: `*`, `?`, `[abc]`, `[^a-z]`, and `\` before any of them. */
export function globMatches(pattern: Uint8Array, text: Uint8Array): boolean {
  let p = 0
  let t = 0
  let starAt = -1
  let textAtStar = 0
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === STAR) {
      starAt = p++
      textAtStar = t
      continue
    }
    const next = p < pattern.length ? matchOne(pattern, p, text[t] as number) : -1
    if (next !== -1) {
      p = next
      t++
    } else if (starAt !== -1) {
      // Only the last star is tried again: those before it have found the earliest place they can.
      p = starAt + 1
      t = ++textAtStar
    } else return false
  }
  while (pattern[p] === STAR) p++
  return p >= pattern.length
}

// Where the pattern goes on when its element at `p` takes the byte, or −1.
function matchOne(pattern: Uint8Array, p: number, byte: number): number {
  const element = pattern[p] as number
  if (element === QUESTION) return p + 1
  if (element === OPEN) return matchClass(pattern, p + 1, byte)
  if (element === BACKSLASH && p + 1 < pattern.length) return pattern[p + 1] === byte ? p + 2 : -1
  return element === byte ? p + 1 : -1
}

function matchClass(pattern: Uint8Array, start: number, byte: number): number {
  let p = start
  const negated = pattern[p] === CARET
  if (negated) p++
  let found = false
  while (p < pattern.length && pattern[p] !== CLOSE) {
    if (pattern[p] === BACKSLASH && p + 1 < pattern.length) p++
    const low = pattern[p] as number
    if (pattern[p + 1] === DASH && p + 2 < pattern.length) {
      const high = pattern[p + 2] as number
      if (byte >= Math.min(low, high) && byte <= Math.max(low, high)) found = true
      p += 3
    } else {
      if (low === byte) found = true
      p++
    }
  }
  const end = p < pattern.length ? p + 1 : p
  return found !== negated ? end : -1
}
