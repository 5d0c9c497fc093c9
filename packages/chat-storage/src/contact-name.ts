import { ens_normalize as ensNormalize } from '@adraffy/ens-normalize'
import { chatError } from './chat-errors.ts'

/** Longest name, in UTF-8 bytes once it is normalised. */
export const NAME_BYTES_MAX = 1024

/**
 * A name as it is stored and compared: by ENSIP-15, which ENS prescribes, where that takes it for a name;
 * any other (`0x123..abc.addr.dm3.eth`, a name with a space) in Unicode NFC and lower case.
 *
 * Throws `CHAT_NAME_INVALID` for one that is empty, longer than {@link NAME_BYTES_MAX} bytes, or has
 * control characters or halves of characters.
 */
export function normalizedName(name: string): string {
  if (typeof name !== 'string') throw new TypeError('the name of an account or contact is a string')
  const plain = name.normalize('NFC').toLowerCase().normalize('NFC')
  const result = ensName(plain) ?? plain
  const bytes = new TextEncoder().encode(result).byteLength
  if (result === '' || bytes > NAME_BYTES_MAX || /[\p{Cc}\p{Cs}]/u.test(result)) {
    throw chatError(
      'CHAT_NAME_INVALID',
      `a name has 1 to ${NAME_BYTES_MAX} bytes, no control characters and no halves of characters; give another`,
    )
  }
  return result
}

function ensName(name: string): string | undefined {
  try {
    return ensNormalize(name)
  } catch {
    // No ENS name: chats know other names too.
    return undefined
  }
}
