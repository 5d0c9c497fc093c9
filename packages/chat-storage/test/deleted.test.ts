import { describe, expect, it } from 'vitest'
import { DELETED_MAX, DeletedMessages } from '../src/deleted-messages.ts'
import { ChatDevices, openChat } from '../src/index.ts'
import { ALICE, envelope, texts } from './chat-world.ts'
import { MemoryBackend } from './memory-backend.ts'

const openAlice = (backend = new MemoryBackend()) => openChat({ ...ALICE, backend })

describe('a message that was deleted', () => {
  it('is not new when it is delivered again, also after the chat was opened anew', async () => {
    const backend = new MemoryBackend()
    const one = envelope(5, 'not again')
    const before = await openAlice(backend)
    const { hash } = await before.addMessage('bob.eth', one)
    await before.addMessage('bob.eth', envelope(6, 'beside it'))
    expect(await before.delete('bob.eth', { hash })).toBe(true)
    expect(await before.addMessage('bob.eth', one)).toMatchObject({ hash, isNew: false })
    await before.close()
    const chat = await openAlice(backend)
    expect(await chat.addMessages('bob.eth', [one, envelope(7, 'new')])).toMatchObject([
      { isNew: false },
      { isNew: true },
    ])
    expect(await texts(chat, 'bob.eth')).toEqual(['beside it', 'new'])
    // In another conversation it was not deleted.
    expect(await chat.addMessage('max.eth', one)).toMatchObject({ isNew: true })
  })

  it('takes with it what is said about it, before and later', async () => {
    const [alice, bob] = [await openAlice(), await openAlice()]
    const sent = await bob.send('bob.eth', 'a secret')
    await alice.addMessage('bob.eth', sent.envelope)
    const early = await bob.edit('bob.eth', sent, 'a secret, said better')
    await alice.addMessage('bob.eth', early.envelope)
    await alice.delete('bob.eth', sent)
    const late = await bob.edit('bob.eth', sent, 'a secret, said worse')
    for (const { envelope } of [early, late]) {
      expect(await alice.addMessage('bob.eth', envelope)).toMatchObject({ isNew: false })
    }
    expect(await alice.count('bob.eth')).toBe(0)
  })

  it('is an edit that was forgotten, too', async () => {
    const chat = await openAlice()
    const sent = await chat.send('bob.eth', 'typo')
    const edited = await chat.edit('bob.eth', sent, 'another typo')
    await chat.edit('bob.eth', sent, 'no typo', { history: 'forget' })
    expect(await chat.addMessage('bob.eth', edited.envelope)).toMatchObject({ isNew: false })
    expect(await texts(chat, 'bob.eth', { notes: true })).toEqual(['no typo'])
  })

  it('is shown on none of the devices, whichever of them has a copy', async () => {
    const [phone, laptop] = [await openAlice(), await openAlice()]
    const one = envelope(5, 'on both')
    for (const chat of [phone, laptop]) await chat.addMessage('bob.eth', one)
    await laptop.addMessage('bob.eth', envelope(6, 'beside it'))
    const { hash } = await phone.addMessage('bob.eth', one)
    await laptop.react('bob.eth', { hash }, '👍')
    await phone.delete('bob.eth', { hash })
    for (const devices of [new ChatDevices(phone, [laptop]), new ChatDevices(laptop, [phone])]) {
      const found: string[] = []
      for await (const { text } of devices.messages('bob.eth', { notes: true })) found.push(text)
      expect(found).toEqual(['beside it'])
      expect(await devices.count('bob.eth')).toBe(1)
    }
  })

  it('may be on another device alone, or not have come yet', async () => {
    const [phone, laptop] = [await openAlice(), await openAlice()]
    const one = envelope(5, 'on the laptop')
    const { hash } = await laptop.addMessage('bob.eth', one)
    expect(await phone.delete('bob.eth', { hash })).toBe(false)
    expect(await new ChatDevices(phone, [laptop]).count('bob.eth')).toBe(0)
    expect(await phone.addMessage('bob.eth', one)).toMatchObject({ isNew: false })
    for await (const listed of phone.conversations()) expect(listed).toBeUndefined()
  })

  it('is remembered for so many, the newest', () => {
    const hashes = Array.from({ length: DELETED_MAX + 1 }, (_, i) => `0x${i}`)
    const deleted = DeletedMessages.none.with('bob.eth', hashes)
    const again = DeletedMessages.decode('0x', deleted.encode())
    expect(again.has('bob.eth', '0x0')).toBe(false)
    expect(hashes.slice(1).every((hash) => again.has('bob.eth', hash))).toBe(true)
    expect(again.encode().byteLength).toBe(65_536)
  })
})
