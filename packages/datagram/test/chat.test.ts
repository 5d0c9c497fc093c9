import { expect, it } from 'vitest'
import { databaseBackend, openChat } from '@datagram/chat-storage'
import { TestClock } from '../../chat-storage/test/test-clock.ts'
import { code, collect, eventually, sharedDatagram, temporaryClone } from './temporary-datagram.ts'

const ALICE = {
  account: 'alice.eth',
  sign: () => 'signature',
  storageKey: new Uint8Array(32).fill(1),
}

function hello(timestamp: number, message: string) {
  const metadata = { type: 'NEW', from: 'alice.eth', to: 'bob.eth', timestamp }
  return { message: { message, metadata } }
}

it('chats of a datagram are in its clones, and follow', async () => {
  const { datagram, link, address } = await sharedDatagram()
  const chat = await datagram.chat('inbox', ALICE)
  await chat.addMessage('bob.eth', hello(1, 'one'))
  const copy = await temporaryClone(link, { connect: [address] })
  const theirs = await copy.chat('inbox', ALICE)
  const texts = async () => {
    const messages = await collect(theirs.messages('BOB.eth'))
    return messages.map(({ envelope }) => envelope.message.message)
  }
  expect(await texts()).toEqual(['one'])
  await chat.addMessage('bob.eth', hello(2, 'two'))
  await eventually(async () => {
    await copy.update()
    return (await texts()).length === 2 ? true : undefined
  })
  expect(await texts()).toEqual(['two', 'one'])
})

it('a key/value store of a datagram keeps chats as a database', async () => {
  const { datagram } = await sharedDatagram()
  const kv = await datagram.kv('chats', { valueEncoding: 'binary' })
  const chat = await openChat({ ...ALICE, backend: databaseBackend(kv) })
  await chat.addMessages('bob.eth', [hello(1, 'one'), hello(2, 'two')])
  await chat.close()
  const again = await openChat({ ...ALICE, backend: databaseBackend(kv) })
  expect(await again.count('bob.eth')).toBe(2)
})

it('messages of a datagram expire without a call, with what is attached to them', async () => {
  const { datagram } = await sharedDatagram()
  const clock = new TestClock()
  const chat = await datagram.chat('inbox', { ...ALICE, clock })
  const { reference } = await chat.attach(new Uint8Array(300_000))
  await chat.send('bob.eth', 'look', { attachments: [reference] })
  await chat.expireAfter('bob.eth', 1000)
  clock.pass(1001)
  await eventually(async () => {
    clock.pass(0)
    return (await chat.count('bob.eth')) === 0 ? true : undefined
  })
  await expect(collect(chat.attachment(reference))).rejects.toMatchObject(
    code('CHAT_ATTACHMENT_MISSING'),
  )
  await datagram.close()
  expect(clock.waiting).toBe(0)
})

it('a chat moves from a database into a datagram, and with a clone to another service', async () => {
  const { datagram, link, address } = await sharedDatagram()
  const kv = await datagram.kv('chats', { valueEncoding: 'binary' })
  const before = await openChat({ ...ALICE, backend: databaseBackend(kv) })
  await before.addMessages('bob.eth', [hello(1, 'one'), hello(2, 'two')])
  const { reference } = await before.attach(new Uint8Array(300_000).fill(1))
  await before.send('bob.eth', 'look', { attachments: [reference] })
  await before.moveTo(await datagram.chat('inbox', ALICE))
  expect(await collect(before.conversations())).toEqual([])
  const copy = await temporaryClone(link, { connect: [address] })
  const elsewhere = { ...ALICE, storageKey: new Uint8Array(32).fill(2), mode: 'dm3' } as const
  const service = await openChat({ ...elsewhere, backend: databaseBackend(databaseOf(new Map())) })
  const copied = await service.import(await copy.chat('inbox', ALICE))
  expect(copied).toEqual({ messages: 3, attachments: 1 })
  const parts = await collect(service.attachment(reference))
  expect(parts.reduce((bytes, part) => bytes + part.byteLength, 0)).toBe(300_000)
})

function databaseOf(values: Map<string, Uint8Array>) {
  return {
    get: (key: string) => values.get(key),
    set: (key: string, value: Uint8Array) => void values.set(key, value),
    del: (key: string) => void values.delete(key),
  }
}
