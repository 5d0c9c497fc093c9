/** One line of `Container.list`. */
export interface StreamInfo {
  readonly name: string
  /** Name of its interface. */
  readonly type: string
  readonly title: string
  /** Public key of its indexer log, 32 bytes. */
  readonly key: Uint8Array
  /** Bytes of its two logs together, as they are stored and sent. */
  readonly bytes: number
  /** Blocks of its data log. */
  readonly length: number
  /** Blocks of its indexer log. */
  readonly indexLength: number
  readonly labels: readonly string[]
  /** Public key of who made it, 32 bytes, where that is proven: by the stream, or by the datagram that it was made in. */
  readonly author: Uint8Array | undefined
  readonly writable: boolean
}
