import fs from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { ContainerDescriptor, defineInterface, openDatagram, parseLink } from '../src/index.ts'
import { code, collect, temporaryDatagram, temporaryFolder } from './temporary-datagram.ts'

const note = defineInterface({
  name: 'note',
  contract: 1,
  version: 1,
  open: () => ({ ok: () => 1 }),
})

describe('a datagram', () => {
  it('keeps its streams by name', async () => {
    const folder = await temporaryFolder()
    const first = await openDatagram(folder, { password: 'p' })
    const settings = await first.kv('settings')
    expect(await first.kv('settings')).toBe(settings)
    await settings.set('theme', 'dark')
    await first.describe('settings', { title: 'Settings', labels: ['private'] })
    await first.close()
    await first.close()
    await using again = await openDatagram(folder, { password: 'p' })
    expect(await (await again.kv('settings')).get('theme')).toBe('dark')
    const streams = await collect(again.streams())
    expect(streams).toMatchObject([
      { name: 'settings', type: 'kv', title: 'Settings', labels: ['private'], writable: true },
    ])
  })

  it('describes itself and its streams, with links when they are asked for', async () => {
    const datagram = await temporaryDatagram()
    await datagram.kv('settings')
    await datagram.stream('diary')
    await datagram.describe('settings', { title: 'Settings', labels: ['private'] })
    const described = await datagram.descriptor({ title: 'Mine', author: 'Ada' })
    expect(described).toMatchObject({
      title: 'Mine',
      author: 'Ada',
      hasPart: [
        { type: 'stream', title: 'diary' },
        { type: 'kv', title: 'Settings', keywords: ['private'] },
      ],
    })
    expect(JSON.stringify(described)).not.toContain('datagram://')
    const { url, hasPart } = await datagram.descriptor({ title: 'Mine', links: true })
    expect(parseLink(url ?? '').kind).toBe('container')
    for (const { indexer } of hasPart) expect(parseLink(indexer ?? '').kind).toBe('stream')
    expect(ContainerDescriptor.encode(described).byteLength).toBeGreaterThan(0)
  })

  it('refuses a wrong password, a second process’s open, and bad folders', async () => {
    const folder = await temporaryFolder()
    const datagram = await openDatagram(folder, { password: 'p' })
    await expect(openDatagram(folder, { password: 'p' })).rejects.toMatchObject(
      code('STORE_LOCKED'),
    )
    await datagram.close()
    await expect(openDatagram(folder, { password: 'q' })).rejects.toMatchObject(
      code('PASSWORD_WRONG'),
    )
    const file = path.join(folder, 'key')
    const key = await fs.readFile(file)
    await fs.writeFile(file, key.subarray(0, 20))
    await expect(openDatagram(folder, { password: 'p' })).rejects.toMatchObject(
      code('KEY_FILE_DAMAGED'),
    )
    await fs.writeFile(file, key)
    await (await openDatagram(folder, { password: 'p' })).close()
  })

  it('refuses absurd names, and a stream under another type', async () => {
    const datagram = await temporaryDatagram()
    for (const name of ['', 'x'.repeat(300), 'a\0b', '\ud800']) {
      await expect(datagram.kv(name)).rejects.toMatchObject(code('STREAM_NAME_INVALID'))
    }
    await datagram.kv('settings')
    await expect(datagram.open('settings', note)).rejects.toMatchObject(
      code('STREAM_TYPE_MISMATCH'),
    )
    await expect(datagram.describe('nothing', { title: 'x' })).rejects.toMatchObject(
      code('STREAM_NOT_FOUND'),
    )
    await expect(datagram.share('nothing')).rejects.toMatchObject(code('STREAM_NOT_FOUND'))
  })

  it('gives one handle to calls that come together', async () => {
    const datagram = await temporaryDatagram()
    const handles = await Promise.all(Array.from({ length: 8 }, () => datagram.kv('settings')))
    expect(new Set(handles).size).toBe(1)
    expect(await collect(datagram.streams())).toHaveLength(1)
  })

  it('refuses a value that is too large, and keeps what was there', async () => {
    const datagram = await temporaryDatagram()
    const kv = await datagram.kv('settings', { valueEncoding: 'binary' })
    await kv.set('a', new Uint8Array([1]))
    const huge = new Uint8Array(128 * 1024 * 1024 + 1)
    await expect(kv.set('a', huge)).rejects.toMatchObject(code('VALUE_TOO_LARGE'))
    expect(await kv.get('a')).toEqual(new Uint8Array([1]))
  })

  it('refuses everything after close', async () => {
    const datagram = await temporaryDatagram()
    const kv = await datagram.kv('settings')
    await datagram.close()
    await expect(datagram.kv('settings')).rejects.toMatchObject(code('CONTAINER_CLOSED'))
    await expect(datagram.share()).rejects.toMatchObject(code('CONTAINER_CLOSED'))
    await expect(datagram.connect({ host: '127.0.0.1', port: 1 })).rejects.toMatchObject(
      code('CONTAINER_CLOSED'),
    )
    await expect(kv.get('a')).rejects.toMatchObject(code('STREAM_CLOSED'))
  })
})
