/** Where a codec is in its buffer; compact-encoding's state, with the buffer always there. */
export interface State {
  start: number
  end: number
  buffer: Uint8Array
}

/**
 * A binary format as three symmetric functions, in compact-encoding's shape: `preencode` adds the size
 * to `state.end`, `encode` and `decode` move `state.start`.
 */
export interface Codec<T> {
  preencode(state: State, value: T): void
  encode(state: State, value: T): void
  decode(state: State): T
}

/** The bytes of `value`, exactly. */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const state: State = { start: 0, end: 0, buffer: empty }
  codec.preencode(state, value)
  state.buffer = new Uint8Array(state.end)
  codec.encode(state, value)
  return state.buffer
}

/** Decodes `bytes`. What is left over after the value is ignored, as a newer writer may add fields. */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  return codec.decode({ start: 0, end: bytes.byteLength, buffer: bytes })
}

const empty = new Uint8Array(0)
