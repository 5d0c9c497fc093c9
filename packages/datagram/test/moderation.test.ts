import { expect, it } from 'vitest'
import { type Connection, type Datagram, defineInterface } from '../src/index.ts'
import { code, collect, sharedDatagram, temporaryClone } from './temporary-datagram.ts'

const GENEROUS = { timeout: 30_000 }

const chat = defineInterface({
  name: 'chat',
  contract: 1,
  version: 1,
  open: (stream) => ({
    say: (text: string) => stream.write((tx) => tx.append(text).n),
    count: () => stream.count(),
  }),
})

/** Somebody whose chat is shared. */
async function stranger() {
  const { datagram, address } = await sharedDatagram()
  const talk = await datagram.open('talk', chat)
  await talk.say('hello')
  return { datagram, talk, connect: [address], link: await datagram.share('talk') }
}

const plainBytes = ({ statistics }: Connection) =>
  statistics.plainBytesIn + statistics.plainBytesOut

/** Resolves with the plain bytes of a connection when none has crossed it for a while. */
async function quietBytes(connection: Connection): Promise<number> {
  for (let before = -1; ; ) {
    if (plainBytes(connection) === before) return before
    before = plainBytes(connection)
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

async function updated(datagram: Datagram, name: string): Promise<number> {
  await datagram.update().catch(() => undefined)
  return (await datagram.open(name, chat)).count()
}

const bytesOf = async (datagram: Datagram, name: string) =>
  (await collect(datagram.streams())).find((one) => one.name === name)?.bytes

it('a stream that a moderator marks leaves live, no newcomer gets it, and it comes back unmarked', async () => {
  const strangers = [await stranger(), await stranger(), await stranger()] as const
  const moderator = await sharedDatagram()
  const list = await moderator.datagram.moderation.share()
  const subscribe = async ({ datagram }: { datagram: Datagram }) => {
    await datagram.attach(list, { name: 'list', connect: [moderator.address] })
    await datagram.moderation.honour({ labels: ['spam'], from: ['list'], evict: true })
  }
  const mine = await sharedDatagram()
  const connections: Connection[] = []
  mine.datagram.on('peer-added', (connection) => connections.push(connection))
  for (const [i, { link, connect }] of strangers.entries()) {
    await mine.datagram.attach(link, { name: `talk ${i}`, connect })
  }
  const [good, bad] = connections as [Connection, Connection]
  await subscribe(mine)
  const attached = (connection: Connection) => () => connection.statistics.attached
  expect(strangers.map((_, i) => attached(connections[i] as Connection)())).toEqual([1, 1, 1])

  await moderator.datagram.moderation.mark(strangers[0].link, 'boring')
  await moderator.datagram.moderation.mark(strangers[1].link, 'spam', 'sells watches')
  expect(await collect(moderator.datagram.moderation.marks())).toMatchObject([
    { kind: 'stream', label: expect.any(String) },
    { kind: 'stream', label: expect.any(String) },
  ])
  await expect.poll(attached(bad), GENEROUS).toBe(0)
  await expect
    .poll(() => mine.datagram.verify().then(({ problems }) => problems), GENEROUS)
    .toEqual([])

  // Not a byte further of it; of another one all, on a connection that is counted alike.
  const [goodBefore, badBefore] = [await quietBytes(good), await quietBytes(bad)]
  for (const { talk } of strangers) await talk.say('news')
  await expect.poll(() => updated(mine.datagram, 'talk 0'), GENEROUS).toBe(2)
  expect(await quietBytes(bad)).toBe(badBefore)
  expect(plainBytes(good)).toBeGreaterThan(goodBefore)
  expect(attached(good)()).toBe(1)

  // Who clones me is not offered it, and who honours the list does not take it from the author either.
  const copy = await temporaryClone(mine.link, { connect: [mine.address] })
  expect(await updated(copy, 'talk 0')).toBe(2)
  expect(await bytesOf(copy, 'talk 1')).toBe(0)
  const newcomer = await sharedDatagram()
  await subscribe(newcomer)
  const { link, connect } = strangers[1]
  const attaching = newcomer.datagram.attach(link, { name: 'talk', connect })
  await expect(attaching).rejects.toMatchObject(code('STREAM_FORBIDDEN'))
  expect((await collect(newcomer.datagram.streams())).map(({ name }) => name)).toEqual(['list'])

  await moderator.datagram.moderation.unmark(link, 'spam')
  await expect.poll(attached(bad), GENEROUS).toBe(1)
  await expect.poll(() => updated(mine.datagram, 'talk 1'), GENEROUS).toBe(2)
  await expect.poll(() => updated(copy, 'talk 1').catch(() => 0), GENEROUS).toBe(2)
  await expect
    .poll(
      () =>
        newcomer.datagram.attach(link, { name: 'talk', connect }).then(
          () => true,
          () => false,
        ),
      GENEROUS,
    )
    .toBe(true)
})

it('a clone goes by a list of the datagram itself, about streams and about their author', async () => {
  const { datagram, link, address } = await sharedDatagram()
  const [one, two] = [await datagram.open('one', chat), await datagram.open('two', chat)]
  await one.say('hello')
  await two.say('hello')
  await datagram.moderation.mark('two', 'spam')
  const connections: Connection[] = []
  datagram.on('peer-added', (connection) => connections.push(connection))
  const copy = await temporaryClone(link, { connect: [address] })
  const attached = () => connections[0]?.statistics.attached
  await expect.poll(attached, GENEROUS).toBe(4)
  await copy.moderation.honour({ labels: ['spam', 'all of it'] })
  await expect.poll(attached, GENEROUS).toBe(3)
  await datagram.moderation.mark({ author: link }, 'all of it')
  // The list itself stays, or the mark could never be taken back.
  await expect.poll(attached, GENEROUS).toBe(2)
  await datagram.moderation.unmark({ author: link }, 'all of it')
  await expect.poll(attached, GENEROUS).toBe(3)
  await copy.moderation.honour({ labels: [] })
  await expect.poll(attached, GENEROUS).toBe(4)

  await expect(datagram.moderation.mark('three', 'spam')).rejects.toMatchObject(
    code('STREAM_NOT_FOUND'),
  )
  await expect(datagram.moderation.mark('two', '')).rejects.toThrow(TypeError)
  await expect(datagram.moderation.mark('two', 'spam', 'x'.repeat(2000))).rejects.toThrow(TypeError)
  await expect(copy.moderation.honour({ labels: ['spam'], from: ['one'] })).rejects.toMatchObject(
    code('STREAM_TYPE_MISMATCH'),
  )
})
