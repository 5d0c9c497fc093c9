import type { Datagram } from '../src/index.ts'

/** An interface that stores a secret and forgets it. They are listed in forgetful.ts. */
export interface Forgetful {
  readonly name: string
  /** The stream that it keeps it in. */
  readonly stream: string
  /** How large its secrets may be, in bytes of text. */
  readonly sizes: readonly number[]
  store(datagram: Datagram, secret: string): Promise<void>
  /** Some go at once, what is merely not retained when the datagram is compacted. */
  forget(datagram: Datagram, secret: string): Promise<void>
  /** Whether a reader has it. */
  has(datagram: Datagram, secret: string): Promise<boolean>
  /** What is in a block that opens only with keys of the interface's own. */
  unseal?(block: Uint8Array): string
}
