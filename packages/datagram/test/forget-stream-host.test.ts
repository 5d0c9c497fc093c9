import path from 'node:path'
import { openBlindLink, openLink, parseLink } from '@datagram/container'
import { openStore } from '@datagram/log-core'
import b4a from 'b4a'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type Address,
  cloneDatagram,
  type Datagram,
  type HostedDatagram,
  hostDatagram,
  openDatagram,
} from '../src/index.ts'
import { findStored } from './stored-blocks.ts'
import {
  eventually,
  sharedDatagram,
  temporaryClone,
  temporaryFolder,
} from './temporary-datagram.ts'

const SECRET = 'a value that its author forgets, and who hosts its stream alone '.repeat(4)
const LARGE = SECRET.repeat(1000)

const listen = async (one: Pick<Datagram, 'listen'>): Promise<Address> =>
  (await one.listen({ host: '127.0.0.1', port: 0 })).address()

async function filled(datagram: Datagram): Promise<void> {
  const map = await datagram.kv('map')
  await Promise.all([map.set('secret', SECRET), map.set('stays', 'x'.repeat(2000))])
  await map.set('large', LARGE)
  await (await datagram.kv('other')).set('a', 'b')
  await datagram.compact()
}

async function forget(datagram: Datagram): Promise<void> {
  await (await datagram.kv('map')).forget('secret', 'large')
  // What is merely not retained any more is told to hosts by and by; this tells it now.
  await datagram.compact()
}

/** What of the secret is in the store of a host that is closed. */
async function stored(host: HostedDatagram, folder: string, link: string): Promise<string[]> {
  await host.compact()
  await host.close()
  return findStored(folder, [link], [SECRET])
}

describe('who hosts one stream alone', { timeout: 120_000 }, () => {
  it('drops what its author forgets, at once, and lets others clone the rest', async () => {
    const { datagram, address } = await sharedDatagram()
    await filled(datagram)
    const link = await datagram.share('map')
    const blind = await datagram.share('map', { access: 'blind' })
    const folder = path.join(await temporaryFolder(), 'host')
    const host = await hostDatagram(blind, folder, { connect: [address] })
    onTestFinished(() => host.close())
    await host.update()
    expect(host.stats().bytes).toBeGreaterThan(LARGE.length)
    await forget(datagram)
    // Nobody asks it to.
    await eventually(async () => host.stats().bytes < LARGE.length || undefined)
    await host.update()
    expect(host.stats().streams).toBe(1)
    await datagram.close()
    const served = await listen(host)
    const copy = await cloneDatagram(link, path.join(await temporaryFolder(), 'copy'), {
      connect: [served],
    })
    onTestFinished(() => copy.close())
    const map = await copy.kv('shared')
    expect(await map.get('stays')).toBe('x'.repeat(2000))
    expect(await map.has('secret')).toBe(false)
    expect(await stored(host, folder, link)).toEqual([])
  })

  it('drops it when it comes back, also where what was forgotten was forgotten before its link', async () => {
    const home = await temporaryFolder()
    const own = path.join(home, 'author')
    const folder = path.join(home, 'host')
    let author = await openDatagram(own)
    await filled(author)
    const link = await author.share('map')
    const blind = await author.share('map', { access: 'blind' })
    expect(await author.share('map', { access: 'blind' })).toBe(blind)
    {
      await using host = await hostDatagram(blind, folder, { connect: [await listen(author)] })
      await host.update()
      await host.close()
      expect(await findStored(folder, [link], [SECRET])).not.toEqual([])
    }
    await forget(author)
    await author.close()
    author = await openDatagram(own)
    onTestFinished(() => author.close())
    const host = await hostDatagram(blind, folder, { connect: [await listen(author)] })
    onTestFinished(() => host.close())
    await host.update()
    expect(await stored(host, folder, link)).toEqual([])
  })

  it('of an older link goes on, and follows once it is given a newer one', async () => {
    const { datagram, link: all, address } = await sharedDatagram()
    await filled(datagram)
    const link = await datagram.share('map')
    const copy = await temporaryClone(all, { connect: [address] })
    // A clone cannot make the stream a roster: its link is what older versions gave out.
    const older = await copy.share('map', { access: 'blind' })
    await copy.close()
    expect(parseLink(older)).toMatchObject({ version: 1 })
    const blind = await datagram.share('map', { access: 'blind' })
    expect(parseLink(blind)).toMatchObject({ version: 2, kind: 'stream', access: 'blind' })
    const folder = path.join(await temporaryFolder(), 'host')
    const first = await hostDatagram(older, folder, { connect: [address] })
    await first.update()
    await forget(datagram)
    await first.update()
    expect(first.stats().bytes).toBeGreaterThan(LARGE.length)
    await first.close()
    const host = await hostDatagram(blind, folder, { connect: [address] })
    onTestFinished(() => host.close())
    await host.update()
    expect(host.stats().bytes).toBeLessThan(LARGE.length)
    expect(await stored(host, folder, link)).toEqual([])
    // It keeps what it knows.
    const again = await hostDatagram(older, folder, { connect: [address] })
    onTestFinished(() => again.close())
    await (await datagram.kv('map')).set('more', LARGE)
    await again.update()
    expect(again.stats().bytes).toBeGreaterThan(LARGE.length)
    await (await datagram.kv('map')).forget('more')
    await again.update()
    await eventually(async () => again.stats().bytes < LARGE.length || undefined)
  })

  it('hears it from a clone too, and nothing of other streams', async () => {
    const { datagram, link, address } = await sharedDatagram()
    await filled(datagram)
    const only = await datagram.share('map')
    const blind = await datagram.share('map', { access: 'blind' })
    const home = await temporaryFolder()
    const folder = path.join(home, 'host')
    {
      await using host = await hostDatagram(blind, folder, { connect: [address] })
      await host.update()
    }
    const copy = await cloneDatagram(link, path.join(home, 'copy'), { connect: [address] })
    onTestFinished(() => copy.close())
    await forget(datagram)
    await copy.update()
    await datagram.close()
    const host = await hostDatagram(blind, folder, { connect: [await listen(copy)] })
    onTestFinished(() => host.close())
    await host.update()
    const { key } = await openLink(await copy.share('other'))
    expect(await stored(host, folder, only)).toEqual([])
    await using store = await openStore(folder)
    const roster = await store.openRemote(openBlindLink(blind).rosterKey as Uint8Array, {
      cipherKey: null,
    })
    expect(roster.length).toBeGreaterThan(1)
    for (let i = 0; i < roster.length; i++) {
      expect(b4a.indexOf(await roster.get(i), key)).toBe(-1)
    }
  })
})
