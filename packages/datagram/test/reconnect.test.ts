import path from 'node:path'
import { faultyProxy } from '@datagram/fault-harness'
import { expect, it, onTestFinished } from 'vitest'
import { hostDatagram } from '../src/index.ts'
import {
  collect,
  eventually,
  sharedDatagram,
  temporaryClone,
  temporaryFolder,
} from './temporary-datagram.ts'

it('a clone connects again by itself, and goes on following', async () => {
  const { datagram, link, address } = await sharedDatagram()
  const settings = await datagram.kv('settings')
  await settings.set('a', '1')
  await using proxy = await faultyProxy(address as { port: number })
  const copy = await temporaryClone(link, {
    connect: [{ host: proxy.host, port: proxy.port }],
  })
  const events: string[] = []
  copy.on('peer-added', () => events.push('added'))
  copy.on('peer-removed', () => events.push('removed'))
  proxy.cutAll()
  await eventually(async () => events.length >= 2 || undefined)
  expect(events.slice(0, 2)).toEqual(['removed', 'added'])
  await settings.set('a', '2')
  const cloned = await copy.kv('settings')
  await eventually(async () => {
    await copy.update()
    return (await cloned.get('a')) === '2' || undefined
  })
})

it('a host that was started before its author finds him when he comes', async () => {
  const { datagram, link, address } = await sharedDatagram()
  const settings = await datagram.kv('settings')
  await settings.set('a', '1')
  const folder = path.join(await temporaryFolder(), 'hosted')
  const blind = await datagram.share({ access: 'blind' })
  await using first = await hostDatagram(blind, folder, { connect: [address] })
  await first.update()
  await first.close()
  // Nobody is at the proxy's door yet.
  const closed = await faultyProxy(address as { port: number })
  const { host, port } = closed
  await closed[Symbol.asyncDispose]()
  await using again = await hostDatagram(blind, folder, { connect: [{ host, port }] })
  expect(again.peers()).toEqual([])
  const { bytes } = again.stats()
  await settings.set('a', '2')
  const server = await datagram.listen({ host, port })
  onTestFinished(() => server.close())
  await eventually(async () => again.peers().length === 1 || undefined)
  await eventually(async () => again.stats().bytes > bytes || undefined)
  await again.update()
  await datagram.close()
  const readers = await again.listen({ host: '127.0.0.1', port: 0 })
  const copy = await temporaryClone(link, { connect: [readers.address()] })
  expect(await (await copy.kv('settings')).get('a')).toBe('2')
})

it('a peer that is reached by two ways is one peer', async () => {
  const { datagram, link, address } = await sharedDatagram()
  await (await datagram.kv('settings')).set('a', '1')
  const events: string[] = []
  datagram.on('peer-added', () => events.push('added'))
  datagram.on('peer-removed', () => events.push('removed'))
  const second = await datagram.listen({ url: 'ws://127.0.0.1:0' })
  const copy = await temporaryClone(link, { connect: [address] })
  const connection = await copy.connect(second.address())
  await connection.rootAgreed()
  expect(copy.peers()).toMatchObject([{ connections: 2, provedRoot: true }])
  await eventually(async () => datagram.peers()[0]?.connections === 2 || undefined)
  expect(datagram.peers()).toHaveLength(1)
  await connection.close()
  await eventually(async () => datagram.peers()[0]?.connections === 1 || undefined)
  expect((await collect(copy.streams())).map(({ name }) => name)).toEqual(['settings'])
  await copy.close()
  await eventually(async () => datagram.peers().length === 0 || undefined)
  await eventually(async () => events.length >= 2 || undefined)
  expect(events).toEqual(['added', 'removed'])
})
