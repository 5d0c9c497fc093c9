import type { InterfaceStream, Transaction } from '@datagram/stream'
import b4a from 'b4a'
import type { BackendChange, ChangeOptions, ChatBackend, WaitOptions } from '../chat-backend.ts'
import { streamNews } from './stream-news.ts'

/*
 * An entry for each piece of a container:
 *
 *   key     0   32  key of the container
 *           32  4   number of the piece, big endian
 *   value           the piece
 */
const KEY_BYTES = 32
const LAST_PIECE = 0xffff_ffff
const NONCE_AT = 5
const NONCE_END = NONCE_AT + 24

/**
 * Keeps containers in a stream, each piece as an entry, so that a message costs about its own bytes. What is
 * written in one call is one transaction; on a replica it reads what has arrived.
 */
export function streamBackend(stream: InterfaceStream): ChatBackend {
  return new StreamBackend(stream)
}

class StreamBackend implements ChatBackend {
  readonly appends = true
  readonly isReadOnly: boolean
  readonly #stream: InterfaceStream

  constructor(stream: InterfaceStream) {
    this.#stream = stream
    this.isReadOnly = !stream.writable
  }

  async get(key: string, wait: WaitOptions = {}): Promise<Uint8Array | undefined> {
    const pieces: Uint8Array[] = []
    const range = { gte: pieceKey(key, 0), lte: pieceKey(key, LAST_PIECE) }
    for await (const [, piece] of this.#stream.index.range({ ...range, ...wait })) {
      pieces.push(piece)
    }
    return pieces.length === 0 ? undefined : b4a.concat(pieces)
  }

  async putMany(
    changes: readonly BackendChange[],
    { previous = 'keep' }: ChangeOptions = {},
  ): Promise<void> {
    // The transaction may have to wait for its turn, and the caller may change its bytes meanwhile.
    const taken = changes.map(owned)
    await this.#stream.write(async (tx) => {
      for (const change of taken) await this.#apply(tx, change, previous)
    })
    // Waits until what was to be forgotten is gone.
    if (previous === 'forget') await this.#stream.forget()
  }

  async *list(): AsyncGenerator<string, void, undefined> {
    for await (const key of this.#stream.index.keys()) {
      if (key.subarray(KEY_BYTES).every((byte) => byte === 0)) yield `0x${hexOf(key)}`
    }
  }

  revision(): unknown {
    if (this.#stream.writable) return undefined
    const { position, transactions } = this.#stream.moment()
    return `${position}:${transactions}`
  }

  async version(key: string, wait: WaitOptions = {}): Promise<string | undefined> {
    const first = pieceKey(key, 0)
    // The nonce of the first piece: another one each time when it is written.
    const nonce = await this.#stream.index.getPart(first, {
      start: NONCE_AT,
      end: NONCE_END,
      ...wait,
    })
    const range = { gte: first, lte: pieceKey(key, LAST_PIECE), reverse: true, limit: 1 }
    for await (const last of this.#stream.index.keys({ ...range, ...wait })) {
      return `${b4a.toString(nonce ?? last, 'hex')}:${b4a.toString(last.subarray(KEY_BYTES), 'hex')}`
    }
    return undefined
  }

  news(signal: AbortSignal): AsyncIterable<void> {
    const changes = this.#stream.changes({ from: this.#stream.moment(), signal })
    return streamNews(() => this.revision(), changes[Symbol.asyncIterator](), this.revision())
  }

  async #apply(
    tx: Transaction,
    change: BackendChange,
    previous: ChangeOptions['previous'],
  ): Promise<void> {
    const { type, key } = change
    if (type === 'append') {
      tx.put(pieceKey(key, change.piece), change.value)
      return
    }
    // A put that comes after appends takes away what they left.
    const from = pieceKey(key, type === 'put' ? 1 : 0)
    for await (const piece of tx.keys({ gte: from, lte: pieceKey(key, LAST_PIECE) })) {
      tx.del(piece, { previous })
    }
    if (type === 'put') tx.put(pieceKey(key, 0), change.value, { previous })
  }
}

function owned(change: BackendChange): BackendChange {
  if (change.type === 'delete') return change
  if (!(change.value instanceof Uint8Array)) throw new TypeError('a value is a Uint8Array')
  return { ...change, value: new Uint8Array(change.value) }
}

function pieceKey(key: string, piece: number): Uint8Array {
  const bytes = new Uint8Array(KEY_BYTES + 4)
  bytes.set(b4a.from(key.slice(2), 'hex'))
  new DataView(bytes.buffer).setUint32(KEY_BYTES, piece)
  return bytes
}

function hexOf(key: Uint8Array): string {
  return b4a.toString(key.subarray(0, KEY_BYTES), 'hex')
}
