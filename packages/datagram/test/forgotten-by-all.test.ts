import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import {
  type Address,
  cloneDatagram,
  type Datagram,
  hostDatagram,
  openDatagram,
  type Progress,
} from '../src/index.ts'
import { code, collect, sharedDatagram, temporaryFolder } from './temporary-datagram.ts'

const LARGE = 'x'.repeat(200_000)

const listen = async (datagram: { listen: Datagram['listen'] }): Promise<Address> =>
  (await datagram.listen({ host: '127.0.0.1', port: 0 })).address()

/** An author who has gone, and three who have all that it wrote. */
async function threeHolders() {
  const { datagram, link, address } = await sharedDatagram()
  const map = await datagram.kv('map')
  await map.set('gone', LARGE)
  await map.set('stays', LARGE)
  await (await datagram.kv('other')).set('a', 'b')
  // What the index does not cover yet is its author's to forget.
  await datagram.compact()
  const home = await temporaryFolder()
  const blind = await datagram.share({ access: 'blind' })
  const holders: { copy: Datagram; address: Address }[] = []
  for (const name of ['a', 'b', 'c']) {
    const copy = await cloneDatagram(link, path.join(home, name), { connect: [address] })
    onTestFinished(() => copy.close())
    holders.push({ copy, address: await listen(copy) })
  }
  await datagram.close()
  const forget = async ({ copy }: { copy: Datagram }) => (await copy.kv('map')).forget('gone')
  return { link, blind, home, holders, forget }
}

/** A clone, and the last that it told of itself while it was made. */
async function cloned(link: string, folder: string, connect: readonly Address[]) {
  const cloning = cloneDatagram(link, folder, { connect, timeoutMs: 60_000 })
  const last = (await collect(cloning)).at(-1) as Progress
  const copy = await cloning
  onTestFinished(() => copy.close())
  return { copy, last }
}

const lost = [{ stream: 'map', ranges: [expect.anything()], bytes: expect.any(Number) }]

it('a clone of what every holder has forgotten alone is whole without it, and says so', async () => {
  const { link, home, holders, forget } = await threeHolders()
  for (const holder of holders) await forget(holder)
  const connect = holders.map(({ address }) => address)
  const folder = path.join(home, 'joined')
  const { copy, last } = await cloned(link, folder, connect)
  expect(last).toMatchObject({ streamsDone: 3, streamsWanted: 3, leftMs: 0, unavailable: lost })
  expect(last.blocksDone).toBe(last.blocksWanted)
  expect(last.unavailable[0]?.bytes).toBeGreaterThan(LARGE.length)
  expect(last.unavailable[0]?.bytes).toBeLessThan(LARGE.length + 1000)
  const check = async (joined: Datagram) => {
    const map = await joined.kv('map')
    expect(await map.status('gone')).toEqual({ state: 'evicted', size: LARGE.length, holders: 0 })
    await expect(map.get('gone')).rejects.toMatchObject(code('BLOCK_UNAVAILABLE'))
    expect(await map.get('stays')).toBe(LARGE)
    expect(await (await joined.kv('other')).get('a')).toBe('b')
    expect(await joined.verify()).toMatchObject({ problems: [], unavailable: last.unavailable })
  }
  await check(copy)
  expect((await collect(copy.update())).at(-1)).toMatchObject({ unavailable: lost, leftMs: 0 })
  await check(copy)
  await copy.close()
  for (const holder of holders) await holder.copy.close()
  // It is kept, and told to who clones from there.
  const again = await openDatagram(folder)
  onTestFinished(() => again.close())
  await check(again)
  const next = await cloned(link, path.join(home, 'next'), [await listen(again)])
  expect(next.last.unavailable).toEqual(last.unavailable)
  await check(next.copy)
})

it('with one holder that still has it, it comes; later too, to who went without', async () => {
  const { link, home, holders, forget } = await threeHolders()
  const [a, b, c] = holders as [(typeof holders)[0], (typeof holders)[0], (typeof holders)[0]]
  await forget(a)
  await forget(b)
  const all = holders.map(({ address }) => address)
  const whole = await cloned(link, path.join(home, 'whole'), all)
  expect(whole.last.unavailable).toEqual([])
  expect(await (await whole.copy.kv('map')).get('gone')).toBe(LARGE)
  await whole.copy.close()
  const late = await cloned(link, path.join(home, 'late'), [a.address, b.address])
  expect(late.last.unavailable).toEqual(lost)
  await late.copy.connect(c.address)
  await late.copy.update()
  expect(await late.copy.verify()).toMatchObject({ problems: [], unavailable: [] })
  for (const holder of holders) await holder.copy.close()
  expect(await (await late.copy.kv('map')).get('gone')).toBe(LARGE)
  // Whoever takes it back says so as well.
  const other = await cloned(link, path.join(home, 'other'), [await listen(late.copy)])
  expect(other.last.unavailable).toEqual([])
})

it('a holder that has merely not fetched it is not one that has forgotten it', async () => {
  const { link, home, holders, forget } = await threeHolders()
  const sparse = await cloneDatagram(link, path.join(home, 'sparse'), {
    connect: holders.map(({ address }) => address),
    sparse: true,
  })
  onTestFinished(() => sparse.close())
  await (await sparse.kv('map')).get('stays')
  for (const holder of holders) await forget(holder)
  const connect = [...holders.map(({ address }) => address), await listen(sparse)]
  const folder = path.join(home, 'joined')
  await expect(cloneDatagram(link, folder, { connect })).rejects.toMatchObject(
    code('BLOCK_UNAVAILABLE'),
  )
  // It resumes where it was, once that one is not in the way.
  await sparse.close()
  const { copy, last } = await cloned(link, folder, connect)
  expect(last.unavailable).toEqual(lost)
  expect(await (await copy.kv('map')).get('stays')).toBe(LARGE)
})

it('a clone of one stream, an attached stream and a host that came late are whole without it', async () => {
  const { link, blind, home, holders, forget } = await threeHolders()
  const [first] = holders as [(typeof holders)[0]]
  const only = await first.copy.share('map')
  for (const holder of holders) await forget(holder)
  const connect = holders.map(({ address }) => address)
  const single = await cloned(only, path.join(home, 'single'), connect)
  expect(single.last.unavailable).toMatchObject([{ stream: 'shared' }])
  expect(await single.copy.verify()).toMatchObject({ problems: [], unavailable: [{}] })
  await using host = await hostDatagram(blind, path.join(home, 'host'), { connect })
  await host.update()
  for (const holder of holders) await holder.copy.close()
  const { copy, last } = await cloned(link, path.join(home, 'joined'), [await listen(host)])
  expect(last.unavailable).toEqual(lost)
  expect(await (await copy.kv('map')).get('stays')).toBe(LARGE)
})
