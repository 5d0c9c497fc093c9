import type { ChatBackend } from './chat-backend.ts'
import type { ChatClock } from './chat-clock.ts'
import type { ChatMode } from './container-key.ts'

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
