import {
  type Codec,
  decode,
  encode,
  isSignedBy,
  type KeyPair,
  SIGNATURE_BYTES,
  signMessage,
  type State,
} from '@datagram/log-core'
import b4a from 'b4a'
import { decodeBytes } from './bounded-codec.ts'
import { ownLogs, type StreamHeader, type WriterLogs } from './header.ts'
import { extensionFields, withField } from './header-extension.ts'

/*
 * Who made a stream, version 1: field 1 of a header's extension, and what a container keeps of a stream.
 *
 *   offset  size  field
 *   0       1     format version, 1
 *   1       32    public key of the author, Ed25519
 *   33      64    signature by it over
 *                   1   17, the length of the label
 *                   17  'datagram/author/1'
 *                   32  public key of the author
 *                   32  public key of the stream's data log
 *                   32  public key of its index log
 */
const VERSION = 1
const KEY_BYTES = 32
const LABEL = b4a.from('datagram/author/1')
const FIELD = 1

/** An author's word that a stream is theirs. It is worth nothing for other logs. */
export interface AuthorBinding {
  /** Public key of the author, 32 bytes. */
  readonly author: Uint8Array
  readonly signature: Uint8Array
}

/** Codec of a binding. `decode` throws a RangeError for what is none. */
export const authorBinding: Codec<AuthorBinding> = {
  preencode(state: State): void {
    state.end += 1 + KEY_BYTES + SIGNATURE_BYTES
  },
  encode(state: State, { author, signature }): void {
    state.buffer[state.start++] = VERSION
    for (const bytes of [author, signature]) {
      state.buffer.set(bytes, state.start)
      state.start += bytes.byteLength
    }
  },
  decode(state: State): AuthorBinding {
    const [version] = decodeBytes(state, 1, 'format version', damaged)
    if (version !== VERSION) throw damaged(`its format version is ${version}`)
    const author = b4a.from(decodeBytes(state, KEY_BYTES, 'author', damaged))
    return {
      author,
      signature: b4a.from(decodeBytes(state, SIGNATURE_BYTES, 'signature', damaged)),
    }
  },
}

/** Binds a stream to who makes it. */
export function bindAuthor({ publicKey, secretKey }: KeyPair, logs: WriterLogs): AuthorBinding {
  return { author: publicKey, signature: signMessage(signedBytes(publicKey, logs), secretKey) }
}

/** The author of a stream with these logs, where the binding proves one; undefined where it is forged or cannot be read. */
export function boundAuthor(binding: Uint8Array, logs: WriterLogs): Uint8Array | undefined {
  try {
    const { author, signature } = decode(authorBinding, binding)
    return isSignedBy(author, signedBytes(author, logs), signature) ? author : undefined
  } catch {
    return undefined
  }
}

/**
 * What the header of a stream proves of its author: the binding, and whose it is. Undefined where it proves nothing, as that
 * of a stream that was made by an older version, or when the header is not that of the stream with this index log.
 */
export function provenAuthor(
  header: StreamHeader,
  indexKey: Uint8Array,
): { readonly author: Uint8Array; readonly binding: Uint8Array } | undefined {
  const field = extensionFields(header.extension).find(({ number }) => number === FIELD)
  const logs = ownLogs(header)
  if (field === undefined || !b4a.equals(logs.indexKey, indexKey)) return undefined
  const author = boundAuthor(field.bytes, logs)
  return author && { author, binding: b4a.from(field.bytes) }
}

/** The extension of a header that proves who makes the stream; `undefined`: nobody. What else it had is kept. */
export function authoredBy(
  author: KeyPair | undefined,
  logs: WriterLogs,
  extension: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const binding = author && encode(authorBinding, bindAuthor(author, logs))
  return withField(extension, FIELD, binding)
}

function signedBytes(author: Uint8Array, { dataKey, indexKey }: WriterLogs): Uint8Array {
  return b4a.concat([b4a.from([LABEL.byteLength]), LABEL, author, dataKey, indexKey])
}

function damaged(why: string): Error {
  return new RangeError(why)
}
