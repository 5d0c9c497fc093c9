import path from 'node:path'
import { expect, it } from 'vitest'
import { type Datagram, hostDatagram, openDatagram } from '../src/index.ts'
import { findStored } from './stored-blocks.ts'
import { temporaryFolder } from './temporary-datagram.ts'

const SECRET = 'a value that its author forgets while the host is away '.repeat(4)

it('a host that was away drops what was forgotten, though the author has dropped more since', {
  timeout: 120_000,
}, async () => {
  const home = await temporaryFolder()
  const own = path.join(home, 'author')
  const hosted = path.join(home, 'host')
  const listen = async (datagram: Datagram) =>
    (await datagram.listen({ host: '127.0.0.1', port: 0 })).address()
  const links: string[] = []
  let blind = ''
  {
    await using author = await openDatagram(own)
    const map = await author.kv('map', { retain: 'latest' })
    await map.set('secret', SECRET)
    links.push(await author.share('map'))
    blind = await author.share({ access: 'blind' })
    await using host = await hostDatagram(blind, hosted, { connect: [await listen(author)] })
    await host.update()
    await host.close()
    expect(await findStored(hosted, links, [SECRET])).not.toEqual([])

    await map.forget('secret')
    // What was written beside it, and what the forgetting itself wrote, goes by and by without any call.
    let most = 0
    const shrinks = async () => {
      for (let i = 0; i < 20; i++) await map.set('again', `${i}`)
      const bytes = await bytesOf(author, 'map')
      most = Math.max(most, bytes)
      return bytes < most
    }
    await expect.poll(shrinks, { timeout: 60_000 }).toBe(true)
  }
  await using author = await openDatagram(own)
  await using host = await hostDatagram(blind, hosted, { connect: [await listen(author)] })
  await host.update()
  await host.close()
  expect(await findStored(hosted, links, [SECRET])).toEqual([])
})

async function bytesOf(datagram: Datagram, name: string): Promise<number> {
  const { streams } = await datagram.usage()
  return streams.find((one) => one.name === name)?.diskBytes ?? Number.NaN
}
