import type { Chat, Datagram } from 'datagram'
import { account } from './account.ts'
import { AddressBook } from './address-book.ts'
import { type Card, decodeCard } from './card.ts'
import { Correspondence } from './correspondence.ts'
import type { Transcript } from './transcript.ts'

const HELP = `/invite NAME      show a card to give to NAME
/accept CARD      take somebody's card
/to NAME          write to NAME
/history          what was said lately
/search WORDS     what was said with these words
/edit N TEXT      change message N
/react N EMOJI    say something about message N
/delete N         take message N away; one's own goes for both
/quit             anything else is said`

type Command = (rest: string) => Promise<unknown>

/** Somebody who chats. */
export class TerminalChat {
  readonly #datagram: Datagram
  readonly #book: AddressBook
  readonly #history: Chat
  readonly #transcript: Transcript
  readonly #address: Card['address']
  readonly #correspondences = new Map<string, Correspondence>()
  readonly #commands: Readonly<Record<string, Command>>
  #to: Correspondence | undefined

  private constructor(
    datagram: Datagram,
    parts: {
      readonly book: AddressBook
      readonly history: Chat
      readonly transcript: Transcript
      readonly address: Card['address']
    },
  ) {
    this.#datagram = datagram
    this.#book = parts.book
    this.#history = parts.history
    this.#transcript = parts.transcript
    this.#address = parts.address
    this.#commands = {
      help: async () => this.#transcript.say(HELP),
      invite: (name) => this.#invite(name),
      accept: (card) => this.#accept(decodeCard(card)),
      to: async (name) => {
        this.#to = await this.#with(name)
      },
      history: () => this.#showHistory(),
      search: (words) => this.#search(words),
      edit: (rest) => this.#edit(rest),
      react: (rest) => this.#react(rest),
      delete: (number) => this.#delete(number),
    }
  }

  /** Shows what was said, and what comes from now on. */
  static async open(
    datagram: Datagram,
    name: string,
    transcript: Transcript,
  ): Promise<TerminalChat> {
    const book = await AddressBook.open(datagram)
    const history = await datagram.chat('history', account(name, await book.ownKey()))
    const address = await listening(datagram, book)
    const chat = new TerminalChat(datagram, { book, history, transcript, address })
    await chat.#showHistory()
    chat.#follow(chat.#tell())
    for await (const contact of book.contacts()) {
      chat.#to = await chat.#with(contact.name)
      if (contact.card !== undefined) chat.#meet(chat.#to, contact.card)
    }
    return chat
  }

  /** Does what a line says. */
  async line(line: string): Promise<void> {
    const [, command, rest = ''] = /^\/(\w+)\s*(.*)$/.exec(line) ?? []
    try {
      if (command === undefined) await this.#say(line)
      else await (this.#commands[command] ?? this.#commands['help'])?.(rest)
    } catch (error) {
      this.#transcript.say(`! ${(error as Error).message}`)
    }
  }

  async #with(name: string): Promise<Correspondence> {
    const known = this.#correspondences.get(name)
    if (known !== undefined) return known
    const contact = await this.#book.contact(name)
    const opened = await Correspondence.open(this.#datagram, contact, this.#history)
    this.#correspondences.set(name, opened)
    return opened
  }

  async #invite(name: string): Promise<void> {
    this.#to = await this.#with(name)
    this.#transcript.say(`card for ${name}: ${await this.#to.card(this.#address)}`)
  }

  async #accept(card: Card): Promise<void> {
    const isInvited = this.#correspondences.has(card.from)
    const correspondence = await this.#with(card.from)
    this.#to = correspondence
    await correspondence.attach(card)
    await this.#book.setContact({ ...correspondence.contact, card })
    this.#follow(correspondence.receive(card))
    this.#transcript.say(`${card.from} can be heard`)
    if (!isInvited) await this.#invite(card.from)
  }

  /** Connects to a contact of old, who may be away and come later. */
  #meet(correspondence: Correspondence, card: Card): void {
    this.#follow(correspondence.receive(card))
    this.#datagram.connect(card.address).catch(() => {
      this.#transcript.say(`${card.from} is away`)
    })
  }

  async #say(text: string): Promise<void> {
    if (text.trim() === '') return
    if (this.#to === undefined) throw new Error('say to whom: /invite NAME, or /accept CARD')
    await this.#to.give(await this.#history.send(this.#to.contact.name, text))
  }

  async #edit(rest: string): Promise<void> {
    const [number = '', text = ''] = split(rest)
    const { contact, message } = this.#transcript.at(number)
    const correspondence = await this.#with(contact)
    await correspondence.give(await this.#history.edit(contact, message, text), message)
  }

  async #react(rest: string): Promise<void> {
    const [number = '', emoji = ''] = split(rest)
    const { contact, message } = this.#transcript.at(number)
    const correspondence = await this.#with(contact)
    await correspondence.give(await this.#history.react(contact, message, emoji), message)
  }

  async #delete(number: string): Promise<void> {
    const { contact, message } = this.#transcript.at(number)
    await this.#history.delete(contact, message)
    const isOwn = message.envelope.message.metadata.from === this.#history.account
    if (isOwn) await (await this.#with(contact)).takeBack(message)
  }

  async #showHistory(): Promise<void> {
    for await (const { contact } of this.#history.conversations()) {
      const lately = { around: Date.now(), limit: 20 }
      for await (const message of this.#history.messages(contact, lately)) {
        this.#transcript.show(contact, message)
      }
    }
  }

  async #search(words: string): Promise<void> {
    let found = 0
    for await (const message of this.#history.search(words, { limit: 20 })) {
      this.#transcript.show(message.contact, message)
      found++
    }
    this.#transcript.say(`${found} found`)
  }

  /** Tells what changes, and the others that it was read. */
  async #tell(): Promise<void> {
    for await (const change of this.#history.watch()) {
      this.#transcript.tell(change)
      if (change.type !== 'added') continue
      const { contact, message } = change
      if (message.envelope.message.metadata.from === this.#history.account) continue
      const correspondence = await this.#with(contact)
      await correspondence.give(await this.#history.receipt(contact, message), message)
    }
  }

  // It goes on until the datagram is closed, which is no failure.
  #follow(work: Promise<void>): void {
    work.catch((error: unknown) => {
      const { code, message } = error as Error & { readonly code?: string }
      if (code !== 'STREAM_CLOSED') this.#transcript.say(`! ${message}`)
    })
  }
}

async function listening(datagram: Datagram, book: AddressBook): Promise<Card['address']> {
  const host = '127.0.0.1'
  const listen = (port: number) => datagram.listen({ host, port })
  // Somebody else may have taken it meanwhile.
  const server = await listen(await book.port()).catch(() => listen(0))
  const address = server.address()
  if (!('port' in address)) throw new Error('this listens on no port')
  await book.setPort(address.port)
  return { host, port: address.port }
}

function split(rest: string): string[] {
  return /^(\S+)\s+(.*)$/.exec(rest)?.slice(1) ?? [rest]
}
