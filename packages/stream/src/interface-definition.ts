import type { InterfaceStream, Transaction } from './interface-stream.ts'
import { assertInterfaceName } from './interface-name.ts'
import { streamError } from './stream-errors.ts'

/** The version of the plugin contract that this package offers. */
export const CONTRACT_VERSION = 1

/** The interfaces that an interface requires, by the names under which it gets them. */
export type Requires = Readonly<Record<string, AnyInterface>>

/** What `open` is given for `requires`: the opened interfaces, under the same names. */
export type OpenedRequires<R extends Requires> = { readonly [Slot in keyof R]: ApiOf<R[Slot]> }

/** The API that an interface opens. */
export type ApiOf<D> = D extends { open(...args: never[]): infer A } ? Awaited<A> : never

/** The options that an interface takes when it is opened. */
export type OptionsOf<D> = D extends {
  open(stream: never, requires: never, options: infer O): unknown
}
  ? O
  : never

/**
 * A stream interface: a small API over a stream, and the type of the streams that it writes.
 *
 * The host owns everything around it: which key space it has, the lifecycle, the state checks. Every
 * method of the API that `open` returns is refused with `STREAM_CLOSED` once the stream is closed.
 */
export interface InterfaceDefinition<
  Api extends object = object,
  Options = undefined,
  R extends Requires = Requires,
> {
  /** Names the type: 1 to 64 lower-case letters, digits and hyphens, a letter first. */
  readonly name: string
  /** Version of the plugin contract that it is written against: 1. */
  readonly contract: number
  /** Version of the data that it writes, from 1. Raise it when older code must not read the data. */
  readonly version: number
  /**
   * Interfaces that it builds on. They live in the same stream, in key spaces of their own, and are
   * handed to `open`. Writes of theirs become part of a transaction inside `tx.join`.
   */
  readonly requires?: R
  /**
   * It comes with the one interface that requires it: where that one is the stream's own, it has key space 2
   * for good, and opening costs nothing for it until it writes. An interface requires one such at most.
   */
  readonly companion?: boolean
  /** Makes the API. `options`: what the caller gave when opening; undefined when it gave none. */
  open(
    stream: InterfaceStream,
    requires: OpenedRequires<R>,
    options: Options | undefined,
  ): Api | Promise<Api>
  /** Runs when the stream closes, before it does: it can still be written. At most 10 seconds. */
  close?(api: Api): void | Promise<void>
  /**
   * Brings data of an older version up to `version`, in one transaction with the note that it was done.
   * Runs when a writable stream of an older version is opened; without it that is `STREAM_VERSION_OLDER`.
   */
  migrate?(from: number, tx: Transaction): void | Promise<void>
}

/** Any interface, whatever it opens and takes. */
export interface AnyInterface {
  readonly name: string
  readonly contract: number
  readonly version: number
  readonly requires?: Requires
  readonly companion?: boolean
  open(stream: InterfaceStream, requires: never, options: never): object
  close?(api: never): void | Promise<void>
  migrate?(from: number, tx: Transaction): void | Promise<void>
}

/**
 * Checks a definition and returns it, frozen. Throws a TypeError that names the field which is wrong, and
 * `INTERFACE_CONTRACT_UNKNOWN` when it is written against another version of the contract.
 */
export function defineInterface<
  Api extends object,
  Options = undefined,
  R extends Requires = Record<never, never>,
>(definition: InterfaceDefinition<Api, Options, R>): InterfaceDefinition<Api, Options, R> {
  assertDefinition(definition)
  return Object.freeze({ ...definition })
}

/** Throws unless `definition` is one, and written against this version of the contract. */
export function assertDefinition(definition: unknown): asserts definition is AnyInterface {
  if (typeof definition !== 'object' || definition === null) {
    throw new TypeError('an interface is defined by an object')
  }
  const { name, contract, version, requires, open, close, migrate } = definition as Partial<
    Record<keyof AnyInterface, unknown>
  >
  assertInterfaceName(name)
  if (contract !== CONTRACT_VERSION) throw unknownContract(name, contract)
  if (!Number.isSafeInteger(version) || (version as number) < 1) {
    throw new TypeError(`the version of the interface ${name} is not an integer from 1`)
  }
  if (typeof open !== 'function') throw new TypeError(`the interface ${name} has no open()`)
  for (const [what, hook] of Object.entries({ close, migrate })) {
    if (hook !== undefined && typeof hook !== 'function') {
      throw new TypeError(`${what} of the interface ${name} is not a function`)
    }
  }
  if (requires === undefined) return
  if (typeof requires !== 'object' || requires === null) {
    throw new TypeError(`requires of the interface ${name} is not an object of interfaces`)
  }
  for (const [slot, required] of Object.entries(requires)) {
    assertSlot(name, slot)
    assertDefinition(required)
  }
}

function assertSlot(name: string, slot: string): void {
  try {
    assertInterfaceName(slot)
  } catch (cause) {
    throw new TypeError(`the slot ${JSON.stringify(slot)} in requires of ${name} is no name`, {
      cause,
    })
  }
}

function unknownContract(name: string, contract: unknown): Error {
  return streamError(
    'INTERFACE_CONTRACT_UNKNOWN',
    `the interface ${name} is written against version ${String(contract)} of the contract, and this package offers ${CONTRACT_VERSION}; install versions that fit`,
    { details: { contract, offered: CONTRACT_VERSION } },
  )
}
