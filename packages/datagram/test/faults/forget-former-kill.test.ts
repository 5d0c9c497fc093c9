import path from 'node:path'
import { runChild, temporaryFolder } from '@datagram/fault-harness'
import { expect, it } from 'vitest'
import { cloneDatagram, hostDatagram, openDatagram } from '../../src/index.ts'
import { heldOf, pairsOf } from '../stored-blocks.ts'

const script = new URL('./children/forget-former.ts', import.meta.url)
const CANARY = 'what an older link is to open no more '.repeat(4)

/** An author who has keyed a stream anew, a clone and a host of it, nobody open. */
async function filled(home: string) {
  const folders = ['author', 'clone', 'host'].map((name) => path.join(home, name))
  const [own, copied, hosted] = folders as [string, string, string]
  await using author = await openDatagram(own)
  const map = await author.kv('map')
  await map.set('secret', CANARY)
  await map.set('large', `${CANARY}${'x'.repeat(100_000)}`)
  const oldLink = await author.share('map')
  await author.rekey('map')
  const link = await author.share()
  const blind = await author.share({ access: 'blind' })
  const connect = [(await author.listen({ host: '127.0.0.1', port: 0 })).address()]
  await (await cloneDatagram(link, copied, { connect })).close()
  await using host = await hostDatagram(blind, hosted, { connect })
  await host.update()
  return { own, copied, hosted, link, blind, oldLink }
}

// Where the child is killed, and whether the stream has to be opened for it to be finished, or it is before it is served.
const kills = [
  { step: 'former.leave.before', count: 1, byStream: true },
  { step: 'former.leave.after', count: 1, byStream: false },
  { step: 'log.evict.after', count: 1, byStream: false },
  { step: 'log.evict.after', count: 2, byStream: false },
  { step: 'former.drop.after', count: 1, byStream: false },
  { step: 'former.record.after', count: 1, byStream: false },
]

it.each(kills)(
  'letting go what a stream was, killed at $step $count, is finished by the next open',
  {
    timeout: 120_000,
  },
  async ({ step, count, byStream }) => {
    await using home = await temporaryFolder()
    const { own, copied, hosted, link, blind, oldLink } = await filled(home.path)
    const pairs = await pairsOf(own, [oldLink])
    const killAt = { step, count }
    const killed = await runChild(script, { options: { folder: own }, killAt, timeoutMs: 60_000 })
    expect(killed.signal, killed.output).toBe('SIGKILL')
    {
      await using author = await openDatagram(own)
      // What is pending is carried out once the stream is open; the next forgetting waits for it.
      if (byStream) await (await author.kv('map')).forget('none')
      const connect = [(await author.listen({ host: '127.0.0.1', port: 0 })).address()]
      await using copy = await cloneDatagram(link, copied, { connect })
      await copy.update()
      await using host = await hostDatagram(blind, hosted, { connect })
      await host.update()
      const late = cloneDatagram(oldLink, path.join(home.path, 'late'), { connect })
      await expect(late).rejects.toMatchObject({ code: 'STREAM_DECLINED' })
      await using whole = await cloneDatagram(link, path.join(home.path, 'whole'), { connect })
      expect((await whole.verify()).problems).toEqual([])
      const map = await author.kv('map')
      await map.forget('none')
      expect(await map.get('secret')).toBeUndefined()
    }
    for (const folder of [own, copied, hosted]) {
      expect(await heldOf(folder, pairs, CANARY), folder).toEqual([{ blocks: 0, withText: 0 }])
    }
  },
)

it('a clone that ended before it dropped what its author has let go drops it with its next update', {
  timeout: 120_000,
}, async () => {
  await using home = await temporaryFolder()
  const { own, copied, link, oldLink } = await filled(home.path)
  const pairs = await pairsOf(own, [oldLink])
  await using author = await openDatagram(own)
  const map = await author.kv('map')
  await map.set('other', CANARY)
  const connect = [(await author.listen({ host: '127.0.0.1', port: 0 })).address()]
  await map.forget('secret')
  const options = { folder: copied, link, connect }
  const killAt = { step: 'log.evict.before', count: 1 }
  const clone = new URL('./children/update-clone.ts', import.meta.url)
  const killed = await runChild(clone, { options, killAt, timeoutMs: 60_000 })
  expect(killed.signal, killed.output).toBe('SIGKILL')
  expect((await heldOf(copied, pairs, CANARY))[0]?.withText).toBeGreaterThan(0)
  {
    await using copy = await cloneDatagram(link, copied, { connect })
    await copy.update()
  }
  expect(await heldOf(copied, pairs, CANARY)).toEqual([{ blocks: 0, withText: 0 }])
})
