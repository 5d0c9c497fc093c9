import type { ChatChange, ChatMessage } from 'datagram'

/** A message that was shown, under its number. */
export interface ShownMessage {
  readonly contact: string
  readonly message: ChatMessage
}

/** What stands in the terminal. Messages have numbers, by which commands speak of them. */
export class Transcript {
  readonly #write: (line: string) => void
  readonly #shown: ShownMessage[] = []

  constructor(write: (line: string) => void) {
    this.#write = write
  }

  say(line: string): void {
    this.#write(line)
  }

  /** A message with what is known of it. */
  show(contact: string, message: ChatMessage): void {
    const { from } = message.envelope.message.metadata
    const marks = message.reactions.map((one) => one.message).join('')
    const edited = message.editedAt === undefined ? '' : ' (edited)'
    this.#write(
      `[${this.#numberOf(contact, message)}] ${from}: ${message.text}${edited} ${marks}`.trimEnd(),
    )
  }

  /** What happened. */
  tell(change: ChatChange): void {
    if (change.type === 'deleted') {
      const { hash } = change.position
      const number = this.#shown.findIndex(({ message }) => message.hash === hash) + 1
      if (number > 0) this.#write(`[${number}] is deleted`)
      return
    }
    const { contact, message } = change
    if (change.type === 'added') {
      this.show(contact, message)
      return
    }
    const { from, message: text, type } = change.note
    const said = {
      edited: `${from} now says: ${text ?? ''}`,
      reaction: `${from} reacts: ${text ?? ''}`,
      receipt: type === 'READ_OPENED' ? `read by ${from}` : `came to ${from}`,
      'delete-requested': `${from} asks to delete it`,
    }[change.type]
    this.#write(`[${this.#numberOf(contact, message)}] ${said}`)
  }

  /** The message with this number. Throws where there is none. */
  at(number: string): ShownMessage {
    const shown = this.#shown[Number(number) - 1]
    if (shown === undefined) throw new Error(`there is no message ${number}`)
    return shown
  }

  #numberOf(contact: string, message: ChatMessage): number {
    const place = this.#shown.findIndex((one) => one.message.hash === message.hash)
    return place === -1 ? this.#shown.push({ contact, message }) : place + 1
  }
}
