import path from 'node:path'
import { faultyProxy } from '@datagram/fault-harness'
import { expect, it, onTestFinished } from 'vitest'
import { cloneDatagram } from '../src/index.ts'
import { sharedDatagram, temporaryFolder } from './temporary-datagram.ts'

it.each(['container', 'stream'])(
  'a clone of a %s whose connection goes before anything was told says so, and does not wait',
  async (kind) => {
    const { datagram, link, address } = await sharedDatagram()
    await (await datagram.kv('settings')).set('a', '1')
    const proxy = await faultyProxy(address as { host: string; port: number }, { delayMs: 20 })
    onTestFinished(() => proxy[Symbol.asyncDispose]())
    datagram.on('stream-attached', () => setImmediate(() => proxy.cutAll()))
    const folder = path.join(await temporaryFolder(), 'copy')
    const began = performance.now()
    await expect(
      cloneDatagram(kind === 'stream' ? await datagram.share('settings') : link, folder, {
        connect: [{ host: '127.0.0.1', port: proxy.port }],
      }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^CONNECTION_LOST$|^PEER_CLOSED$/) })
    expect(performance.now() - began).toBeLessThan(15_000)
  },
)
