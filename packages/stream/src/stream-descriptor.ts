import type { Definition } from '@datagram/descriptors'

/**
 * What a stream asks of a descriptor. `@datagram/descriptors` makes them; anything of this shape will do.
 */
export interface StreamDescriptor<Input = never, Output = unknown> {
  /** Names the definition for good and everywhere: 32 bytes. */
  readonly id: Uint8Array
  /** What it is, as plain data: kept once in every stream that uses it, so that strangers can read it. */
  readonly definition: Definition
  /** The definition as bytes, where they are known: what the stream keeps; default: made of it. */
  readonly encodedDefinition?: Uint8Array | undefined
  /** The body of an object with this value. Throws when the value does not fit. */
  encode(value: Input): Uint8Array
  /** The value of a body. */
  decode(body: Uint8Array): Output
}

/** Which types are meant: all versions of a name, or those of a descriptor's name. */
export type TypeQuery = string | Pick<StreamDescriptor, 'definition'>
