import path from 'node:path'
import { Random } from '@datagram/fault-harness'
import { expect, it, onTestFinished } from 'vitest'
import { type Chat, cloneDatagram, type Datagram, hostDatagram } from '../src/index.ts'
import { collect, sharedDatagram, temporaryClone, temporaryFolder } from './temporary-datagram.ts'

const ALICE = {
  account: 'alice.eth',
  sign: () => 'signature',
  storageKey: new Uint8Array(32).fill(1),
}
const BYTES = 1024 * 1024
const random = new Random(Date.now())

async function has(datagram: Datagram, reference: string): Promise<boolean> {
  const chat = await datagram.chat('inbox', ALICE)
  const parts = await collect(chat.attachment(reference)).catch((error: unknown) => {
    expect(error).toMatchObject({ code: 'CHAT_ATTACHMENT_MISSING' })
    return []
  })
  return parts.reduce((bytes, part) => bytes + part.byteLength, 0) === BYTES
}

const ways: Readonly<Record<string, (chat: Chat, hash: string) => Promise<unknown>>> = {
  deleted: (chat, hash) => chat.delete('bob.eth', { hash }),
  expired: async (chat) => {
    await chat.expireAfter('bob.eth', 0)
    // Messages of this very millisecond are not expired.
    await expect
      .poll(() => chat.expire().then(() => chat.count('bob.eth')), { timeout: 30_000 })
      .toBe(0)
  },
}

it.each(Object.entries(ways))(
  'what is attached to a message that is %s is on no replica any more',
  async (_, forget) => {
    const { datagram, link, address } = await sharedDatagram()
    const connect = [address]
    const chat = await datagram.chat('inbox', ALICE)
    await chat.send('max.eth', 'beside it')
    const { reference } = await chat.attach(random.bytes(BYTES), { name: 'photo.jpg' })
    const { hash } = await chat.send('bob.eth', 'look', { attachments: [reference] })
    const copy = await temporaryClone(link, { connect })
    const blind = await datagram.share({ access: 'blind' })
    const folder = path.join(await temporaryFolder(), 'hosted')
    const host = await hostDatagram(blind, folder, { connect })
    onTestFinished(() => host.close())
    await host.update()
    expect(await has(copy, reference)).toBe(true)
    const stores = [datagram, copy, host]
    const bytesOf = async (store: (typeof stores)[number]) => {
      await store.update()
      await store.compact()
      return (await store.usage()).diskBytes
    }
    const before = await Promise.all(stores.map(bytesOf))
    await forget(chat, hash)
    for (const [i, store] of stores.entries()) {
      const left = (before[i] as number) - 0.9 * BYTES
      await expect.poll(() => bytesOf(store), { timeout: 60_000 }).toBeLessThan(left)
    }
    for (const store of [datagram, copy]) expect(await has(store, reference)).toBe(false)
    const late = await cloneDatagram(link, path.join(await temporaryFolder(), 'late'), { connect })
    onTestFinished(() => late.close())
    expect(await has(late, reference)).toBe(false)
    expect(await (await late.chat('inbox', ALICE)).count('max.eth')).toBe(1)
    expect((await late.verify()).problems).toEqual([])
  },
)
