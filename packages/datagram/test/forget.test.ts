import path from 'node:path'
import { Random } from '@datagram/fault-harness'
import b4a from 'b4a'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cloneDatagram, hostDatagram } from '../src/index.ts'
import { forgetful } from './forgetful.ts'
import { sharedDatagram, temporaryFolder } from './temporary-datagram.ts'

const random = new Random(Date.now())
const cases = forgetful.flatMap((one) => one.sizes.map((size) => ({ one, size })))

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
    expect(await one.has(copy, secret)).toBe(true)
    const before = await host.usage()
    await one.forget(datagram, secret)
    expect(await one.has(datagram, secret)).toBe(false)
    await copy.update()
    await host.update()
    expect(await one.has(copy, secret)).toBe(false)
    for (const each of [datagram, copy, host]) await each.compact()
    if (size > 200_000) expect((await host.usage()).diskBytes).toBeLessThan(before.diskBytes)
    const late = await cloneDatagram(link, path.join(folder, 'late'), { connect: [address] })
    onTestFinished(() => late.close())
    expect(await one.has(late, secret)).toBe(false)
    expect(await (await late.kv('beside')).get('a')).toBe('stays')
  })
})
