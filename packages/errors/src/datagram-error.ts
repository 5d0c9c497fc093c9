const marker = Symbol.for('datagram.error')

/** Options of a {@link DatagramError}. */
export interface DatagramErrorOptions {
  /** What caused this error, kept as `error.cause`. */
  readonly cause?: unknown
  /** Plain facts for programs (a name, an index, a limit); never secrets. */
  readonly details?: Readonly<Record<string, unknown>>
}

/**
 * What every Datagram package throws when something goes wrong that is not a caller's type mistake
 * (those are `TypeError`).
 *
 * `code` is stable and in upper snake case, the noun first (`LOG_CLOSED`). The message names the cause
 * and the remedy and may change; programs compare the code.
 */
export class DatagramError<Code extends string = string> extends Error {
  override readonly name = 'DatagramError'
  /** Stable code, one of the literal union that the throwing package exports. */
  readonly code: Code
  /** Plain facts for programs; empty when there are none. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: Code, message: string, { cause, details = {} }: DatagramErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
    Object.defineProperty(this, marker, { value: true })
  }
}

/**
 * Whether `error` is a Datagram error, and, with `code`, that one.
 *
 * The check is by a registered symbol rather than by class, so it also holds when two copies of this
 * package are installed.
 */
export function isDatagramError<Code extends string = string>(
  error: unknown,
  code?: Code,
): error is DatagramError<Code> {
  if (typeof error !== 'object' || error === null || !(marker in error)) return false
  return code === undefined || (error as { code?: unknown }).code === code
}
