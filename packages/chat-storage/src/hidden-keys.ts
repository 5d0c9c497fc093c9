import { createHmac } from 'node:crypto'

/** None is the beginning of another. */
type HiddenKind = 'account' | 'attachment' | 'deleted' | 'part' | 'pending' | 'words'

/**
 * Keys of what a chat stores beside the containers that dm3 draws. They are made with the storage key, so that
 * nobody without it can tell whose they are, or find them by guessing.
 */
export class HiddenKeys {
  readonly #storageKey: Uint8Array
  readonly #account: string

  /** `account`: its normalised name. */
  constructor(storageKey: Uint8Array, account: string) {
    this.#storageKey = Uint8Array.from(storageKey)
    this.#account = account
  }

  /** HMAC-SHA256 of `datagram/1/chat/`, the kind, the account's name and `rest`, as '0x' and hexadecimal digits. */
  of(kind: HiddenKind, rest = ''): string {
    const hmac = createHmac('sha256', this.#storageKey)
    return `0x${hmac.update(`datagram/1/chat/${kind}${this.#account}${rest}`).digest('hex')}`
  }
}
