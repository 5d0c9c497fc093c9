import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { cloneDatagram, type Connection, openDatagram, policies } from '../src/index.ts'
import {
  collect,
  eventually,
  sharedDatagram,
  temporaryClone,
  temporaryFolder,
} from './temporary-datagram.ts'

it('policies are replaced on live connections, by name and by link', async () => {
  const { datagram, link, address } = await sharedDatagram()
  const [one, two] = [await datagram.kv('one'), await datagram.kv('two')]
  await one.set('a', '1')
  await two.set('a', '1')
  const connections: Connection[] = []
  datagram.on('peer-added', (connection) => connections.push(connection))
  const copy = await temporaryClone(link, { connect: [address] })
  const attached = (count: number) =>
    eventually(async () => connections[0]?.statistics.attached === count || undefined)
  await attached(3)

  datagram.policies.use({ offer: policies.deny(await datagram.share('two')) })
  await attached(2)
  await one.set('a', '2')
  await two.set('a', '2')
  await copy.update()
  const [copyOfOne, copyOfTwo] = [await copy.kv('one'), await copy.kv('two')]
  expect(await copyOfOne.get('a')).toBe('2')
  expect(await copyOfTwo.get('a')).toBe('1')

  datagram.policies.use({ offer: () => true })
  await attached(3)
  await eventually(async () => {
    await copy.update()
    return (await copyOfTwo.get('a')) === '2' || undefined
  })
  copy.policies.use({ accept: policies.byName('two') })
  await attached(2)
  expect(() => datagram.policies.use({ offer: 'all' as never })).toThrow(TypeError)
})

it('a clone has its policies from its first connection on, and tells its peers what it wants', async () => {
  const { datagram, link, address } = await sharedDatagram()
  for (const name of ['one', 'two']) await (await datagram.kv(name)).set('a', '1')
  await datagram.describe('two', { labels: ['spam'] })
  const files = await datagram.fs('files')
  await files.promises.writeFile('/a', 'x'.repeat(100_000))
  const connections: Connection[] = []
  datagram.on('peer-added', (connection) => connections.push(connection))
  const seen: string[] = []
  const copy = await temporaryClone(link, {
    connect: [address],
    want: { types: ['kv'], notLabels: ['spam'] },
    accept: ({ type }) => seen.push(type) > 0,
  })
  await eventually(async () => connections[0]?.statistics.attached === 2 || undefined)
  expect(await (await copy.kv('one')).get('a')).toBe('1')
  const taken = (await collect(copy.streams())).map(({ name, bytes }) => [name, bytes > 0])
  expect(taken).toEqual([
    ['files', false],
    ['one', true],
    ['two', false],
  ])
  expect(new Set(seen)).toEqual(new Set(['kv']))
  expect(connections[0]?.statistics.offered).toBe(1)
  copy.policies.use({ want: {} })
  await eventually(async () => connections[0]?.statistics.attached === 4 || undefined)
})

it('a datagram is opened with what it wants to hear of', async () => {
  const { datagram, link, address } = await sharedDatagram()
  await (await datagram.kv('one')).set('a', '1')
  await (await datagram.fs('files')).promises.writeFile('/a', 'x')
  const connections: Connection[] = []
  datagram.on('peer-added', (connection) => connections.push(connection))
  const folder = path.join(await temporaryFolder(), 'copy')
  await (await cloneDatagram(link, folder, { connect: [address] })).close()
  const again = await openDatagram(folder, { want: { types: ['fs'] } })
  onTestFinished(() => again.close())
  await again.connect(address)
  await eventually(async () => connections[1]?.statistics.attached === 2 || undefined)
  expect(connections[1]?.streams.filter(({ attached }) => attached)).toHaveLength(2)
  const broken = openDatagram(path.join(await temporaryFolder(), 'mine'), { want: 'fs' as never })
  await expect(broken).rejects.toThrow(TypeError)
})
