import { DatagramError, type DatagramErrorOptions, isDatagramError } from '@datagram/errors'

/** Every code that this package throws of its own. What a backend throws with a code passes through. */
export type ChatErrorCode =
  | 'CHAT_ATTACHMENT_MISSING'
  | 'CHAT_BACKEND_FAILED'
  | 'CHAT_CLOSED'
  | 'CHAT_CONTAINER_DAMAGED'
  | 'CHAT_CONTAINER_MISSING'
  | 'CHAT_EXPORT_MISSING'
  | 'CHAT_FILE_DAMAGED'
  | 'CHAT_FILE_TRUNCATED'
  | 'CHAT_FORMAT_UNKNOWN'
  | 'CHAT_LOCKED'
  | 'CHAT_MESSAGE_INVALID'
  | 'CHAT_MESSAGE_TOO_LARGE'
  | 'CHAT_MODE_MISMATCH'
  | 'CHAT_NAME_INVALID'
  | 'CHAT_NOT_EMPTY'
  | 'CHAT_SIGNATURE_CHANGED'
  | 'CHAT_STORAGE_KEY_WRONG'
  | 'CHAT_TIMESTAMP_AHEAD'
  | 'CHAT_TIMESTAMP_INVALID'
  | 'CHAT_WATCH_BEHIND'

/** Makes a {@link DatagramError} with one of this package's codes. */
export function chatError(
  code: ChatErrorCode,
  message: string,
  options?: DatagramErrorOptions,
): DatagramError<ChatErrorCode> {
  return new DatagramError(code, message, options)
}

/** A container whose bytes are not what was written there. `why`: what shows it. */
export function containerDamaged(key: string, why: string, cause?: unknown): DatagramError {
  return chatError(
    'CHAT_CONTAINER_DAMAGED',
    `the container ${key} was changed or cut short: ${why}; put it back from a copy`,
    { cause, details: { key } },
  )
}

/** What `work` gives; a failure without a code becomes `CHAT_BACKEND_FAILED`. */
export async function fromBackend<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (isDatagramError(cause) || cause instanceof TypeError) throw cause
    throw chatError(
      'CHAT_BACKEND_FAILED',
      `the backend failed, and nothing was changed: ${cause instanceof Error ? cause.message : String(cause)}; look into its cause and call again`,
      { cause },
    )
  }
}
