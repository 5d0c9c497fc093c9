/** The part of a secret-stream (any stream with in-band encryption) that a tap hooks into. */
export interface PlainStream {
  write(data: Uint8Array): boolean
  push(data: Uint8Array | null): boolean
}

/** What crossed a stream on the plain side of its encryption. */
export interface PlainTap {
  /** Messages that this side sent, in order, copied before they were encrypted. */
  readonly sent: readonly Uint8Array[]
  /** Messages that it received, in order, decrypted. */
  readonly received: readonly Uint8Array[]
  readonly bytesSent: number
  readonly bytesReceived: number
  /** Both directions, for a search. */
  messages(): Uint8Array[]
  /** Forgets what was recorded, and goes on. */
  clear(): void
  /** Takes the tap off. */
  stop(): void
}

/**
 * Records all that a secret-stream sends and receives, before its encryption and after its
 * decryption: what the other side of the connection gets to see. Tap it before anything is written.
 * It does not consume the stream: whoever reads it still gets everything.
 */
export function tapPlain(stream: PlainStream): PlainTap {
  const sent: Uint8Array[] = []
  const received: Uint8Array[] = []
  const { write, push } = stream
  stream.write = function (this: PlainStream, data) {
    // secret-stream encrypts in the very buffer it was given, hence the copy.
    sent.push(Uint8Array.from(data))
    return write.call(this, data)
  }
  stream.push = function (this: PlainStream, data) {
    if (data !== null) received.push(Uint8Array.from(data))
    return push.call(this, data)
  }
  return {
    sent,
    received,
    get bytesSent() {
      return total(sent)
    },
    get bytesReceived() {
      return total(received)
    },
    messages: () => [...sent, ...received],
    clear: () => {
      sent.length = received.length = 0
    },
    stop: () => Object.assign(stream, { write, push }),
  }
}

function total(messages: readonly Uint8Array[]): number {
  return messages.reduce((sum, { byteLength }) => sum + byteLength, 0)
}
