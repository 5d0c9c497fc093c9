import type { Chat, ChatMessage, Datagram } from 'datagram'
import { account } from './account.ts'
import type { Contact } from './address-book.ts'
import { type Card, encodeCard } from './card.ts'

type Address = Card['address']
type Written = Awaited<ReturnType<Chat['send']>>

/**
 * What two people write to each other: a stream of one's own that the other attaches, and theirs, from which all
 * goes into one's own history.
 */
export class Correspondence {
  readonly contact: Contact
  readonly #datagram: Datagram
  readonly #me: string
  readonly #history: Chat
  readonly #outbox: Chat
  #until = 0

  private constructor(
    datagram: Datagram,
    parts: { readonly contact: Contact; readonly history: Chat; readonly outbox: Chat },
  ) {
    this.contact = parts.contact
    this.#datagram = datagram
    this.#me = parts.history.account
    this.#history = parts.history
    this.#outbox = parts.outbox
  }

  static async open(datagram: Datagram, contact: Contact, history: Chat): Promise<Correspondence> {
    const options = account(history.account, contact.key)
    const outbox = await datagram.chat(`to ${contact.name}`, options)
    return new Correspondence(datagram, { contact, history, outbox })
  }

  /** What the contact has to be given. */
  async card(address: Address): Promise<string> {
    const link = await this.#datagram.share(`to ${this.contact.name}`)
    return encodeCard({ from: this.#me, link, key: this.contact.key, address })
  }

  /** Gives the contact what was written to the history, with the message that it is about. */
  async give({ envelope }: Written, about?: ChatMessage): Promise<void> {
    const envelopes = [...(about === undefined ? [] : [about.envelope]), envelope]
    await this.#outbox.addMessages(this.contact.name, envelopes)
  }

  /** Takes a message out of what the contact is given. */
  async takeBack(message: { readonly hash: string }): Promise<void> {
    await this.#outbox.delete(this.contact.name, message)
  }

  /** Attaches the contact's stream for the first time. */
  async attach({ link, address }: Card): Promise<void> {
    await this.#datagram.attach(link, { name: `from ${this.contact.name}`, connect: [address] })
  }

  /** Takes what the contact wrote into the history, for as long as the datagram is open. */
  async receive(card: Card): Promise<void> {
    const { name } = this.contact
    const inbox = await this.#datagram.chat(`from ${name}`, account(card.from, card.key))
    // Watched from before all is looked at, so that nothing falls between.
    const changes = inbox.watch(this.#me)
    await this.#take(inbox)
    for await (const change of changes) {
      if (change.type === 'deleted') {
        await this.#history.delete(name, change.position)
        await this.takeBack(change.position)
      } else await this.#take(inbox)
    }
  }

  async #take(inbox: Chat): Promise<void> {
    const news: Written['envelope'][] = []
    const after = this.#until
    for await (const { envelope, timestamp } of inbox.messages(this.#me, { after, notes: true })) {
      news.push(envelope)
      // Among them are one's own that something is said about, and the clocks may differ.
      if (envelope.message.metadata.from === this.contact.name) this.#until = timestamp
    }
    await this.#history.addMessages(this.contact.name, news)
  }
}
