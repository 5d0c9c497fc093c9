import path from 'node:path'
import { claimOrigin, Container, openLink } from '@datagram/container'
import { openStore } from '@datagram/log-core'
import b4a from 'b4a'
import { expect, it, onTestFinished } from 'vitest'
import { hostDatagram, openDatagram } from '../src/index.ts'
import { code, sharedDatagram, temporaryClone, temporaryFolder } from './temporary-datagram.ts'

const LARGE = 'x'.repeat(200_000)
// Type and version of a drop record; what follows is the key of the stream that it is about.
const DROP_RECORD_HEAD = b4a.from([1, 2])

it('what a reader forgets alone goes from nobody else, whoever asks whom', async () => {
  const { datagram, link, address } = await sharedDatagram()
  const map = await datagram.kv('map')
  await map.set('large', LARGE)
  await map.set('middle', LARGE.slice(0, 5000))
  // What the index does not cover yet is its author's to forget.
  await datagram.compact()
  const reader = await temporaryClone(link, { connect: [address] })
  const blind = await datagram.share({ access: 'blind' })
  const host = await hostDatagram(blind, path.join(await temporaryFolder(), 'host'), {
    connect: [address],
  })
  onTestFinished(() => host.close())
  await host.update()
  const before = host.stats().bytes
  const theirs = await reader.kv('map')
  await theirs.forget('large', 'middle')
  for (const key of ['large', 'middle']) {
    await expect(theirs.get(key)).rejects.toMatchObject(code('FORGOTTEN_HERE'))
  }
  await reader.update()
  await expect(theirs.get('large')).rejects.toMatchObject(code('FORGOTTEN_HERE'))
  await host.update()
  expect(host.stats().bytes).toBe(before)
  const served = (await reader.listen({ host: '127.0.0.1', port: 0 })).address()
  const other = await temporaryClone(link, { connect: [address] })
  await other.connect(served)
  expect(await (await other.kv('map')).get('large')).toBe(LARGE)
  expect(await map.get('large')).toBe(LARGE)
  expect(await map.status('large')).toMatchObject({ state: 'stored' })
  await theirs.refetch('large', 'middle')
  expect(await theirs.get('large')).toBe(LARGE)
  expect((await theirs.get('middle'))?.length).toBe(5000)
})

it('nobody but its author can write into a roster, and it says nothing of streams that it does not name', async () => {
  const home = await temporaryFolder()
  const own = path.join(home, 'own')
  {
    await using datagram = await openDatagram(own)
    await (await datagram.kv('map')).set('large', LARGE)
  }
  // An author whose roster has a record about a stream of somebody else.
  const store = await openStore(own)
  const roster = await store.open('roster', { cipherKey: null })
  const strange = b4a.concat([
    DROP_RECORD_HEAD,
    b4a.alloc(32, 7),
    b4a.from([9, 9, 1, 0, 9, 1, 0, 9]),
  ])
  await roster.append({ kind: 32, payload: strange })
  const { key } = roster
  await store.close()

  const datagram = await openDatagram(own)
  onTestFinished(() => datagram.close())
  const address = (await datagram.listen({ host: '127.0.0.1', port: 0 })).address()
  const problems: unknown[] = []
  const host = await hostDatagram(
    await datagram.share({ access: 'blind' }),
    path.join(home, 'host'),
    { connect: [address], onProblem: (problem) => problems.push(problem) },
  )
  onTestFinished(() => host.close())
  await host.update()
  expect(host.stats().bytes).toBeGreaterThan(LARGE.length)
  expect(problems).toEqual([])

  const copyStore = await openStore(path.join(home, 'copy'))
  onTestFinished(() => copyStore.close())
  await claimOrigin(copyStore, await openLink(await datagram.share()), undefined)
  const copy = await Container.open(copyStore)
  onTestFinished(() => copy.close())
  const theirs = await copyStore.openRemote(key, { cipherKey: null })
  await expect(theirs.append({ kind: 32, payload: strange })).rejects.toMatchObject(
    code('LOG_NOT_WRITABLE'),
  )
})
