import fs from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { cloneDatagram, openDatagram } from '../src/index.ts'
import {
  code,
  collect,
  eventually,
  sharedDatagram,
  temporaryClone,
  temporaryDatagram,
  temporaryFolder,
} from './temporary-datagram.ts'

describe('a clone', () => {
  it('has everything, reads it with the author gone, and writes nothing', async () => {
    const { datagram, link, address } = await sharedDatagram()
    const settings = await datagram.kv('settings')
    await Promise.all(
      Array.from({ length: 500 }, (_, i) => settings.set(`key ${i}`, `value ${i}`.repeat(i % 40))),
    )
    await (await datagram.kv('empty')).del('nothing')
    const seen: number[] = []
    const copy = await temporaryClone(link, {
      connect: [address],
      onProgress: ({ streamsDone, streamsWanted }) => seen.push(streamsDone / streamsWanted),
    })
    expect(seen.at(-1)).toBe(1)
    await datagram.close()
    const cloned = await copy.kv('settings')
    for (let i = 0; i < 500; i++) {
      expect(await cloned.get(`key ${i}`)).toBe(`value ${i}`.repeat(i % 40))
    }
    expect((await collect(copy.streams())).map(({ name }) => name)).toEqual(['empty', 'settings'])
    expect(copy.writable).toBe(false)
    await expect(cloned.set('a', 'b')).rejects.toMatchObject(code('STREAM_NOT_WRITABLE'))
    await expect(copy.kv('another')).rejects.toMatchObject(code('STREAM_NOT_FOUND'))
    await expect(copy.describe('settings', { title: 'x' })).rejects.toMatchObject(
      code('CONTAINER_NOT_WRITABLE'),
    )
  })

  it('hears of writes and of new streams while it is connected', async () => {
    const { datagram, link, address } = await sharedDatagram()
    const settings = await datagram.kv('settings')
    await settings.set('theme', 'light')
    const copy = await temporaryClone(link, { connect: [address] })
    const cloned = await copy.kv('settings')
    await settings.set('theme', 'dark')
    await eventually(async () => {
      await copy.update()
      return (await cloned.get('theme')) === 'dark' || undefined
    })
    await (await datagram.kv('later')).set('a', '1')
    const later = await eventually(() => copy.kv('later').catch(() => undefined))
    const value = await eventually(async () => {
      await copy.update()
      return later.get('a')
    })
    expect(value).toBe('1')
  })

  it('stays whole: what it has moved to can be read with the author gone', async () => {
    const { datagram, link, address } = await sharedDatagram()
    const settings = await datagram.kv('settings')
    const write = (round: number) =>
      Promise.all(
        Array.from({ length: 400 }, (_, i) => settings.set(`key ${i}`, `${round} `.repeat(40))),
      )
    await write(1)
    const folder = path.join(await temporaryFolder(), 'copy')
    const copy = await cloneDatagram(link, folder, { connect: [address] })
    const cloned = await copy.kv('settings')
    for (const round of [2, 3]) {
      await write(round)
      await copy.update()
    }
    // The author's close writes its index once more; the clone hears of that, and may not get it.
    await datagram.close()
    for (let i = 0; i < 400; i++) expect(await cloned.get(`key ${i}`)).toBe('3 '.repeat(40))
    await copy.close()
    await using offline = await openDatagram(folder)
    const again = await offline.kv('settings')
    for (let i = 0; i < 400; i++) expect(await again.get(`key ${i}`)).toBe('3 '.repeat(40))
  })

  it('opens again offline, and goes on where it was', async () => {
    const { datagram, link, address } = await sharedDatagram()
    const settings = await datagram.kv('settings')
    await settings.set('a', '1')
    const folder = path.join(await temporaryFolder(), 'copy')
    const options = { connect: [address], password: 'p' }
    await (await cloneDatagram(link, folder, options)).close()
    const offline = await openDatagram(folder, { password: 'p' })
    expect(await (await offline.kv('settings')).get('a')).toBe('1')
    await offline.close()
    await settings.set('a', '2')
    await expect(cloneDatagram(link, folder, { ...options, password: 'q' })).rejects.toMatchObject(
      code('PASSWORD_WRONG'),
    )
    await using again = await cloneDatagram(link, folder, options)
    expect(await (await again.kv('settings')).get('a')).toBe('2')
  })

  it('takes only the streams that it is asked for', async () => {
    const { datagram, link, address } = await sharedDatagram()
    await (await datagram.kv('one')).set('a', '1')
    await (await datagram.kv('two')).set('a', '2')
    const copy = await temporaryClone(link, { connect: [address], streams: ['two'] })
    expect((await collect(copy.streams())).map(({ name }) => name)).toEqual(['two'])
    expect(await (await copy.kv('two')).get('a')).toBe('2')
  })

  it('fetches only what is read when it is sparse', async () => {
    const { datagram, link, address } = await sharedDatagram()
    const files = await datagram.kv('files', { valueEncoding: 'binary' })
    await (await datagram.kv('small')).set('in the tail', 'yes')
    for (let i = 0; i < 40; i++) await files.set(`file ${i}`, new Uint8Array(200_000).fill(i))
    const copy = await temporaryClone(link, { connect: [address], sparse: true })
    const cloned = await copy.kv('files', { valueEncoding: 'binary' })
    expect(await cloned.get('file 7')).toEqual(new Uint8Array(200_000).fill(7))
    expect(await (await copy.kv('small')).get('in the tail')).toBe('yes')
    const { bytesIn } = copy.stats().wire
    expect(bytesIn).toBeGreaterThan(200_000)
    expect(bytesIn).toBeLessThan(600_000)
  })

  it('needs the password of its link', async () => {
    const { datagram, address } = await sharedDatagram()
    await (await datagram.kv('a')).set('a', '1')
    const link = await datagram.share({ password: 'open sesame' })
    const folder = path.join(await temporaryFolder(), 'copy')
    await expect(cloneDatagram(link, folder, { connect: [address] })).rejects.toMatchObject(
      code('LINK_PASSWORD_REQUIRED'),
    )
    await expect(
      cloneDatagram(link, folder, { connect: [address], linkPassword: 'wrong' }),
    ).rejects.toMatchObject(code('LINK_PASSWORD_WRONG'))
    await using copy = await cloneDatagram(link, folder, {
      connect: [address],
      linkPassword: 'open sesame',
    })
    expect(await (await copy.kv('a')).get('a')).toBe('1')
  })
})

describe('cloning from nobody', () => {
  it('says so at once, and leaves nothing locked', async () => {
    const datagram = await temporaryDatagram()
    const link = await datagram.share()
    const folder = path.join(await temporaryFolder(), 'copy')
    await expect(cloneDatagram(link, folder, { connect: [] })).rejects.toMatchObject(
      code('CLONE_NO_PEER'),
    )
    const closed = { host: '127.0.0.1', port: 1 }
    await expect(cloneDatagram(link, folder, { connect: [closed] })).rejects.toMatchObject(
      code('CONNECTION_REFUSED'),
    )
    await expect(cloneDatagram(link, folder, { connect: [closed, closed] })).rejects.toMatchObject(
      code('CLONE_NO_PEER'),
    )
  })

  it('is told when the peer has something else', async () => {
    const { address } = await sharedDatagram()
    const link = await (await temporaryDatagram()).share()
    const folder = path.join(await temporaryFolder(), 'copy')
    await expect(cloneDatagram(link, folder, { connect: [address] })).rejects.toMatchObject(
      code('ROOT_DECLINED'),
    )
  })

  it('refuses damaged and blind links before anything is made', async () => {
    const { datagram, link, address } = await sharedDatagram()
    const folder = path.join(await temporaryFolder(), 'copy')
    const connect = [address]
    await expect(cloneDatagram(link.slice(0, -2), folder, { connect })).rejects.toMatchObject(
      code('LINK_DAMAGED'),
    )
    const blind = await datagram.share({ access: 'blind' })
    await expect(cloneDatagram(blind, folder, { connect })).rejects.toMatchObject(
      code('LINK_IS_BLIND'),
    )
    await expect(fs.access(folder)).rejects.toThrow()
  })

  it('does not mix with what is in a folder', async () => {
    const { datagram, link, address } = await sharedDatagram()
    const connect = [address]
    const folder = await temporaryFolder()
    await fs.writeFile(path.join(folder, 'diary.txt'), 'mine')
    await expect(cloneDatagram(link, folder, { connect })).rejects.toMatchObject(
      code('FOLDER_IN_USE'),
    )
    const own = path.join(await temporaryFolder(), 'own')
    await (await openDatagram(own)).close()
    await expect(cloneDatagram(link, own, { connect })).rejects.toMatchObject(code('FOLDER_IN_USE'))
    const copy = path.join(await temporaryFolder(), 'copy')
    await (await cloneDatagram(link, copy, { connect })).close()
    const other = await sharedDatagram()
    await expect(
      cloneDatagram(other.link, copy, { connect: [other.address] }),
    ).rejects.toMatchObject(code('FOLDER_IN_USE'))
    await datagram.close()
  })
})
