import fs from 'node:fs/promises'
import path from 'node:path'
import { faultyLink } from '@datagram/fault-harness'
import { expect, it, onTestFinished } from 'vitest'
import {
  type Connection,
  type Datagram,
  hostDatagram,
  openDatagram,
  policies,
} from '../src/index.ts'
import {
  code,
  collect,
  eventually,
  sharedDatagram,
  temporaryClone,
  temporaryFolder,
} from './temporary-datagram.ts'

const GENEROUS = { timeout: 30_000 }

/** Somebody with two streams, each shared by a link of its own. */
async function stranger(options?: Parameters<typeof openDatagram>[1]) {
  const { datagram, link, address } = await sharedDatagram(options)
  for (const name of ['one', 'two']) await (await datagram.kv(name)).set('a', name)
  const links = { one: await datagram.share('one'), two: await datagram.share('two') }
  return { datagram, link, links, connect: [address] }
}

/** What a blind host of a datagram hears, decrypted, and what then lies on its disk. */
async function hostedBytes(datagram: Datagram): Promise<[wire: Buffer, disk: Buffer]> {
  const folder = path.join(await temporaryFolder(), 'hosted')
  const host = await hostDatagram(await datagram.share({ access: 'blind' }), folder)
  const heard: Uint8Array[] = []
  const line = faultyLink()
  await datagram.replicate(line.a, { initiator: true })
  await host.replicate(line.b, {
    initiator: false,
    tap: (_, bytes) => void heard.push(Uint8Array.from(bytes)),
  })
  await host.update()
  await host.close()
  const files = await fs.readdir(folder, { recursive: true, withFileTypes: true })
  const contents = files
    .filter((file) => file.isFile())
    .map((file) => fs.readFile(path.join(file.parentPath ?? file.path, file.name)))
  return [Buffer.concat(heard), Buffer.concat(await Promise.all(contents))]
}

const authorIn = async (datagram: Datagram, name: string) =>
  (await collect(datagram.streams())).find((one) => one.name === name)?.author

const bytesIn = async (datagram: Datagram, name: string) =>
  (await collect(datagram.streams())).find((one) => one.name === name)?.bytes

it('a mark on an author reaches streams that were attached by their own links, live, and newcomers', async () => {
  const [bad, good] = [await stranger(), await stranger()]
  const moderator = await sharedDatagram()
  const list = await moderator.datagram.moderation.share()
  const subscribe = async (datagram: Datagram) => {
    await datagram.attach(list, { name: 'list', connect: [moderator.address] })
    await datagram.moderation.honour({ labels: ['spam'], from: ['list'], evict: true })
  }
  const mine = await sharedDatagram()
  const connections: Connection[] = []
  mine.datagram.on('peer-added', (connection) => connections.push(connection))
  await mine.datagram.attach(bad.links.one, { name: 'bad', connect: bad.connect })
  await mine.datagram.attach(good.links.one, { name: 'good', connect: good.connect })
  const [toBad, toGood] = connections as [Connection, Connection]
  expect(await authorIn(mine.datagram, 'bad')).toEqual(bad.datagram.authorKey)
  expect(await authorIn(mine.datagram, 'good')).toEqual(good.datagram.authorKey)
  expect(await authorIn(mine.datagram, 'bad')).not.toEqual(good.datagram.authorKey)
  await subscribe(mine.datagram)

  // The moderator knows the author by another of the author's streams.
  await moderator.datagram.attach(bad.links.two, { name: 'seen', connect: bad.connect })
  await moderator.datagram.moderation.mark({ author: 'seen' }, 'spam', 'sells watches')
  const attached = () => [toBad, toGood].map(({ statistics }) => statistics.attached)
  await expect.poll(attached, GENEROUS).toEqual([0, 1])

  // A clone of mine hears who made the stream before it takes any of it.
  const copy = await temporaryClone(mine.link, { connect: [mine.address] })
  expect(await authorIn(copy, 'bad')).toEqual(bad.datagram.authorKey)
  expect(await bytesIn(copy, 'bad')).toBe(0)
  expect(await bytesIn(copy, 'good')).toBeGreaterThan(0)
  const newcomer = await sharedDatagram()
  await subscribe(newcomer.datagram)
  for (const link of Object.values(bad.links)) {
    const attaching = newcomer.datagram.attach(link, { name: 'theirs', connect: bad.connect })
    await expect(attaching).rejects.toMatchObject(code('STREAM_FORBIDDEN'))
  }
  await newcomer.datagram.attach(good.links.two, { name: 'fine', connect: good.connect })
  expect((await collect(newcomer.datagram.streams())).map(({ name }) => name)).toEqual([
    'fine',
    'list',
  ])

  await moderator.datagram.moderation.unmark({ author: 'seen' }, 'spam')
  await expect.poll(attached, GENEROUS).toEqual([1, 1])
})

it('the author is known after reopening, to clones, and to policies; a blind host finds no trace', async () => {
  const theirs = await stranger()
  const author = theirs.datagram.authorKey as Uint8Array
  const folder = await temporaryFolder()
  const first = await openDatagram(folder)
  await first.attach(theirs.links.one, { name: 'theirs', connect: theirs.connect })
  await first.close()
  const mine = await openDatagram(folder)
  onTestFinished(() => mine.close())
  expect(await authorIn(mine, 'theirs')).toEqual(author)
  const server = await mine.listen({ host: '127.0.0.1', port: 0 })
  const connect = [server.address()]

  const key = (await collect(mine.streams())).find(({ name }) => name === 'theirs')?.key
  const hosted = await hostedBytes(mine)
  // The positive control: the roster, which is plain, tells it the key of the stream's index.
  expect(hosted.map((all) => all.includes(Buffer.from(key ?? [])))).toEqual([true, true])
  expect(hosted.map((all) => all.includes(Buffer.from(author)))).toEqual([false, false])

  const accept = policies.not(policies.byAuthor(author))
  const copy = await temporaryClone(await mine.share(), { connect, accept })
  await (await mine.kv('own')).set('a', '1')
  await eventually(async () => ((await bytesIn(copy, 'own')) ?? 0) > 0 || undefined)
  expect(await bytesIn(copy, 'theirs')).toBe(0)
  expect(await authorIn(copy, 'own')).toEqual(mine.authorKey)
  copy.policies.use({ accept: policies.byAuthor(author) })
  await eventually(async () => ((await bytesIn(copy, 'theirs')) ?? 0) > 0 || undefined)
})

it('streams that are to name nobody do not, and no mark on an author can be made of them', async () => {
  const theirs = await stranger({ authorKey: 'none' })
  expect(theirs.datagram.authorKey).toBe(undefined)
  const mine = await sharedDatagram()
  await mine.datagram.attach(theirs.links.one, { name: 'theirs', connect: theirs.connect })
  expect(await authorIn(mine.datagram, 'theirs')).toBe(undefined)
  const marking = mine.datagram.moderation.mark({ author: 'theirs' }, 'spam')
  await expect(marking).rejects.toMatchObject(code('AUTHOR_UNKNOWN'))
  const wrong = { authorKey: 'other' as 'none' }
  await expect(openDatagram(await temporaryFolder(), wrong)).rejects.toThrow(TypeError)
})

it('a datagram that named nobody, as those of older versions, proves its author from then on', async () => {
  const folder = await temporaryFolder()
  const open = async (authorKey?: 'none') => {
    const datagram = await openDatagram(folder, { authorKey })
    onTestFinished(() => datagram.close())
    return datagram
  }
  const before = await open('none')
  await (await before.kv('old')).set('a', '1')
  await before.close()
  const theirs = await open()
  await (await theirs.kv('new')).set('a', '1')
  const connect = [(await theirs.listen({ host: '127.0.0.1', port: 0 })).address()]
  expect(await authorIn(theirs, 'old')).toEqual(theirs.authorKey)
  const copy = await temporaryClone(await theirs.share(), { connect })
  expect(await authorIn(copy, 'old')).toEqual(theirs.authorKey)

  const mine = await sharedDatagram()
  const attach = async (name: string, link: string) => {
    await mine.datagram.attach(link, { name, connect })
    return authorIn(mine.datagram, name)
  }
  // Its header is what it was, and has no author; of a stream that was made since, and of a new copy, it has.
  expect(await attach('old', await theirs.share('old'))).toBe(undefined)
  expect(await attach('new', await theirs.share('new'))).toEqual(theirs.authorKey)
  expect(await attach('keyed anew', await theirs.rekey('old'))).toEqual(theirs.authorKey)
})

it('a stream that is keyed anew proves its author again', async () => {
  const theirs = await stranger()
  const fresh = await theirs.datagram.rekey('one')
  const mine = await sharedDatagram()
  await mine.datagram.attach(fresh, { name: 'theirs', connect: theirs.connect })
  expect(await authorIn(mine.datagram, 'theirs')).toEqual(theirs.datagram.authorKey)
})
