import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { hostDatagram, openDatagram } from '../src/index.ts'
import {
  code,
  collect,
  sharedDatagram,
  temporaryClone,
  temporaryFolder,
} from './temporary-datagram.ts'

const ENTRIES = 300

/** A datagram that listens and has a stream with what was retained of it, and all that was dropped is gone. */
async function ground() {
  const { datagram, link, address } = await sharedDatagram()
  const settings = await datagram.kv('settings', { retain: 'latest' })
  for (let i = 0; i < ENTRIES; i++) await settings.set(`key ${i % 50}`, `value ${i}`)
  await settings.set('large', 'x'.repeat(200_000))
  await datagram.compact()
  return { datagram, link, settings, connect: [address] }
}

it('lets an old link read what it could and nothing newer, and a fresh one all', async () => {
  const { datagram, link, settings, connect } = await ground()
  const oldLink = await datagram.share('settings')
  const reader = await temporaryClone(oldLink, { connect })
  const whole = await temporaryClone(link, { connect })
  const seen = await whole.kv('settings')
  const before = await collect(settings.entries())

  const freshLink = await datagram.rekey('settings')
  expect(freshLink).not.toBe(oldLink)
  expect(await datagram.share('settings')).toBe(freshLink)
  // What was open is closed; by name it is opened anew.
  await expect(settings.set('a', '1')).rejects.toMatchObject(code('STREAM_CLOSED'))
  const renewed = await datagram.kv('settings', { retain: 'latest' })
  expect(await collect(renewed.entries())).toEqual(before)
  await renewed.set('later', 'secret')
  await renewed.del('key 1')

  await reader.update()
  expect(await collect((await reader.kv('shared')).entries())).toEqual(before)
  const late = await temporaryClone(oldLink, { connect })
  expect(await collect((await late.kv('shared')).entries())).toEqual(before)

  const after = await collect(renewed.entries())
  const fresh = await temporaryClone(freshLink, { connect })
  expect(await collect((await fresh.kv('shared')).entries())).toEqual(after)
  await whole.update()
  const moved = await whole.kv('settings')
  expect(moved === seen).toBe(false)
  await expect.poll(() => collect(moved.entries()), { timeout: 30_000 }).toEqual(after)
  expect((await datagram.verify()).problems).toEqual([])
})

it('keeps both when it is opened again, and can be done again', async () => {
  const folder = await temporaryFolder()
  const first = await openDatagram(folder)
  const files = await first.fs('files')
  await files.promises.mkdir('/photos')
  await files.promises.writeFile('/photos/one', Buffer.alloc(600_000, 1))
  const links = [await first.share('files'), await first.rekey('files')]
  await (await first.fs('files')).promises.writeFile('/photos/two', 'two')
  links.push(await first.rekey('files'))
  await (await first.fs('files')).promises.writeFile('/photos/three', 'three')
  await first.close()

  const datagram = await openDatagram(folder)
  onTestFinished(() => datagram.close())
  const server = await datagram.listen({ host: '127.0.0.1', port: 0 })
  const readable = [['one'], ['one', 'two'], ['one', 'three', 'two']]
  for (const [i, names] of readable.entries()) {
    const reader = await temporaryClone(links[i] as string, { connect: [server.address()] })
    const copy = await reader.fs('shared')
    expect((await copy.promises.readdir('/photos')).sort()).toEqual(names)
    const photo = await copy.promises.readFile('/photos/one')
    expect(photo.equals(Buffer.alloc(600_000, 1))).toBe(true)
  }
})

it('is refused where the stream is not there, or not ours', async () => {
  const { datagram, link, connect } = await ground()
  await expect(datagram.rekey('other')).rejects.toMatchObject(code('STREAM_NOT_FOUND'))
  const copy = await temporaryClone(link, { connect })
  await expect(copy.rekey('settings')).rejects.toMatchObject(code('CONTAINER_NOT_WRITABLE'))
  const reader = await temporaryClone(await datagram.share('settings'), { connect })
  await expect(reader.rekey('shared')).rejects.toMatchObject(code('STREAM_NOT_OWN'))
})

it('lets who opens the stream meanwhile wait, and loses nothing', async () => {
  const { datagram } = await ground()
  const rekeying = datagram.rekey('settings')
  const settings = await datagram.kv('settings')
  await settings.set('meanwhile', 'kept')
  await rekeying
  expect(await (await datagram.kv('settings')).get('meanwhile')).toBe('kept')
  expect(await settings.get('meanwhile')).toBe('kept')
})

it('clones and blind hosts keep what it was, so that an old link is of use without the author', async () => {
  const { datagram, link, settings, connect } = await ground()
  const blind = await datagram.share({ access: 'blind' })
  const oldLink = await datagram.share('settings')
  const before = await collect(settings.entries())
  const early = await temporaryClone(link, { connect })
  await datagram.rekey('settings')
  await (await datagram.kv('settings')).set('later', 'secret')
  await early.update()
  const late = await temporaryClone(link, { connect })
  const host = await hostDatagram(blind, path.join(await temporaryFolder(), 'hosted'), { connect })
  onTestFinished(() => host.close())
  await host.update()
  await datagram.close()
  for (const holder of [early, late, host]) {
    const server = await holder.listen({ host: '127.0.0.1', port: 0 })
    const reader = await temporaryClone(oldLink, { connect: [server.address()] })
    expect(await collect((await reader.kv('shared')).entries())).toEqual(before)
  }
  // And the whole datagram has what is now.
  for (const copy of [early, late]) {
    const now = await copy.kv('settings')
    await expect.poll(() => now.get('later'), { timeout: 30_000 }).toBe('secret')
    expect((await copy.verify()).problems).toEqual([])
  }
})
