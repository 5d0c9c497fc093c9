import b4a from 'b4a'
import { chatError, containerDamaged } from './chat-errors.ts'
import type { ContainerKeys } from './container-key.ts'
import type { ContainerStore, SealedChange } from './container-store.ts'
import type { HiddenKeys } from './hidden-keys.ts'
import { stableJson } from './stable-json.ts'

/*
 * A fourth, small container tells at the next open that the account's signature, the mode or the storage
 * key is another one, where otherwise an empty chat would seem to be there. Its key is the HMAC-SHA256,
 * under the storage key, of `datagram/1/chat/account` and the account's name, so that nobody can guess
 * whose it is. Content: `{"format":1,"mode":…,"root":…}`, `root` the key of the root container.
 */
const FORMAT = 1

/** What an account's containers were made with. */
export class AccountMark {
  /** Of its container. */
  readonly key: string
  readonly #keys: ContainerKeys

  constructor(hidden: HiddenKeys, keys: ContainerKeys) {
    this.key = hidden.of('account')
    this.#keys = keys
  }

  /** Whether the mark is there. Throws unless it says what this account says now. */
  async check(containers: ContainerStore): Promise<boolean> {
    const container = await containers.read(this.key)
    if (container === undefined) return false
    const { format, mode, root } = this.#parsed(container.contents[0] as Uint8Array)
    if (format !== FORMAT) {
      throw chatError(
        'CHAT_FORMAT_UNKNOWN',
        `this chat was stored in format ${String(format)}, and this package reads ${FORMAT}; install a newer one`,
      )
    }
    if (mode !== this.#keys.mode) {
      throw chatError(
        'CHAT_MODE_MISMATCH',
        `this chat was stored in the mode ${String(mode)}; open it with that`,
        { details: { mode } },
      )
    }
    if (root !== this.#keys.root) {
      throw chatError(
        'CHAT_SIGNATURE_CHANGED',
        'sign() gave another signature of the account than before, and what is stored is not found with it; use the key of then, and a scheme that signs alike each time',
      )
    }
    return true
  }

  write(containers: ContainerStore): SealedChange {
    const { mode, root } = this.#keys
    return containers.put(this.key, b4a.from(stableJson({ format: FORMAT, mode, root })))
  }

  #parsed(content: Uint8Array): Record<string, unknown> {
    try {
      return Object(JSON.parse(b4a.toString(content))) as Record<string, unknown>
    } catch (cause) {
      throw containerDamaged(this.key, 'it holds no JSON', cause)
    }
  }
}
