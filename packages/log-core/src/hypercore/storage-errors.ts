import { isDatagramError } from '@datagram/errors'
import { logError } from '../log-errors.ts'

/**
 * Gives an error of the storage engine, of hypercore or of the file system a code of ours, by what it
 * says of itself: the engine has no codes. What is ours already stays as it is.
 */
export function storageError(error: unknown): Error {
  if (isDatagramError(error)) return error
  const text = textsOf(error).join('; ')
  const known = recognise(text)
  return known === undefined ? unknownError(error, text) : logError(...known, { cause: error })
}

// The engine says what it was doing; why it failed is in the cause.
function textsOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [String(error)]
  const { code, message, cause, errors } = error as {
    code?: string
    message?: string
    cause?: unknown
    errors?: unknown[]
  }
  const own = [code, message].filter((text) => text !== undefined && text !== '').join(' ')
  const below = [...(errors ?? []), ...(cause === undefined ? [] : [cause])]
  return [own, ...below.flatMap(textsOf)]
}

type Known = readonly [code: Parameters<typeof logError>[0], message: string]

function recognise(text: string): Known | undefined {
  if (/ENOSPC|EDQUOT|EFBIG|No space left|quota exceeded|File too large/i.test(text)) {
    return [
      'DISK_FULL',
      'the disk is full; nothing of this call was kept. Make room and try again: the engine goes on some seconds later',
    ]
  }
  if (/could not be locked|lock hold by|LOCK: Resource temporarily/i.test(text)) {
    return ['STORE_LOCKED', 'another process has this store open; close it there first']
  }
  if (/DEVICE_FILE/.test(text)) {
    return [
      'STORE_COPIED',
      'this store is a copy, and one key must not sign two histories; open the original, or clone it by a link',
    ]
  }
  if (/EACCES|EPERM|EROFS|Read-only file system|Permission denied/i.test(text)) {
    return ['STORE_NOT_WRITABLE', 'the store cannot be written; check the rights of its folder']
  }
  if (/session is closed|SESSION_CLOSED|Corestore is closed|Closed$/i.test(text)) {
    return ['LOG_CLOSED', 'the log is closed; open it again before using it']
  }
  return undefined
}

function unknownError(error: unknown, text: string): Error {
  return logError(
    'STORE_DAMAGED',
    `the storage engine failed (${text.trim()}); if it repeats, bring the store back from a peer or a copy`,
    { cause: error },
  )
}

/** Runs engine work and gives its failures a code. */
export async function coded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw storageError(error)
  }
}
