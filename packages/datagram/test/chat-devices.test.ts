import { messageHash } from '@datagram/chat-storage'
import { type Random, seededRun } from '@datagram/fault-harness'
import { expect, it } from 'vitest'
import { type Chat, ChatDevices, type Connection, type Datagram } from '../src/index.ts'
import { collect, sharedDatagram } from './temporary-datagram.ts'

const ALICE = {
  account: 'alice.eth',
  sign: () => 'signature',
  storageKey: new Uint8Array(32).fill(1),
}
const CONTACTS = ['bob.eth', 'max.eth']

/** A datagram on loopback with a chat of its own, and what it has of the other one. */
async function device(name: string) {
  const { datagram, address } = await sharedDatagram()
  const chat = await datagram.chat(name, ALICE)
  const connections: Connection[] = []
  datagram.on('peer-added', (connection) => connections.push(connection))
  const part = () => Promise.all(connections.splice(0).map((connection) => connection.close()))
  return { name, datagram, address, chat, part }
}

type Device = Awaited<ReturnType<typeof device>>

async function attach(mine: Device, theirs: Device): Promise<ChatDevices> {
  const link = await theirs.datagram.share(theirs.name)
  await mine.datagram.attach(link, { name: theirs.name, connect: [theirs.address] })
  return new ChatDevices(mine.chat, [await mine.datagram.chat(theirs.name, ALICE)])
}

/** Gives messages to one device, the other or both; says by contact what there is to be. */
class Writing {
  readonly #random: Random
  readonly #chats: readonly Chat[]
  readonly #written = new Map<string, Set<string>>()

  constructor(random: Random, chats: readonly Chat[]) {
    this.#random = random
    this.#chats = chats
  }

  async some(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const contact = this.#random.pick(CONTACTS)
      const timestamp = this.#random.between(0, 50)
      const metadata = { type: 'NEW', from: 'alice.eth', to: contact, timestamp }
      const message = { message: `text ${this.#random.between(0, 200)}`, metadata }
      const both = this.#random.chance(0.3)
      for (const chat of both ? this.#chats : [this.#random.pick(this.#chats)]) {
        await chat.addMessage(contact, { message })
      }
      const known = this.#written.get(contact) ?? new Set<string>()
      known.add(placed(timestamp, messageHash(message)))
      this.#written.set(contact, known)
    }
  }

  expected(): string[] {
    return CONTACTS.flatMap((contact) => [...(this.#written.get(contact) ?? [])].sort())
  }
}

const placed = (timestamp: number, hash: string) => `${String(timestamp).padStart(3, '0')} ${hash}`

/** What a device shows, oldest first, once all that was written has come. */
async function expectShown(
  { datagram }: { readonly datagram: Datagram },
  devices: ChatDevices,
  expected: readonly string[],
): Promise<void> {
  const shown = async () => {
    await datagram.update()
    const found: string[] = []
    for (const contact of CONTACTS) {
      for (const { timestamp, hash } of await collect(
        devices.messages(contact, { order: 'oldest' }),
      )) {
        found.push(placed(timestamp, hash))
      }
    }
    return found
  }
  await expect.poll(shown, { timeout: 60_000 }).toEqual(expected)
}

it('two devices that wrote while apart meet, and show equal histories', async () => {
  await seededRun(async (random) => {
    const [phone, laptop] = [await device('phone'), await device('laptop')]
    const writing = new Writing(random, [phone.chat, laptop.chat])
    await writing.some(60)
    const asPhone = await attach(phone, laptop)
    const asLaptop = await attach(laptop, phone)
    await expectShown(phone, asPhone, writing.expected())
    await expectShown(laptop, asLaptop, writing.expected())
    // Apart once more, and together again.
    await Promise.all([phone.part(), laptop.part()])
    await writing.some(60)
    await phone.datagram.connect(laptop.address)
    await expectShown(phone, asPhone, writing.expected())
    await expectShown(laptop, asLaptop, writing.expected())
  })
})
