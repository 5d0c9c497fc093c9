import { type Kind, misfit, scalarKind } from '../kind.ts'
import { isWellFormed } from '../unicode.ts'

const LINK_CHARACTERS_MAX = 8192
/** A scheme, a colon, and no white space, control characters, quotes or brackets, which no URL holds. */
const absoluteUrl = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s\p{Cc}"<>]+$/u

/** `link`: like a text. In JSON: the text. */
export const linkKind: Kind = scalarKind<string>({
  label: 'link',
  expected: 'a link: datagram://… or any other absolute URL of at most 8192 characters',
  fits: isLink,
  write(out, value) {
    if (!isLink(value)) throw misfit
    out.text(value)
  },
  read(from) {
    const { at } = from
    const text = from.text()
    if (!isLink(text)) throw from.damaged('a link is not an absolute URL', at)
    return text
  },
})

function isLink(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > LINK_CHARACTERS_MAX) return false
  return absoluteUrl.test(value) && isWellFormed(value)
}
