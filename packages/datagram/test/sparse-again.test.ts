import path from 'node:path'
import { openLink } from '@datagram/container'
import { openStore } from '@datagram/log-core'
import { streamKeys } from '@datagram/stream'
import { expect, it, onTestFinished } from 'vitest'
import { cloneDatagram, openDatagram } from '../src/index.ts'
import { eventually, temporaryFolder } from './temporary-datagram.ts'

// So many changes of the list of streams, and a moment without one, bring it into the index.
const CHANGES = 80

it('a sparse clone that lacks a part of its list of streams connects all the same, and has it then', async () => {
  const home = await temporaryFolder()
  const copied = path.join(home, 'copy')
  const author = await openDatagram(path.join(home, 'author'))
  onTestFinished(() => author.close())
  const names = ['first', 'second']
  for (const name of names) await (await author.kv(name)).set('key', name)
  for (let i = 0; i < CHANGES; i++) await author.describe('first', { title: `title ${i}` })
  const link = await author.share()
  const { key, streamKey } = await openLink(link)
  const connect = [(await author.listen({ host: '127.0.0.1', port: 0 })).address()]
  // What it has of the list but the newest head, as when it ends right after it has heard of that, is dropped.
  await eventually(async () => {
    await (await cloneDatagram(link, copied, { connect, sparse: true })).close()
    await using store = await openStore(copied)
    const index = await store.openRemote(key, { cipherKey: streamKeys(streamKey).indexKey })
    if (index.length < 3) return undefined
    await index.evict({ start: 1, end: index.length - 1 })
    return true
  })
  await using copy = await openDatagram(copied)
  for (const address of connect) await copy.connect(address)
  await copy.update({ sparse: true })
  for (const name of names) expect(await (await copy.kv(name)).get('key')).toBe(name)
})
