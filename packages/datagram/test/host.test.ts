import path from 'node:path'
import { claimOrigin, Container, openLink, parseLink } from '@datagram/container'
import { faultyLink, findBytes } from '@datagram/fault-harness'
import { openStore } from '@datagram/log-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type Address,
  cloneDatagram,
  type HostedDatagram,
  type HostOptions,
  hostDatagram,
  openDatagram,
} from '../src/index.ts'
import { Datagram } from '../src/datagram.ts'
import {
  code,
  collect,
  eventually,
  sharedDatagram,
  temporaryClone,
  temporaryFolder,
} from './temporary-datagram.ts'

const anywhere = { host: '127.0.0.1', port: 0 }

async function temporaryHost(
  link: string,
  options: HostOptions,
): Promise<{ host: HostedDatagram; folder: string; address: Address }> {
  const folder = path.join(await temporaryFolder(), 'hosted')
  const host = await hostDatagram(link, folder, options)
  onTestFinished(() => host.close())
  return { host, folder, address: (await host.listen(anywhere)).address() }
}

/** A datagram of two streams that is shared, and hosted. */
async function hosted(options: Partial<HostOptions> = {}) {
  const mine = await sharedDatagram()
  const settings = await mine.datagram.kv('settings')
  await Promise.all(
    Array.from({ length: 300 }, (_, i) => settings.set(`key ${i}`, `value ${i} `.repeat(i % 30))),
  )
  await (await mine.datagram.kv('photos')).set('large', 'x'.repeat(500_000))
  const blind = await mine.datagram.share({ access: 'blind' })
  const there = await temporaryHost(blind, { connect: [mine.address], ...options })
  return { ...mine, settings, blind, ...there, authorAddress: mine.address }
}

describe('a blind host', () => {
  it('keeps everything, and a reader clones from it alone when the author is gone', async () => {
    const { datagram, link, host, address, folder, blind } = await hosted()
    await host.update()
    await datagram.close()
    const copy = await temporaryClone(link, { connect: [address] })
    const cloned = await copy.kv('settings')
    for (let i = 0; i < 300; i++) {
      expect(await cloned.get(`key ${i}`)).toBe(`value ${i} `.repeat(i % 30))
    }
    expect(await (await copy.kv('photos')).get('large')).toBe('x'.repeat(500_000))
    expect((await collect(copy.streams())).map(({ name }) => name)).toEqual(['photos', 'settings'])
    // Opened again with nobody there, it serves on.
    await host.close()
    await using again = await hostDatagram(blind, folder, {
      connect: [{ host: '127.0.0.1', port: 1 }],
    })
    const server = await again.listen(anywhere)
    const second = await temporaryClone(link, { connect: [server.address()] })
    expect(await (await second.kv('settings')).get('key 7')).toBe('value 7 '.repeat(7))
  })

  it('follows the author by itself: writes, new streams, and what it passes on', async () => {
    const { datagram, settings, host, address, link } = await hosted()
    await host.update()
    const copy = await temporaryClone(link, { connect: [address] })
    const cloned = await copy.kv('settings')
    await settings.set('theme', 'dark')
    await (await datagram.kv('later')).set('a', '1')
    await eventually(async () => {
      await copy.update()
      return (await cloned.get('theme')) === 'dark' || undefined
    })
    const later = await eventually(() => copy.kv('later').catch(() => undefined))
    await eventually(async () => {
      await copy.update()
      return later.get('a')
    })
    expect(host.stats().streams).toBe(4)
  })

  it('keeps and serves a single stream', async () => {
    const { datagram, authorAddress } = await hosted()
    const blind = await datagram.share('settings', { access: 'blind' })
    const { host, address } = await temporaryHost(blind, { connect: [authorAddress] })
    await host.update()
    expect(host.stats().streams).toBe(1)
    const link = await datagram.share('settings')
    await datagram.close()
    const copy = await temporaryClone(link, { connect: [address] })
    expect(await (await copy.kv('shared')).get('key 3')).toBe('value 3 '.repeat(3))
  })

  it('hosts a host: the chain ends in a reader', async () => {
    const { datagram, host, blind, link, address } = await hosted()
    await host.update()
    await datagram.close()
    const second = await temporaryHost(blind, { connect: [address] })
    await second.host.update()
    await host.close()
    const copy = await temporaryClone(link, { connect: [second.address] })
    expect(await (await copy.kv('photos')).get('large')).toBe('x'.repeat(500_000))
  })
})

describe('a host’s store', () => {
  const canary = 'canary-value-81cc02f64d0a'
  const canaries = ['canary-name-77f3e0a4b2cc', 'canary-key-5d1f0c9a7be31', canary]

  it('yields no plaintext, and refuses every get', async () => {
    const { datagram, link, authorAddress, blind, host, folder } = await hosted({ password: 'p' })
    const [name, key] = canaries as [string, string]
    const secret = await datagram.kv(name)
    await secret.set(key, canary)
    await secret.set('large', canary.repeat(20_000))
    await host.update()
    expect(host.stats().bytes).toBeGreaterThan(canary.length * 20_000)
    await host.close()
    await expect(openDatagram(folder, { password: 'p' })).rejects.toMatchObject(
      code('CONTAINER_BLIND'),
    )
    await expect(
      cloneDatagram(link, folder, { password: 'p', connect: [authorAddress] }),
    ).rejects.toMatchObject(code('FOLDER_IN_USE'))
    await expect(hostDatagram(blind, folder, { password: 'q' })).rejects.toMatchObject(
      code('PASSWORD_WRONG'),
    )
    const store = await openStore(folder, { password: 'p' })
    let blocks = 0
    const logs = [parseLink(link).key, ...(await collect(datagram.streams())).map((one) => one.key)]
    for (const publicKey of logs) {
      const log = await store.openRemote(publicKey)
      expect(log.length).toBeGreaterThan(0)
      for (let i = 0; i < log.length; i++) {
        // It may have heard of a newer block and not have got it before the end.
        if (!(await log.has(i))) continue
        blocks++
        await expect(log.get(i)).rejects.toMatchObject(code('BLOCK_KEY_WRONG'))
      }
      await log.close()
      // Its own keys open nothing either.
      const guess = await store.openRemote(publicKey, { cipherKey: store.derive('x') })
      await expect(guess.get(0)).rejects.toMatchObject(code('BLOCK_KEY_WRONG'))
    }
    expect(blocks).toBeGreaterThan(6)
    // The positive control: the same words in a plain log of the same store are found.
    const control = 'control-plain-4b7e1d2a90ff'
    const plain = await store.open('control', { cipherKey: null })
    await plain.append(new TextEncoder().encode(control))
    await store.compact()
    await store.close()
    expect(await findBytes(control, { folder })).not.toEqual([])
    for (const one of canaries) expect(await findBytes(one, { folder })).toEqual([])
  })

  it('does not mix with a datagram, and takes blind links only', async () => {
    const { datagram, link, blind, folder, host, authorAddress } = await hosted()
    const connect = [authorAddress]
    const other = path.join(await temporaryFolder(), 'other')
    await expect(hostDatagram(link, other, { connect })).rejects.toMatchObject(
      code('LINK_NOT_BLIND'),
    )
    await expect(hostDatagram(blind, other, { quotaBytes: 0 })).rejects.toBeInstanceOf(TypeError)
    await host.close()
    const stream = await datagram.share('settings', { access: 'blind' })
    await expect(hostDatagram(stream, folder, { connect })).rejects.toMatchObject(
      code('FOLDER_IN_USE'),
    )
    await (await openDatagram(other)).close()
    await expect(hostDatagram(blind, other, { connect })).rejects.toMatchObject(
      code('FOLDER_IN_USE'),
    )
    const fresh = path.join(await temporaryFolder(), 'fresh')
    await expect(
      hostDatagram(blind, fresh, { connect: [{ host: '127.0.0.1', port: 1 }] }),
    ).rejects.toMatchObject(code('CONNECTION_REFUSED'))
  })
})

describe('a quota', () => {
  it('is kept, said once, and what is here is served; a larger one goes on', async () => {
    const problems: unknown[] = []
    const { datagram, host, folder, blind, authorAddress } = await hosted({
      quotaBytes: 300_000,
      onProblem: (problem) => problems.push(problem),
    })
    const more = await datagram.kv('more', { valueEncoding: 'binary' })
    for (let i = 0; i < 40; i++) await more.set(`${i}`, new Uint8Array(30_000))
    await eventually(async () => host.stats().isFull || undefined)
    await host.update()
    const { bytes } = host.stats()
    expect(bytes).toBeGreaterThanOrEqual(300_000)
    // Never more than a few blocks too much.
    expect(bytes).toBeLessThan(900_000)
    expect(problems).toMatchObject([code('HOST_QUOTA_REACHED')])
    await host.close()
    await using again = await hostDatagram(blind, folder, {
      connect: [authorAddress],
      quotaBytes: 10_000_000,
    })
    expect(again.stats().bytes).toBeGreaterThanOrEqual(bytes)
    await again.update()
    expect(again.stats()).toMatchObject({ isFull: false, streams: 4 })
    expect(again.stats().bytes).toBeGreaterThan(1_700_000)
  })
})

describe('a host that knows of more than it has', () => {
  it('still serves the newest state that it has whole', async () => {
    const { datagram, settings, host, folder, blind, link, authorAddress } = await hosted()
    await host.update()
    await host.close()
    // Full from the start: it hears of lengths and takes no more blocks.
    await using full = await hostDatagram(blind, folder, {
      connect: [authorAddress],
      quotaBytes: 1,
    })
    const before = full.stats()
    expect(before.isFull).toBe(true)
    const length = () => full.stats().blocks
    for (let i = 0; i < 20; i++) await settings.set(`key ${i}`, `new ${i}`)
    await eventually(async () => length() >= before.blocks + 20 || undefined)
    await datagram.close()
    const server = await full.listen(anywhere)
    const copy = await temporaryClone(link, { connect: [server.address()] })
    const cloned = await copy.kv('settings')
    expect(await cloned.get('key 17')).toBe('value 17 '.repeat(17))
    expect(full.stats().bytes).toBe(before.bytes)
  })
})

describe('reading through a host', () => {
  it('takes no more round trips than from the author', async () => {
    const { datagram, host, link } = await hosted()
    await host.update()
    const trips: number[] = []
    for (const from of [datagram, host]) {
      const store = await openStore(path.join(await temporaryFolder(), 'copy'))
      await claimOrigin(store, await openLink(link), undefined)
      await using copy = new Datagram(store, await Container.open(store), {})
      const line = faultyLink({ delayMs: 40 })
      await from.replicate(line.a, { initiator: true })
      await (await copy.replicate(line.b, { initiator: false })).rootAgreed()
      await copy.update({ sparse: true })
      const kv = await copy.kv('settings')
      line.traffic.reset()
      expect(await kv.get('key 17')).toBe('value 17 '.repeat(17))
      trips.push(line.traffic.roundTrips)
    }
    const [fromAuthor, fromHost] = trips as [number, number]
    expect(fromHost).toBeLessThanOrEqual(fromAuthor)
    expect(fromHost).toBeLessThanOrEqual(3)
    expect(fromHost).toBeGreaterThan(0)
  })
})
