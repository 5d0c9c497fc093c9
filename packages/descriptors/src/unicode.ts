/** Whether `text` is well-formed Unicode, that is, has no half of a surrogate pair and survives UTF-8. */
export function isWellFormed(text: string): boolean {
  // In every Node that is supported, but not in the ES2022 types.
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}

/**
 * Orders two well-formed texts as their UTF-8 bytes would be, which other languages can follow; the order
 * of JavaScript's own strings differs where surrogate pairs meet U+E000 to U+FFFF.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

/** A code unit's place in UTF-8 order: surrogates, which stand for U+10000 and above, come last. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
