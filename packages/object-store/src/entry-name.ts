import b4a from 'b4a'
import { objectStoreError } from './object-store-errors.ts'

// Longest name that common file systems take, in bytes of UTF-8.
const NAME_BYTES_MAX = 255

// Windows gives these to devices, whatever extension follows; the small digits count as digits.
const device = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])[ .]*($|[.:])/i

/**
 * Throws `TREE_NAME_REFUSED` unless `name` can be the name of a file or a directory anywhere, and leads nowhere
 * else: no path, not `.` or `..`, no device of Windows, at most 255 bytes.
 */
export function assertEntryName(name: unknown): asserts name is string {
  const why = faultOf(name)
  if (why === undefined) return
  const shown = JSON.stringify(String(name).slice(0, 300))
  throw objectStoreError('TREE_NAME_REFUSED', `${shown} cannot name a file: ${why}; rename it`, {
    details: { name, why },
  })
}

/** Whether `name` is one that {@link assertEntryName} takes. */
export function isEntryName(name: unknown): name is string {
  return faultOf(name) === undefined
}

/** Orders names by their UTF-8 bytes, which is not the order of their UTF-16 units. */
export function compareNames(a: string, b: string): number {
  return b4a.compare(b4a.from(a), b4a.from(b))
}

function faultOf(name: unknown): string | undefined {
  if (typeof name !== 'string' || name === '') return 'it is empty'
  if (name === '.' || name === '..') return 'it leads to another directory'
  if (/[/\\\0]/.test(name)) return 'it has a slash, a backslash or a NUL in it'
  if (/\p{Surrogate}|\ufffd/u.test(name)) return 'it is no UTF-8'
  if (b4a.byteLength(name) > NAME_BYTES_MAX) return `it is longer than ${NAME_BYTES_MAX} bytes`
  return device.test(name) ? 'it is the name of a device' : undefined
}
