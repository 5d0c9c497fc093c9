import path from 'node:path'
import { Random } from '@datagram/fault-harness'
import { defineInterface, type InterfaceStream } from '@datagram/stream'
import b4a from 'b4a'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cloneDatagram, type Datagram, hostDatagram } from '../src/index.ts'
import { sharedDatagram, temporaryFolder } from './temporary-datagram.ts'

const random = new Random(Date.now())
const plain = defineInterface({
  name: 'plain',
  contract: 1,
  version: 1,
  open: (stream: InterfaceStream) => ({ stream }),
})

/** An interface that stores a secret and forgets it; further ones are added here as they land. */
interface Forgetful {
  readonly name: string
  store(datagram: Datagram, secret: string): Promise<void>
  forget(datagram: Datagram): Promise<void>
  /** What a reader has of it: undefined or a coded error when it is gone. */
  read(datagram: Datagram): Promise<string | undefined>
}

const interfaces: readonly Forgetful[] = [
  {
    name: 'a value of kv',
    store: async (datagram, secret) => void (await (await datagram.kv('map')).set('key', secret)),
    forget: async (datagram) => (await datagram.kv('map')).forget('key'),
    read: async (datagram) => (await datagram.kv('map')).get('key'),
  },
  {
    name: 'a plain object',
    store: async (datagram, secret) => {
      const { stream } = await datagram.open('objects', plain)
      await stream.write((tx) => void tx.append(secret))
    },
    forget: async (datagram) => (await datagram.open('objects', plain)).stream.forget({ n: 0 }),
    read: async (datagram) => {
      const { stream } = await datagram.open('objects', plain)
      const object = await stream.at(0)
      return object === undefined || object.forgotten
        ? undefined
        : b4a.toString(await object.read())
    },
  },
]

const cases = interfaces.flatMap((one) =>
  [100, 16 * 1024, 256 * 1024].map((size) => ({ one, size })),
)

describe('what its author forgets', () => {
  it.each(cases)('is gone everywhere: $one.name of $size bytes', async ({ one, size }) => {
    const { datagram, link, address } = await sharedDatagram()
    const secret = b4a.toString(random.bytes(size / 2), 'hex')
    await one.store(datagram, secret)
    await (await datagram.kv('beside')).set('a', 'stays')
    const folder = await temporaryFolder()
    const copyFolder = path.join(folder, 'copy')
    const hostFolder = path.join(folder, 'host')
    const copy = await cloneDatagram(link, copyFolder, { connect: [address] })
    const blind = await datagram.share({ access: 'blind' })
    const host = await hostDatagram(blind, hostFolder, { connect: [address] })
    onTestFinished(async () => {
      await copy.close()
      await host.close()
    })
    await host.update()
    expect(await one.read(copy)).toBe(secret)
    const before = await host.usage()
    await one.forget(datagram)
    expect(await one.read(datagram)).toBeUndefined()
    await copy.update()
    await host.update()
    expect(await one.read(copy)).toBeUndefined()
    for (const each of [datagram, copy, host]) await each.compact()
    if (size > 200_000) expect((await host.usage()).diskBytes).toBeLessThan(before.diskBytes)
    const late = await cloneDatagram(link, path.join(folder, 'late'), { connect: [address] })
    onTestFinished(() => late.close())
    expect(await one.read(late)).toBeUndefined()
    expect(await (await late.kv('beside')).get('a')).toBe('stays')
  })
})
