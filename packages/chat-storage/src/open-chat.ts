import { AttachmentStore } from './attachment-store.ts'
import { Chat, type ChatParts } from './chat.ts'
import type { ChatBackend } from './chat-backend.ts'
import { ChatBook } from './chat-book.ts'
import { SYSTEM_CLOCK } from './chat-clock.ts'
import type { ChatOptions, Closing, OpenChatOptions } from './chat-options.ts'
import { chatError, fromBackend } from './chat-errors.ts'
import { ChunkStore } from './chunk-store.ts'
import { normalizedName } from './contact-name.ts'
import { ContainerKeys } from './container-key.ts'
import { ContainerStore } from './container-store.ts'
import { Expiry } from './expiry.ts'
import { HiddenKeys } from './hidden-keys.ts'
import { MessageLimits } from './message-limits.ts'
import { MessageWriter } from './message-writer.ts'
import { STORAGE_KEY_BYTES } from './sealed-piece.ts'
import { Turns } from './turns.ts'
import { Upkeep } from './upkeep.ts'
import { WordIndex } from './word-index.ts'

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
  const closed = () =>
    chatError('CHAT_CLOSED', 'this chat is closed; open it again before using it')
  const close = () => {
    ending.abort(closed())
    closing ??= turns.run(async () => backend.close?.())
    return closing
  }
  const assertOpen = () => {
    if (closing === undefined) return
    throw closed()
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
  const parts = { account, mode, book, turns, assertOpen, limits, writer, signal }
  const open: ChatParts['open'] = (more) => openChat({ ...options, ...more })
  return new Chat({ ...parts, expiry, attachments, upkeep, open })
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
