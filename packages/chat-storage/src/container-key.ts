import { createHash } from 'node:crypto'
import { stableJson } from './stable-json.ts'

/**
 * How containers get their keys: `strict` by the words of the dm3 specification, `dm3` as its reference
 * implementation computes them.
 */
export type ChatMode = 'strict' | 'dm3'

/** A chunk in its conversation's list. */
export interface ChunkIdentifier {
  /** Counted from 0, and never given twice while it is in use. */
  readonly id: number
  /** Of the chunk's first message: milliseconds since 1970. */
  readonly timestamp: number
}

/** SHA-256 of a text's UTF-8 bytes, as '0x' and lower-case hexadecimal digits. */
export function sha256(text: string): string {
  return `0x${createHash('sha256').update(text, 'utf8').digest('hex')}`
}

/** The keys of one account's containers, in one mode. */
export class ContainerKeys {
  readonly mode: ChatMode
  /** Of the root container. */
  readonly root: string
  readonly #account: string

  /** `signature`: what `sign` made of the account's normalised name. */
  constructor(mode: ChatMode, signature: string) {
    this.mode = mode
    this.#account = sha256(signature)
    this.root = mode === 'dm3' ? sha256(`${this.#account}0`) : this.#account
  }

  /** Of the conversation with `contact`, whose name is normalised. */
  conversation(contact: string): string {
    return sha256(this.#account + contact)
  }

  /** Of a chunk of the conversation with this key. */
  chunk(conversation: string, { id, timestamp }: ChunkIdentifier): string {
    return sha256(conversation + (this.mode === 'dm3' ? String(id) : stableJson({ id, timestamp })))
  }
}
