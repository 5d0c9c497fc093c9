import path from 'node:path'
import { Random } from '@datagram/fault-harness'
import b4a from 'b4a'
import { expect, it, onTestFinished } from 'vitest'
import { type Address, cloneDatagram, hostDatagram, openDatagram } from '../src/index.ts'
import { forgetful } from './forgetful.ts'
import { foundIn, sealedNeedles } from './sealed-needles.ts'
import { blocksWith, findStored, type Unsealings, withStored } from './stored-blocks.ts'
import { temporaryFolder } from './temporary-datagram.ts'

const random = new Random(Date.now())
const canaries = forgetful.flatMap((one) =>
  one.sizes.map((size) => ({ one, secret: b4a.toString(random.bytes(size / 2), 'hex') })),
)
// Enough to be found by, little enough to lie in one piece.
const needleOf = (secret: string) => secret.slice(20, 84)

const NEEDLES_MAX = 12

const texts = canaries.map(({ secret }) => needleOf(secret))
const streams = [...new Set(forgetful.map(({ stream }) => stream))]

/** What some of the interfaces seal themselves; `links`: of the streams. */
function unsealingsOf(links: readonly string[]): Unsealings {
  const pairs = forgetful.flatMap(({ stream, unseal }) =>
    unseal === undefined ? [] : [[links[streams.indexOf(stream)] as string, unseal] as const],
  )
  return new Map(pairs)
}

/** The positive control: in each store blocks hold them, and are found, sealed as the first store has them. */
async function sealedCanaries(
  folders: readonly string[],
  links: readonly string[],
): Promise<Uint8Array[]> {
  const sealed: Uint8Array[] = []
  for (const folder of folders) {
    await withStored(folder, links, async (logs) => {
      const holding = await blocksWith(logs, links, texts, unsealingsOf(links))
      expect(holding.flat().length).toBeGreaterThanOrEqual(canaries.length / 2)
      if (folder !== folders[0]) return
      for (const [i, log] of logs.entries()) {
        const blocks = holding[i] as number[]
        if (blocks.length > 0) sealed.push(...(await sealedNeedles(log, blocks)))
      }
    })
    expect(await foundIn(folder, sealed.slice(0, NEEDLES_MAX))).not.toEqual([])
  }
  // Each is looked for in every file of every store.
  return random.shuffled(sealed).slice(0, NEEDLES_MAX)
}

/** Who joins afterwards has all that is left, whole and sound, and is told that something was forgotten. */
async function checkLate(link: string, folder: string, connect: readonly Address[]): Promise<void> {
  let last: { blocksDone: number; blocksWanted: number } | undefined
  const onProgress = (progress: { blocksDone: number; blocksWanted: number }) => (last = progress)
  await using late = await cloneDatagram(link, folder, { connect, onProgress })
  expect(last?.blocksDone).toBe(last?.blocksWanted)
  for (const { one, secret } of canaries) expect(await one.has(late, secret)).toBe(false)
  expect(await (await late.kv('map')).get('beside 100')).toBe('one')
  const { problems, forgotten } = await late.verify()
  expect(problems).toEqual([])
  expect(forgotten).toBeGreaterThan(0)
}

it('what its author forgets is in no file of any store, and nobody who joins gets it', {
  timeout: 900_000,
}, async () => {
  const home = await temporaryFolder()
  const folders = Object.fromEntries(
    ['author', 'online', 'offline', 'host', 'late'].map((name) => [name, path.join(home, name)]),
  ) as Record<'author' | 'online' | 'offline' | 'host' | 'late', string>
  let author = await openDatagram(folders.author)
  const listen = async (): Promise<Address> =>
    (await author.listen({ host: '127.0.0.1', port: 0 })).address()
  for (const { one, secret } of canaries) await one.store(author, secret)
  const link = await author.share()
  const blind = await author.share({ access: 'blind' })
  const links = await Promise.all(streams.map((name) => author.share(name)))
  let connect = [await listen()]
  for (const folder of [folders.online, folders.offline]) {
    await using copy = await cloneDatagram(link, folder, { connect })
    for (const { one, secret } of canaries) expect(await one.has(copy, secret)).toBe(true)
  }
  {
    await using host = await hostDatagram(blind, folders.host, { connect })
    await host.update()
  }
  await author.close()

  const { author: own, late: _, ...others } = folders
  const sealed = await sealedCanaries([own, ...Object.values(others)], links)

  author = await openDatagram(folders.author)
  onTestFinished(() => author.close())
  connect = [await listen()]
  {
    await using online = await cloneDatagram(link, folders.online, { connect })
    for (const { one, secret } of canaries) await one.forget(author, secret)
    for (const { one, secret } of canaries) expect(await one.has(author, secret)).toBe(false)
    // What is merely not retained goes now, also what stood for frames that moved: who comes later has to be told.
    await author.compact()
    await online.update()
    for (const { one, secret } of canaries) expect(await one.has(online, secret)).toBe(false)
    await online.compact()
  }
  {
    // It was away meanwhile, and has it still.
    await using offline = await cloneDatagram(link, folders.offline, { connect })
    await offline.update()
    await offline.compact()
  }
  // What is merely not retained any more is told to hosts by and by; this tells it now.
  await author.compact()
  {
    await using host = await hostDatagram(blind, folders.host, { connect })
    await host.update()
    await host.compact()
  }
  await checkLate(link, folders.late, connect)
  await author.compact()
  await author.close()

  for (const folder of Object.values(folders)) {
    expect(await findStored(folder, links, texts, unsealingsOf(links)), folder).toEqual([])
    const some = random.shuffled(texts).slice(0, NEEDLES_MAX)
    expect(await foundIn(folder, [...some, ...sealed]), folder).toEqual([])
  }
})
