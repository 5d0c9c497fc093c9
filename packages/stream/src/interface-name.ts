/** Longest name of an interface, in bytes. */
export const INTERFACE_NAME_BYTES_MAX = 64
const pattern = /^[a-z][a-z0-9-]*$/

/**
 * Throws a TypeError unless `name` may name an interface: 1 to 64 lower-case ASCII letters, digits and
 * hyphens, beginning with a letter. It is the stream's type, on the wire and in headers.
 */
export function assertInterfaceName(name: unknown): asserts name is string {
  if (typeof name === 'string' && name.length <= INTERFACE_NAME_BYTES_MAX && pattern.test(name)) {
    return
  }
  throw new TypeError(
    `an interface's name is 1 to ${INTERFACE_NAME_BYTES_MAX} lower-case letters, digits and hyphens, a letter first`,
  )
}
