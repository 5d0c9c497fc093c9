import path from 'node:path'
import { openBlindLink, openLink } from '@datagram/container'
import type { Log } from '@datagram/log-core'
import { expect, it, onTestFinished } from 'vitest'
import {
  type Address,
  cloneDatagram,
  type Datagram,
  hostDatagram,
  openDatagram,
} from '../src/index.ts'
import { foundIn, sealedNeedles } from './sealed-needles.ts'
import { blocksWith, heldOf, pairsOf, type StoredPair, withStored } from './stored-blocks.ts'
import { code, eventually, temporaryFolder } from './temporary-datagram.ts'

const CANARY = 'what an older link is to open no more '.repeat(4)
const LARGE = `${CANARY}${'x'.repeat(100_000)}`
const NAMES = ['author', 'online', 'away', 'hostOnline', 'hostAway', 'latePeer'] as const
type Folders = Record<(typeof NAMES)[number], string>

const listen = async (datagram: { listen: Datagram['listen'] }): Promise<Address> =>
  (await datagram.listen({ host: '127.0.0.1', port: 0 })).address()

/** An author who has keyed a stream with the canary in it anew, in folders that nobody has open. */
async function ground() {
  const home = await temporaryFolder()
  const folders = Object.fromEntries(NAMES.map((name) => [name, path.join(home, name)])) as Folders
  await using author = await openDatagram(folders.author)
  const map = await author.kv('map')
  await map.set('secret', CANARY)
  await map.set('large', LARGE)
  await map.set('beside', 'stays')
  await author.compact()
  const link = await author.share()
  const blind = await author.share({ access: 'blind' })
  const oldLink = await author.share('map')
  const newLink = await author.rekey('map')
  const connect = [await listen(author)]
  for (const folder of [folders.online, folders.away]) {
    await using copy = await cloneDatagram(link, folder, { connect })
    expect(await (await copy.kv('map')).get('secret')).toBe(CANARY)
  }
  for (const folder of [folders.hostOnline, folders.hostAway]) {
    await using host = await hostDatagram(blind, folder, { connect })
    await host.update()
  }
  // The positive control: without the forgetting, the old link reads it.
  await using reader = await cloneDatagram(oldLink, path.join(home, 'reader'), { connect })
  expect(await (await reader.kv('shared')).get('large')).toBe(LARGE)
  return { home, folders, link, blind, oldLink, newLink }
}

/** Of the logs before and after: sealed bytes of the blocks that hold the canary, as they lie in the author's files. */
async function sealed(folder: string, links: readonly string[]): Promise<Uint8Array[]> {
  return withStored(folder, links, async (logs) => {
    const needles: Uint8Array[] = []
    for (const [i, blocks] of (await blocksWith(logs, links, [CANARY])).entries()) {
      if (blocks.length > 0) needles.push(...(await sealedNeedles(logs[i] as Log, blocks)))
    }
    return needles
  })
}

it('forgetting overrides older links: at the author, clones and hosts what they open is gone', {
  timeout: 300_000,
}, async () => {
  const { home, folders, link, blind, oldLink, newLink } = await ground()
  const pairs = await pairsOf(folders.author, [oldLink, newLink])
  const needles = await sealed(folders.author, [oldLink, newLink])
  for (const folder of [folders.author, folders.online, folders.away]) {
    const [before, now] = await heldOf(folder, pairs, CANARY)
    expect(before?.withText, folder).toBeGreaterThan(1)
    expect(now?.withText, folder).toBeGreaterThan(1)
  }
  expect(await foundIn(folders.author, needles)).not.toEqual([])
  expect(await foundIn(folders.hostAway, needles)).not.toEqual([])

  const connect: Address[] = []
  {
    await using author = await openDatagram(folders.author)
    connect[0] = await listen(author)
    await using online = await cloneDatagram(link, folders.online, { connect })
    await using host = await hostDatagram(blind, folders.hostOnline, { connect })
    await host.update()
    const hostedBefore = host.stats().streams
    const map = await author.kv('map')
    await map.forget('secret')
    await map.set('large', 'small', { previous: 'forget' })
    await map.forget('none')
    // Without an update: who is online hears of it.
    await eventually(async () => (host.stats().streams < hostedBefore ? true : undefined))
    const served = await listen(online)
    const refused = async (address: Address) => {
      const folder = path.join(await temporaryFolder(), 'late')
      const late = await cloneDatagram(oldLink, folder, { connect: [address] }).catch(
        (error: { code: string }) => error.code,
      )
      if (typeof late === 'string') return late
      await late.close()
      return undefined
    }
    for (const address of [...connect, served, await listen(host)]) {
      expect(await eventually(() => refused(address))).toBe('STREAM_DECLINED')
    }
    await online.update()
    await host.update()
    expect(await (await online.kv('map')).get('beside')).toBe('stays')
    for (const one of [author, online, host]) await one.compact()
  }
  {
    await using author = await openDatagram(folders.author)
    connect[0] = await listen(author)
    await using away = await cloneDatagram(link, folders.away, { connect })
    await away.update()
    await using host = await hostDatagram(blind, folders.hostAway, { connect })
    await host.update()
    // Who clones afterwards is whole, and gets none of it.
    await using late = await cloneDatagram(link, folders.latePeer, { connect })
    expect((await late.verify()).problems).toEqual([])
    await using fresh = await cloneDatagram(newLink, path.join(home, 'fresh'), { connect })
    expect(await (await fresh.kv('shared')).get('beside')).toBe('stays')
    expect(await (await fresh.kv('shared')).get('secret')).toBeUndefined()
    for (const one of [away, host]) await one.compact()
  }
  for (const folder of Object.values(folders)) {
    const [before, now] = await heldOf(folder, pairs, CANARY)
    expect(before, folder).toEqual({ blocks: 0, withText: 0 })
    expect(now?.withText, folder).toBe(0)
    expect(now?.blocks, folder).toBeGreaterThan(0)
    expect(await foundIn(folder, [...needles, CANARY]), folder).toEqual([])
  }
})

it('a clone that was away while a stream was keyed anew and forgotten in drops what it was', async () => {
  const home = await temporaryFolder()
  const [own, copied] = [path.join(home, 'author'), path.join(home, 'copy')]
  const author = await openDatagram(own)
  onTestFinished(() => author.close())
  const connect = [await listen(author)]
  const map = await author.kv('map')
  await map.set('secret', CANARY)
  const link = await author.share()
  const links = [await author.share('map')]
  await (await cloneDatagram(link, copied, { connect })).close()
  const pairs = await pairsOf(copied, links)
  expect((await heldOf(copied, pairs, CANARY))[0]?.withText).toBeGreaterThan(0)

  await author.rekey('map')
  await (await author.kv('map')).forget('secret')
  {
    await using copy = await cloneDatagram(link, copied, { connect })
    await copy.update()
    expect(await (await copy.kv('map')).get('secret')).toBeUndefined()
  }
  expect(await heldOf(copied, pairs, CANARY)).toEqual([{ blocks: 0, withText: 0 }])
})

it('what nobody forgets in stays, and so does what comes after the forgetting', {
  timeout: 120_000,
}, async () => {
  const { folders, oldLink, newLink } = await ground()
  await using author = await openDatagram(folders.author)
  const connect = [await listen(author)]
  const read = async (link: string) => {
    const folder = path.join(await temporaryFolder(), 'copy')
    await using copy = await cloneDatagram(link, folder, { connect })
    return (await copy.kv('shared')).get('beside')
  }
  // Writing and another stream's forgetting change nothing.
  await (await author.kv('map')).del('secret')
  const other = await author.kv('other')
  await other.set('a', '1')
  await other.forget('a')
  expect(await read(oldLink)).toBe('stays')
  await (await author.kv('map')).forget('secret')
  await expect(read(oldLink)).rejects.toMatchObject(code('STREAM_DECLINED'))
  // Keyed anew once more, the link of before is of use until the next forgetting.
  const newest = await author.rekey('map')
  expect(await read(newLink)).toBe('stays')
  expect(await read(newest)).toBe('stays')
  await expect(read(oldLink)).rejects.toMatchObject(code('STREAM_DECLINED'))
})

it('of more than sixteen the oldest is let go when the stream is keyed anew once more', {
  timeout: 120_000,
}, async () => {
  const home = await temporaryFolder()
  const own = path.join(home, 'author')
  const links: string[] = []
  {
    await using author = await openDatagram(own)
    await (await author.kv('map')).set('secret', CANARY)
    links.push(await author.share('map'))
    for (let i = 0; i < 16; i++) links.push(await author.rekey('map'))
  }
  const pairs = await pairsOf(own, links)
  for (const { withText } of await heldOf(own, pairs, CANARY)) expect(withText).toBeGreaterThan(0)
  {
    await using author = await openDatagram(own)
    await author.rekey('map')
  }
  const [first, ...others] = await heldOf(own, pairs, CANARY)
  expect(first).toEqual({ blocks: 0, withText: 0 })
  for (const { withText } of others) expect(withText).toBeGreaterThan(0)
  {
    await using author = await openDatagram(own)
    await (await author.kv('map')).forget('secret')
  }
  for (const { withText } of await heldOf(own, pairs, CANARY)) expect(withText).toBe(0)
})

it('a clone that updates all the while is never in the way, and who reads by an old link keeps its copy', {
  timeout: 120_000,
}, async () => {
  const home = await temporaryFolder()
  const [own, copied, kept] = ['author', 'copy', 'kept'].map((name) => path.join(home, name)) as [
    string,
    string,
    string,
  ]
  const pairs: StoredPair[] = []
  {
    await using author = await openDatagram(own)
    const connect = [await listen(author)]
    await (await author.kv('map')).set('large', LARGE)
    const link = await author.share()
    pairs.push(await pairNow(author))
    await using reader = await cloneDatagram(await author.share('map'), kept, { connect })
    await using copy = await cloneDatagram(link, copied, { connect })
    let isDone = false
    const updating = (async () => {
      let updates = 0
      for (; !isDone; updates++) await copy.update()
      return updates
    })()
    for (let round = 0; round < 6; round++) {
      await author.rekey('map')
      pairs.push(await pairNow(author))
      const map = await author.kv('map')
      await map.set(`round ${round}`, LARGE)
      await map.set('passing', CANARY)
      if (round % 2 === 1) await map.forget('passing')
    }
    isDone = true
    expect(await updating).toBeGreaterThan(1)
    await copy.update()
    const now = await copy.kv('map')
    expect(await now.get('round 5')).toBe(LARGE)
    expect((await copy.verify()).problems).toEqual([])
    await reader.update()
    expect(await (await reader.kv('shared')).get('large')).toBe(LARGE)
  }
  for (const folder of [own, copied]) {
    const held = await heldOf(folder, pairs, CANARY)
    // The last round forgets: all but the newest are gone.
    expect(held.pop()?.blocks, folder).toBeGreaterThan(0)
    for (const before of held) expect(before, folder).toEqual({ blocks: 0, withText: 0 })
  }
  const [first] = await heldOf(kept, pairs.slice(0, 1), CANARY)
  expect(first?.withText).toBeGreaterThan(0)
})

/** The logs that the stream has now. */
async function pairNow(author: Datagram): Promise<StoredPair> {
  const { key, streamKey } = await openLink(await author.share('map'))
  const { otherKey } = openBlindLink(await author.share('map', { access: 'blind' }))
  return { indexKey: key, dataKey: otherKey, streamKey }
}
