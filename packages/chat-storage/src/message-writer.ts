import type { ChatClock } from './chat-clock.ts'
import type { ChatPosition, MessageReference } from './chat-position.ts'
import type { Envelope, MessageType } from './message.ts'
import { stableJson } from './stable-json.ts'

/** A message of one's own: stored, and to be sent to the contact. */
export interface WrittenMessage extends ChatPosition {
  readonly envelope: Envelope
}

/** What a message has beside its text. */
export interface SendOptions {
  /** As dm3 has them: texts that say what is attached, such as the `reference` that `Chat.attach` gives. */
  readonly attachments?: readonly string[] | undefined
}

/** How a message is edited. */
export interface EditMessageOptions {
  /** Default `keep`. */
  readonly history?: 'keep' | 'forget' | undefined
}

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
  readonly #clock: ChatClock
  #last = 0

  constructor(account: string, sign: (text: string) => string | Promise<string>, clock: ChatClock) {
    this.#account = account
    this.#sign = sign
    this.#clock = clock
  }

  /** An envelope with the signature of the message's JSON, as dm3 has it, without that of the envelope. */
  async write({ type, to, text = '', about, attachments }: MessageDraft): Promise<Envelope> {
    this.#last = Math.max(this.#clock.now(), this.#last + 1)
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
