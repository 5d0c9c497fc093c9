/** A line such as `OK`: a name rather than data. */
export class Status {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A floating-point number: RESP3 has a type for it, RESP2 writes it as a string. */
export class Double {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** Items without an order: RESP3 has a type for it, RESP2 writes an array. */
export class Members {
  readonly items: readonly Reply[]

  constructor(items: readonly Reply[]) {
    this.items = items
  }
}

/** An absent array, which RESP2 tells from an absent value. */
export const NIL_ARRAY = Symbol('nil array')
/** What a command gives that answers later, or by pushes alone. */
export const NO_REPLY = Symbol('no reply')

/**
 * What a command answers. Strings and bytes are data, `null` is absence, a `Map` is pairs (RESP2 writes
 * them as a flat array), an `Error` inside an array is the answer to one command of a transaction.
 */
export type Reply =
  | null
  | number
  | bigint
  | string
  | Uint8Array
  | Status
  | Double
  | Members
  | Error
  | typeof NIL_ARRAY
  | typeof NO_REPLY
  | readonly Reply[]
  | ReadonlyMap<string | Uint8Array, Reply>

export const OK = new Status('OK')
export const QUEUED = new Status('QUEUED')
