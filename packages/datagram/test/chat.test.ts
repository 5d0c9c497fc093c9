import { expect, it } from 'vitest'
import { databaseBackend, openChat } from '@datagram/chat-storage'
import { collect, eventually, sharedDatagram, temporaryClone } from './temporary-datagram.ts'

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
