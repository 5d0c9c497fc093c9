import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Connection, type Datagram, hostDatagram, openDatagram } from '../src/index.ts'
import {
  code,
  collect,
  eventually,
  sharedDatagram,
  temporaryClone,
  temporaryDatagram,
  temporaryFolder,
} from './temporary-datagram.ts'

const anywhere = { host: '127.0.0.1', port: 0 }

const namesIn = async (datagram: Datagram) =>
  (await collect(datagram.streams())).map(({ name }) => name)

/** Resolves with the plain bytes of a connection when none has crossed it for a while. */
async function quietBytes(connection: Connection): Promise<number> {
  for (let before = -1; ; ) {
    const { plainBytesIn, plainBytesOut } = connection.statistics
    if (plainBytesIn + plainBytesOut === before) return before
    before = plainBytesIn + plainBytesOut
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

/** Somebody's two streams, attached to a datagram of another, with the connections between them. */
async function attached() {
  const stranger = await sharedDatagram()
  const letters = await stranger.datagram.kv('letters')
  const other = await stranger.datagram.kv('other')
  for (let i = 0; i < 200; i++) await letters.set(`letter ${i}`, 'Dear Ada, '.repeat(20))
  await other.set('a', '1')
  // The author writes its indexes now, and not while others take what it has told of.
  await stranger.datagram.compact()
  const mine = await sharedDatagram()
  const connections: Connection[] = []
  mine.datagram.on('peer-added', (connection) => connections.push(connection))
  const connect = [stranger.address]
  const link = await stranger.datagram.share('letters')
  await mine.datagram.attach(link, { name: 'theirs', connect })
  await mine.datagram.attach(await stranger.datagram.share('other'), { name: 'control', connect })
  return { stranger, letters, other, mine, connect, connections, linkOfLetters: link }
}

describe('a stream that is attached', () => {
  it('is read, and goes on to clones and to hosts, with its author and mine gone', async () => {
    const { stranger, mine } = await attached()
    expect(await (await mine.datagram.kv('theirs')).get('letter 7')).toContain('Dear Ada')
    const blind = await mine.datagram.share({ access: 'blind' })
    const host = await hostDatagram(blind, path.join(await temporaryFolder(), 'hosted'), {
      connect: [mine.address],
    })
    onTestFinished(() => host.close())
    await mine.datagram.update()
    await host.update()
    expect(host.stats().streams).toBe(3)
    const server = await host.listen(anywhere)
    // Mine first: of what the author writes when it closes nobody is to hear, who would not get it any more.
    await mine.datagram.close()
    await stranger.datagram.close()
    const copy = await temporaryClone(mine.link, { connect: [server.address()] })
    expect(await namesIn(copy)).toEqual(['control', 'theirs'])
    expect(await (await copy.kv('theirs')).get('letter 199')).toContain('Dear Ada')
  })

  it('is looked for again after the datagram was opened anew', async () => {
    const { stranger, letters, connect, linkOfLetters } = await attached()
    const folder = path.join(await temporaryFolder(), 'again')
    const before = await openDatagram(folder)
    await before.attach(linkOfLetters, { name: 'theirs', connect })
    await before.close()
    await letters.set('new', 'Dear Grace')
    const again = await openDatagram(folder)
    onTestFinished(() => again.close())
    const theirs = await again.kv('theirs')
    await again.connect(stranger.address)
    await expect
      .poll(
        async () => {
          await again.update().catch(() => undefined)
          return theirs.get('new')
        },
        { timeout: 30_000 },
      )
      .toBe('Dear Grace')
  })

  it('leaves: not a byte further, gone from clones and hosts, and it may come back', async () => {
    const { letters, other, mine, connect, connections, linkOfLetters } = await attached()
    const { datagram } = mine
    const copy = await temporaryClone(mine.link, { connect: [mine.address] })
    const blind = await datagram.share({ access: 'blind' })
    const host = await hostDatagram(blind, path.join(await temporaryFolder(), 'hosted'), {
      connect: [mine.address],
    })
    onTestFinished(() => host.close())
    await host.update()
    const held = host.stats().bytes
    const handle = await datagram.kv('theirs')
    const blocksBefore = (await datagram.verify()).blocks

    await datagram.detach('theirs', { evict: true })
    await expect(handle.get('letter 1')).rejects.toMatchObject(code('STREAM_CLOSED'))
    expect(await namesIn(datagram)).toEqual(['control'])
    expect((await datagram.verify()).blocks).toBeLessThan(blocksBefore)
    await expect.poll(() => namesIn(copy), { timeout: 30_000 }).toEqual(['control'])
    await expect.poll(() => host.stats().streams, { timeout: 30_000 }).toBe(2)
    await expect.poll(() => host.stats().bytes, { timeout: 30_000 }).toBeLessThan(held)

    // Whichever of the two connections to the author it was on, it is on none any more.
    const sum = async () => {
      const open = connections.filter(({ isOpen }) => isOpen).slice(0, 2)
      const bytes = await Promise.all(open.map(quietBytes))
      return bytes.reduce((all, some) => all + some, 0)
    }
    const before = await sum()
    for (let i = 0; i < 20; i++) await letters.set('more', `${i} `.repeat(500))
    expect(await sum()).toBe(before)
    const control = await datagram.kv('control')
    await other.set('a', '2')
    await eventually(async () => {
      await datagram.update()
      return (await control.get('a')) === '2' || undefined
    })
    expect(await sum()).toBeGreaterThan(before)

    await datagram.attach(linkOfLetters, { name: 'again', connect })
    expect(await (await datagram.kv('again')).get('more')).toContain('19 ')
    await expect.poll(() => namesIn(copy), { timeout: 30_000 }).toEqual(['again', 'control'])
    await expect.poll(() => host.stats().streams, { timeout: 30_000 }).toBe(3)
  })

  it('is here under one name, and only what was attached is detached', async () => {
    const { mine, linkOfLetters, connect } = await attached()
    const { datagram } = mine
    await expect(datagram.attach(linkOfLetters, { name: 'twice', connect })).rejects.toMatchObject(
      code('STREAM_ATTACHED'),
    )
    await datagram.kv('own')
    await expect(
      datagram.attach(await datagram.share('own'), { name: 'mirror', connect }),
    ).rejects.toMatchObject(code('STREAM_ATTACHED'))
    await expect(datagram.detach('own')).rejects.toMatchObject(code('STREAM_NOT_ATTACHED'))
    await expect(datagram.detach('nothing')).rejects.toMatchObject(code('STREAM_NOT_FOUND'))
    const copy = await temporaryClone(mine.link, { connect: [mine.address] })
    await expect(copy.detach('theirs')).rejects.toMatchObject(code('CONTAINER_NOT_WRITABLE'))
    const fresh = await temporaryDatagram()
    await expect(fresh.detach('theirs')).rejects.toMatchObject(code('STREAM_NOT_FOUND'))
  })
})
