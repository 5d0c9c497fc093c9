import path from 'node:path'
import { StoreImage } from '@datagram/fault-harness'
import { expect, it, onTestFinished } from 'vitest'
import {
  type Address,
  cloneDatagram,
  type Datagram,
  type HostedDatagram,
  hostDatagram,
  openDatagram,
  type PeerReport,
} from '../src/index.ts'
import { eventually, sharedDatagram, temporaryFolder } from './temporary-datagram.ts'

const anywhere = { host: '127.0.0.1', port: 0 }

/** Everything that is reported of peers. */
function reportsOf(who: Datagram | HostedDatagram): PeerReport[] {
  const reports: PeerReport[] = []
  who.on('peer-rolled-back', (_, report) => reports.push(report))
  who.on('peer-diverged', (_, report) => reports.push(report))
  return reports
}

/** A datagram with a host, which has been brought to where the author is. */
async function hosted() {
  const mine = await sharedDatagram()
  const kv = await mine.datagram.kv('settings')
  await kv.set('theme', 'light')
  const blind = await mine.datagram.share({ access: 'blind' })
  const folder = path.join(await temporaryFolder(), 'hosted')
  const open = async (connect: readonly Address[] = []) => {
    const host = await hostDatagram(blind, folder, { connect })
    onTestFinished(() => host.close())
    return { host, address: (await host.listen(anywhere)).address() }
  }
  const first = await open([mine.address])
  await first.host.update()
  await first.host.close()
  return { ...mine, kv, folder, open }
}

type Hosted = Awaited<ReturnType<typeof hosted>>

/** The author goes on, the host follows, and somebody clones from the host. */
async function cloned({ datagram, kv, link, address, open }: Hosted) {
  for (let i = 0; i < 20; i++) await kv.set(`key ${i}`, `value ${i}`)
  const { host, address: there } = await open([address])
  await host.update()
  await datagram.close()
  const folder = path.join(await temporaryFolder(), 'copy')
  const copy = await cloneDatagram(link, folder, { connect: [there] })
  onTestFinished(() => copy.close())
  return { copy, folder, host }
}

it('a host that was put back from an old copy is reported, also after the reader was opened anew', async () => {
  const world = await hosted()
  const old = await StoreImage.take(world.folder)
  const { copy, folder, host } = await cloned(world)
  await copy.close()
  await host.close()
  await old.restore()

  const restored = await world.open()
  const reader = await openDatagram(folder)
  onTestFinished(() => reader.close())
  const reports = reportsOf(reader)
  await reader.connect(restored.address)
  const report = await eventually(async () => reports.find(({ name }) => name === 'settings'))
  expect(report.reason).toMatchObject({ code: 'PEER_ROLLED_BACK' })
  expect(report.lengthNow).toBeLessThan(report.lengthThen)
  expect(report.peer).toEqual(reader.peers()[0]?.publicKey)
  // What is here is read and served on: the host has it back from its reader, and all is well again.
  await restored.host.update()
  expect(await (await reader.kv('settings')).get('key 19')).toBe('value 19')
  const count = reports.length
  await restored.host.close()
  const again = await world.open()
  await reader.connect(again.address)
  await again.host.update()
  expect(reports).toHaveLength(count)
})

it('a host that is only opened again is not, nor one that withdraws a stream and offers it again', async () => {
  const world = await hosted()
  const { copy, folder, host } = await cloned(world)
  const reports = [reportsOf(copy)]
  await copy.close()
  await host.close()
  const again = await world.open()
  const reader = await openDatagram(folder)
  onTestFinished(() => reader.close())
  reports.push(reportsOf(reader), reportsOf(again.host))
  const key = async (address: Address) => {
    const connection = await reader.connect(address)
    await connection.rootAgreed()
    await again.host.update()
    await reader.update()
    const { publicKey } = connection.peer ?? {}
    await connection.close()
    return publicKey
  }
  const first = await key(again.address)
  expect(await key(again.address)).toEqual(first)
  for (const isShown of [false, true]) {
    again.host.policies.use({ offer: () => isShown })
    expect(await key(again.address)).toEqual(first)
  }
  expect(reports.flat()).toEqual([])
})

it.each([
  ['an author who went on from an old copy is reported by its history', 8],
  ['so is one whose new history is as long as the old one, which nothing is asked of', 2],
])('%s', async (_, count) => {
  const folder = path.join(await temporaryFolder(), 'mine')
  const write = async (texts: readonly string[]) => {
    const mine = await openDatagram(folder)
    onTestFinished(() => mine.close())
    const kv = await mine.kv('settings')
    for (const text of texts) await kv.set(text, text)
    return { mine, address: (await mine.listen(anywhere)).address(), link: await mine.share() }
  }
  await (await write(['a'])).mine.close()
  const old = await StoreImage.take(folder)
  const first = await write(['b', 'c'])
  const copyFolder = path.join(await temporaryFolder(), 'copy')
  const copy = await cloneDatagram(first.link, copyFolder, { connect: [first.address] })
  onTestFinished(() => copy.close())
  const reports = reportsOf(copy)
  await first.mine.close()
  await old.restore()
  const second = await write(['d', 'e', 'f', 'g', 'h', 'i', 'j', 'k'].slice(0, count))
  await copy.connect(second.address)
  const report = await eventually(async () =>
    reports.find(({ reason }) => reason.code === 'PEER_HISTORY_DIFFERS'),
  )
  expect(report).toMatchObject({ name: 'settings', lengthNow: expect.any(Number) as number })
  // The first of the two histories is what is here.
  await copy.close()
  const reader = await openDatagram(copyFolder)
  onTestFinished(() => reader.close())
  const kv = await reader.kv('settings')
  expect(await kv.get('c')).toBe('c')
  expect(await kv.get('d')).toBe(undefined)
})

it('shows the same key at each opening, or a new one where that is asked for', async () => {
  const { datagram, address } = await sharedDatagram()
  const folder = path.join(await temporaryFolder(), 'other')
  const keys: string[] = []
  for (const peerKey of ['kept', 'kept', 'fresh', 'fresh'] as const) {
    const other = await openDatagram(folder, { peerKey })
    await other.connect(address)
    const [peer] = await eventually(async () =>
      datagram.peers().length === 1 ? datagram.peers() : undefined,
    )
    keys.push(Buffer.from(peer?.publicKey ?? []).toString('hex'))
    await other.close()
    await eventually(async () => datagram.peers().length === 0 || undefined)
  }
  expect(new Set(keys).size).toBe(3)
  expect(keys[0]).toBe(keys[1])
  await expect(openDatagram(folder, { peerKey: 'other' as 'kept' })).rejects.toBeInstanceOf(
    TypeError,
  )
})
