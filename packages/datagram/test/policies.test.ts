import { expect, it } from 'vitest'
import { type Connection, policies } from '../src/index.ts'
import { eventually, sharedDatagram, temporaryClone } from './temporary-datagram.ts'

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
