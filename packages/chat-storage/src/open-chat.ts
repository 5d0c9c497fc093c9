import { AttachmentStore } from './attachment-store.ts'
import { Chat } from './chat.ts'
import type { ChatBackend } from './chat-backend.ts'
import { ChatBook } from './chat-book.ts'
import { type ChatClock, SYSTEM_CLOCK } from './chat-clock.ts'
import { chatError, fromBackend } from './chat-errors.ts'
import { ChunkStore } from './chunk-store.ts'
import { normalizedName } from './contact-name.ts'
import { type ChatMode, ContainerKeys } from './container-key.ts'
import { ContainerStore } from './container-store.ts'
import { Expiry } from './expiry.ts'
import { HiddenKeys } from './hidden-keys.ts'
import { MessageLimits } from './message-limits.ts'
import { MessageWriter } from './message-writer.ts'
import { STORAGE_KEY_BYTES } from './sealed-piece.ts'
import { Turns } from './turns.ts'
import { Upkeep } from './upkeep.ts'
import { WordIndex } from './word-index.ts'

/** Whose chat it is, and how it is kept. */
export interface ChatOptions {
  /** Name of the account, such as its ENS name. */
  readonly account: string
  /**
   * Signs a text. The signature of the account's normalised name gives the root container's key, so it must
   * be the same each time; the JSON of each message that is written here is signed too.
   */
  readonly sign: (text: string) => string | Promise<string>
  /** Encrypts everything: 32 bytes that nobody else knows. */
  readonly storageKey: Uint8Array
  /** Default `strict`. */
  readonly mode?: ChatMode | undefined
  /** Bytes of messages in a chunk at most; default 500,000, and 500,000 to 10,000,000 are good. */
  readonly chunkBytesMax?: number | undefined
  /** Bytes of a message as JSON at most; default and at most `chunkBytesMax`. */
  readonly messageBytesMax?: number | undefined
  /** How far a message's timestamp may be ahead of this clock, in milliseconds; default: however far. */
  readonly maxFutureMs?: number | undefined
  /** Memory for chunks that were used last, in bytes of their messages; default 32 MiB. */
  readonly cacheBytes?: number | undefined
  /**
   * Whether the words of messages are kept beside them, encrypted too, so that `search` reads little; default
   * true. With false no words are stored, and `search` reads messages.
   */
  readonly searchIndex?: boolean | undefined
  /** Hears of what is unwise, and of what fails in the background; default nobody. */
  readonly logger?: { warn(message: string): void } | undefined
  /** Default: the machine's. */
  readonly clock?: ChatClock | undefined
}

export interface OpenChatOptions extends ChatOptions {
  /** Where it is kept. It belongs to the chat from here on, and is closed with it. */
  readonly backend: ChatBackend
}

/** What was opened is closed. */
export interface Closing {
  /** Waits for what was begun, and closes the backend; idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const CHUNK_BYTES_MAX = 500_000
const CHUNK_BYTES_GOOD_MAX = 10_000_000
const CACHE_BYTES = 32 * 1024 * 1024

/**
 * Opens the conversations of one account in a backend, where there may be none yet.
 *
 * Throws `CHAT_STORAGE_KEY_WRONG`, `CHAT_SIGNATURE_CHANGED`, `CHAT_MODE_MISMATCH`,
 * `CHAT_CONTAINER_DAMAGED`, `CHAT_FORMAT_UNKNOWN`, `CHAT_NAME_INVALID`; the backend is closed then.
 */
export async function openChat({ backend, ...options }: OpenChatOptions): Promise<Chat & Closing> {
  const turns = new Turns()
  const ending = new AbortController()
  let closing: Promise<void> | undefined
  const close = () => {
    ending.abort()
    closing ??= turns.run(async () => backend.close?.())
    return closing
  }
  const assertOpen = () => {
    if (closing === undefined) return
    throw chatError('CHAT_CLOSED', 'this chat is closed; open it again before using it')
  }
  try {
    const chat = await chatOver(backend, options, { turns, assertOpen, signal: ending.signal })
    return Object.assign(chat, { close, [Symbol.asyncDispose]: close })
  } catch (error) {
    await close()
    throw error
  }
}

/** What there is of a chat as long as it is open. */
export interface ChatLife {
  readonly turns: Turns
  /** Throws when the chat is closed. */
  readonly assertOpen: () => void
  /** Aborted when it begins to close. */
  readonly signal: AbortSignal
}

/** A chat over a backend that its caller closes. Throws as {@link openChat}. */
export async function chatOver(
  backend: ChatBackend,
  options: ChatOptions,
  { turns, assertOpen, signal }: ChatLife,
): Promise<Chat> {
  const { mode = 'strict', searchIndex = true, cacheBytes = CACHE_BYTES } = options
  const { storageKey, clock = SYSTEM_CLOCK } = options
  if (!(storageKey instanceof Uint8Array) || storageKey.byteLength !== STORAGE_KEY_BYTES) {
    throw new TypeError(`storageKey is a Uint8Array of ${STORAGE_KEY_BYTES} bytes`)
  }
  if (mode !== 'strict' && mode !== 'dm3') throw new TypeError("mode is 'strict' or 'dm3'")
  const { chunkBytesMax, messageBytesMax } = sizes(options)
  const account = normalizedName(options.account)
  const signature = await fromSigner(options.sign, account)
  const keys = new ContainerKeys(mode, signature)
  const containers = new ContainerStore(backend, Uint8Array.from(storageKey))
  const hidden = new HiddenKeys(storageKey, account)
  const words = new WordIndex(containers, hidden, searchIndex)
  const chunks = new ChunkStore(containers, keys, words, cacheBytes)
  const attachments = new AttachmentStore(containers, hidden, turns)
  const book = new ChatBook(chunks, hidden, attachments, chunkBytesMax)
  await fromBackend(() => book.open())
  const limits = new MessageLimits(messageBytesMax, options.maxFutureMs, clock)
  const writer = new MessageWriter(account, options.sign, clock)
  const expiry = new Expiry(book, clock)
  const warn = (message: string) => options.logger?.warn(message)
  const isOwn = backend.isReadOnly !== true
  const upkeep = isOwn ? new Upkeep({ book, expiry, turns, clock, signal, warn }) : undefined
  const parts = { account, mode, book, turns, assertOpen, limits, writer }
  return new Chat({ ...parts, expiry, attachments, upkeep })
}

async function fromSigner(sign: ChatOptions['sign'], account: string): Promise<string> {
  if (typeof sign !== 'function') throw new TypeError('sign is a function of the account’s name')
  const signature = await sign(account)
  if (typeof signature !== 'string' || signature === '') {
    throw new TypeError('sign() gives the signature as a string')
  }
  return signature
}

function sizes({ chunkBytesMax = CHUNK_BYTES_MAX, messageBytesMax, logger }: ChatOptions): {
  readonly chunkBytesMax: number
  readonly messageBytesMax: number
} {
  const limit = messageBytesMax ?? chunkBytesMax
  for (const bytes of [chunkBytesMax, limit]) {
    if (Number.isSafeInteger(bytes) && bytes > 0) continue
    throw new TypeError('chunkBytesMax and messageBytesMax are whole numbers of bytes')
  }
  if (limit > chunkBytesMax) {
    throw new TypeError(
      `messageBytesMax is ${limit} and chunkBytesMax ${chunkBytesMax}: a message has to fit into a chunk; raise the one or lower the other`,
    )
  }
  if (chunkBytesMax < CHUNK_BYTES_MAX || chunkBytesMax > CHUNK_BYTES_GOOD_MAX) {
    logger?.warn(
      `chunkBytesMax is ${chunkBytesMax}; from ${CHUNK_BYTES_MAX} to ${CHUNK_BYTES_GOOD_MAX} bytes are good`,
    )
  }
  return { chunkBytesMax, messageBytesMax: limit }
}
