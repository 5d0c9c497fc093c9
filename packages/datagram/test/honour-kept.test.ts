import path from 'node:path'
import { discoveryKeyOf } from '@datagram/log-core'
import { expect, it, onTestFinished } from 'vitest'
import { type Datagram, openDatagram, type OpenDatagramOptions } from '../src/index.ts'
import { sharedDatagram, temporaryFolder } from './temporary-datagram.ts'

const GENEROUS = { timeout: 30_000 }

/** A datagram that has attached a list and a stream of one author, and honours the list. */
async function subscribed() {
  const moderator = await sharedDatagram()
  const author = await sharedDatagram()
  await (await author.datagram.kv('talk')).set('a', '1')
  const folder = path.join(await temporaryFolder(), 'mine')
  const open = async (options?: OpenDatagramOptions) => {
    const mine = await openDatagram(folder, options)
    onTestFinished(() => mine.close())
    return mine
  }
  const mine = await open()
  const list = await moderator.datagram.moderation.share()
  const link = await author.datagram.share('talk')
  await mine.attach(list, { name: 'list', connect: [moderator.address] })
  await mine.attach(link, { name: 'talk', connect: [author.address] })
  await moderator.datagram.moderation.mark(link, 'spam')
  return { mine, moderator, author, link, open }
}

it('what is honoured holds after reopening, from the first connection on, until it is taken back', async () => {
  const { mine, moderator, author, open } = await subscribed()
  expect(mine.moderation.honoured).toBe(undefined)
  await mine.moderation.honour({ labels: ['spam'], from: ['list'], evict: true })
  const honoured = { labels: ['spam'], from: ['list'], evict: true }
  expect(mine.moderation.honoured).toEqual(honoured)
  // The mark is here before all is closed.
  await expect.poll(() => mine.update().then(() => bytesHere(mine)), GENEROUS).toBe(0)
  await mine.close()

  const again = await open()
  expect(again.moderation.honoured).toEqual(honoured)
  const attached: Uint8Array[] = []
  again.on('stream-attached', (_, id) => attached.push(id))
  const connection = await again.connect(author.address)
  await expect(connection.want(await idOfTalk(again))).rejects.toMatchObject({
    code: 'STREAM_FORBIDDEN',
  })
  expect(attached).toEqual([])
  // The list is followed too: what it takes back comes back.
  await again.connect(moderator.address)
  await moderator.datagram.moderation.unmark(await author.datagram.share('talk'), 'spam')
  await again.update().catch(() => undefined)
  const comesBack = async () => {
    await connection.want(await idOfTalk(again)).catch(() => undefined)
    return attached.length
  }
  await expect.poll(comesBack, GENEROUS).toBeGreaterThan(0)

  await again.moderation.honour({ labels: [] })
  expect(again.moderation.honoured).toBe(undefined)
  await again.close()
  const last = await open()
  expect(last.moderation.honoured).toBe(undefined)
})

it('a list that has left is passed over when the datagram is opened, and said', async () => {
  const { mine, open } = await subscribed()
  const mistyped = mine.moderation.honour({ labels: ['spam'], from: ['lits'] })
  await expect(mistyped).rejects.toMatchObject({ code: 'STREAM_NOT_FOUND' })
  expect(mine.moderation.honoured).toBe(undefined)
  await mine.moderation.honour({ labels: ['spam'], from: ['list'] })
  await mine.detach('list')
  await mine.close()
  const warnings: string[] = []
  const logger = { debug: () => undefined, warn: (text: string) => void warnings.push(text) }
  const again = await open({ logger })
  expect(warnings).toHaveLength(1)
  expect(await (await again.kv('talk')).get('a')).toBe('1')
})

async function idOfTalk(mine: Datagram): Promise<Uint8Array> {
  for await (const { name, key } of mine.streams()) if (name === 'talk') return discoveryKeyOf(key)
  throw new Error('there is no such stream')
}

async function bytesHere(mine: Datagram): Promise<number | undefined> {
  const { streams } = await mine.usage()
  return streams.find(({ name }) => name === 'talk')?.diskBytes
}
