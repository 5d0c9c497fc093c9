/// <reference path="../../network/test/declarations.d.ts" />
import createTestnet from 'hyperdht/testnet.js'
import { expect, it, onTestFinished } from 'vitest'
import { hostDatagram } from '../src/index.ts'
import { code, temporaryClone, temporaryDatagram, temporaryFolder } from './temporary-datagram.ts'

async function testnet() {
  const net = await createTestnet(3)
  onTestFinished(() => net.destroy())
  return { bootstrap: net.bootstrap }
}

it('two containers find each other over Hyperswarm, and clone; a host, and a single stream too', async () => {
  const { bootstrap } = await testnet()
  const mine = await temporaryDatagram()
  await (await mine.kv('settings')).set('theme', 'dark')
  await mine.join({ bootstrap, streams: ['settings'] })
  await expect(mine.join({ bootstrap, streams: ['none'] })).rejects.toMatchObject(
    code('STREAM_NOT_FOUND'),
  )
  const copy = await temporaryClone(await mine.share(), { bootstrap })
  expect(await (await copy.kv('settings')).get('theme')).toBe('dark')
  const one = await temporaryClone(await mine.share('settings'), { bootstrap })
  expect(await (await one.kv('shared')).get('theme')).toBe('dark')

  await using host = await hostDatagram(
    await mine.share({ access: 'blind' }),
    `${await temporaryFolder()}/hosted`,
  )
  await host.join({ bootstrap })
  await host.update()
  const link = await mine.share()
  await mine.close()
  await copy.close()
  await one.close()
  const again = await temporaryClone(link, { bootstrap })
  expect(await (await again.kv('settings')).get('theme')).toBe('dark')
})

it('a clone of what nobody announces ends with CLONE_NO_PEER', async () => {
  const { bootstrap } = await testnet()
  const link = await (await temporaryDatagram()).share()
  await expect(temporaryClone(link, { bootstrap, timeoutMs: 2_000 })).rejects.toMatchObject(
    code('CLONE_NO_PEER'),
  )
})
