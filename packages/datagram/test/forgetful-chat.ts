import { ALICE } from '../../chat-storage/test/chat-world.ts'
import { firstChunkKeys, firstPieces } from '../../chat-storage/test/every-piece.ts'
import type { Datagram } from '../src/index.ts'
import type { Forgetful } from './forgetful-interface.ts'

// Long ago, so that it is expired as soon as anything expires.
const WRITTEN = 1_700_000_000_000
const SIZES = [2000]
const kinds = ['deleted', 'expired', 'edited'] as const
type Kind = (typeof kinds)[number]

// Each in a conversation of its own, so that each is the first piece of its container.
const contactOf = (kind: Kind, { length }: { readonly length: number }) => `${kind}-${length}.eth`
const chatOf = (datagram: Datagram) => datagram.chat('chat', ALICE)

const chunkKeys = kinds.flatMap((kind) =>
  SIZES.flatMap((length) => firstChunkKeys(contactOf(kind, { length }), WRITTEN)),
)

async function firstOf(datagram: Datagram, contact: string) {
  for await (const message of (await chatOf(datagram)).messages(contact, { order: 'oldest' })) {
    return message
  }
  return undefined
}

async function forget(kind: Kind, datagram: Datagram, contact: string): Promise<void> {
  const chat = await chatOf(datagram)
  const message = await firstOf(datagram, contact)
  if (message === undefined) return
  if (kind === 'edited') await chat.edit(contact, message, 'harmless', { history: 'forget' })
  else if (kind === 'expired') {
    await chat.expireAfter(contact, 1000)
    await chat.expire()
  } else await chat.delete(contact, message)
}

/** Messages of chats: deleted, expired, edited. */
export const forgetfulChats: readonly Forgetful[] = kinds.map((kind) => ({
  name: `a message that is ${kind}`,
  stream: 'chat',
  sizes: SIZES,
  store: async (datagram, secret) => {
    const contact = contactOf(kind, secret)
    const metadata = { type: 'NEW', from: ALICE.account, to: contact, timestamp: WRITTEN }
    await (await chatOf(datagram)).addMessage(contact, { message: { message: secret, metadata } })
  },
  forget: (datagram, secret) => forget(kind, datagram, contactOf(kind, secret)),
  has: async (datagram, secret) =>
    (await firstOf(datagram, contactOf(kind, secret)))?.envelope.message.message === secret,
  // One of them does it for all.
  ...(kind === 'deleted' ? { unseal: (block) => firstPieces(block, chunkKeys) } : {}),
}))
