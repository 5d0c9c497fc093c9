import type { MessageReference } from './chat-position.ts'
import type { Envelope, MessageType } from './message.ts'
import { stableJson } from './stable-json.ts'

/** What a message of one's own says. */
export interface MessageDraft {
  readonly type: MessageType
  readonly to: string
  readonly text?: string | undefined
  readonly about?: MessageReference | undefined
  readonly attachments?: readonly string[] | undefined
}

/** Writes messages of one's own: each is later than the one before, and signed. */
export class MessageWriter {
  readonly #account: string
  readonly #sign: (text: string) => string | Promise<string>
  #last = 0

  constructor(account: string, sign: (text: string) => string | Promise<string>) {
    this.#account = account
    this.#sign = sign
  }

  /** An envelope with the signature of the message's JSON, as dm3 has it, without that of the envelope. */
  async write({ type, to, text = '', about, attachments }: MessageDraft): Promise<Envelope> {
    this.#last = Math.max(Date.now(), this.#last + 1)
    const message = {
      message: text,
      metadata: {
        type,
        from: this.#account,
        to,
        timestamp: this.#last,
        ...(about === undefined ? {} : { referenceMessageHash: about.hash }),
      },
      ...(attachments === undefined ? {} : { attachments }),
    }
    return { message: { ...message, signature: await this.#sign(stableJson(message)) } }
  }
}
