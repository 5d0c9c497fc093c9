import type { ChatPosition, MessageReference } from './chat-position.ts'
import { normalizedName } from './contact-name.ts'
import type { Envelope } from './message.ts'
import type {
  EditMessageOptions,
  MessageDraft,
  MessageWriter,
  SendOptions,
  WrittenMessage,
} from './message-writer.ts'

/** What adding a message came to. */
export interface AddedMessage extends ChatPosition {
  /** False when the same message, by its hash, was there already, or is not to be: deleted, or expired. */
  readonly isNew: boolean
}

/** Messages of one's own: each is written, signed, stored, and given back to be sent. */
export abstract class OwnMessages {
  readonly #writer: MessageWriter

  constructor(writer: MessageWriter) {
    this.#writer = writer
  }

  abstract addMessage(contact: string, envelope: Envelope): Promise<AddedMessage>
  /** Throws when nothing can be written any more. */
  protected abstract assertOpen(): void
  /** Takes every text of a message away but the last. `contact` is normalised. */
  protected abstract forgetHistory(contact: string, about: MessageReference): Promise<void>

  /** Writes a message to a contact and stores it; sending it is the caller's. Throws as `addMessage`. */
  send(contact: string, text: string, { attachments }: SendOptions = {}): Promise<WrittenMessage> {
    return this.#write(contact, { type: 'NEW', text, attachments })
  }

  /** As {@link send}, in reply to a message. */
  reply(
    contact: string,
    about: MessageReference,
    text: string,
    { attachments }: SendOptions = {},
  ): Promise<WrittenMessage> {
    return this.#write(contact, { type: 'REPLY', about, text, attachments })
  }

  /** Writes a reaction to a message, such as an emoji; the newest counts, and an empty one takes it back. */
  react(contact: string, about: MessageReference, reaction: string): Promise<WrittenMessage> {
    return this.#write(contact, { type: 'REACTION', about, text: reaction })
  }

  /** Writes that a message was received, or opened. */
  receipt(
    contact: string,
    about: MessageReference,
    type: 'READ_RECEIVED' | 'READ_OPENED' = 'READ_OPENED',
  ): Promise<WrittenMessage> {
    return this.#write(contact, { type, about })
  }

  /** Asks the contact to delete a message of one's own. */
  requestDelete(contact: string, about: MessageReference): Promise<WrittenMessage> {
    return this.#write(contact, { type: 'DELETE_REQUEST', about })
  }

  /**
   * Gives a message of one's own another text. `history: 'forget'` takes every earlier text out of what is
   * stored; the default keeps them, as the messages that they were.
   */
  async edit(
    contact: string,
    about: MessageReference,
    text: string,
    { history = 'keep' }: EditMessageOptions = {},
  ): Promise<WrittenMessage> {
    const written = await this.#write(contact, { type: 'EDIT', about, text })
    if (history === 'forget') {
      await this.forgetHistory(written.envelope.message.metadata.to, about)
    }
    return written
  }

  async #write(contact: string, draft: Omit<MessageDraft, 'to'>): Promise<WrittenMessage> {
    this.assertOpen()
    const to = normalizedName(contact)
    const envelope = await this.#writer.write({ ...draft, to })
    const { timestamp, hash } = await this.addMessage(to, envelope)
    return { timestamp, hash, envelope }
  }
}
