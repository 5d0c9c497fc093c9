import { randomBytes } from 'node:crypto'
import type { Datagram, Kv } from 'datagram'
import type { Card } from './card.ts'

type Settings = Kv<string, string>

/** What is known of a contact. */
export interface Contact {
  readonly name: string
  /** Opens what is written to them. */
  readonly key: string
  /** Theirs, once they gave it. */
  readonly card?: Card | undefined
}

/** Keys, contacts and the port, kept in the datagram. */
export class AddressBook {
  readonly #settings: Settings

  private constructor(settings: Settings) {
    this.#settings = settings
  }

  static async open(datagram: Datagram): Promise<AddressBook> {
    return new AddressBook(await datagram.kv('settings'))
  }

  /** Opens one's own history. */
  async ownKey(): Promise<string> {
    const known = await this.#settings.get('key')
    if (known !== undefined) return known
    const key = randomBytes(32).toString('hex')
    await this.#settings.set('key', key)
    return key
  }

  /** The port of the last time, where others look; 0: none yet. */
  async port(): Promise<number> {
    return Number((await this.#settings.get('port')) ?? 0)
  }

  async setPort(port: number): Promise<void> {
    await this.#settings.set('port', String(port))
  }

  async contact(name: string): Promise<Contact> {
    const known = await this.#settings.get(`contact:${name}`)
    if (known !== undefined) return JSON.parse(known) as Contact
    const contact = { name, key: randomBytes(32).toString('hex') }
    await this.setContact(contact)
    return contact
  }

  async setContact(contact: Contact): Promise<void> {
    await this.#settings.set(`contact:${contact.name}`, JSON.stringify(contact))
  }

  async *contacts(): AsyncGenerator<Contact> {
    for await (const [, value] of this.#settings.entries({ prefix: 'contact:' })) {
      yield JSON.parse(value) as Contact
    }
  }
}
