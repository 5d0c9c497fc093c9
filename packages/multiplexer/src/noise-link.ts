/// <reference path="../types/declarations.d.ts" />
import NoiseSecretStream, { type NoiseKeyPair } from '@hyperswarm/secret-stream'
import type { RawLink } from './raw-link.ts'

/** Sees all that crosses a connection on the plain side of its encryption. A diagnostic. */
export type Tap = (direction: 'in' | 'out', bytes: Uint8Array) => void

export interface NoiseLinkOptions {
  readonly keyPair: NoiseKeyPair
  readonly keepAliveMs: number
  readonly tap: Tap | undefined
}

/** The encrypted stream of a connection, counted and tapped on its plain side. */
export class NoiseLink extends NoiseSecretStream {
  plainBytesIn = 0
  plainBytesOut = 0
  readonly #tap: Tap | undefined

  constructor(initiator: boolean, raw: RawLink, { keyPair, keepAliveMs, tap }: NoiseLinkOptions) {
    super(initiator, raw, { keyPair, keepAlive: keepAliveMs, enableSend: false })
    this.#tap = tap
  }

  override write(data: Uint8Array): boolean {
    this.plainBytesOut += data.byteLength
    // Copied, as the stream encrypts in the very buffer that it is given.
    if (data.byteLength > 0) this.#tap?.('out', new Uint8Array(data))
    return super.write(data)
  }

  override push(data: Uint8Array | null): boolean {
    if (data !== null) {
      this.plainBytesIn += data.byteLength
      this.#tap?.('in', new Uint8Array(data))
    }
    return super.push(data)
  }
}

/** A key pair that names this side to its peers. */
export function createKeyPair(): NoiseKeyPair {
  return NoiseSecretStream.keyPair()
}
