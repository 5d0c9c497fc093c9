import path from 'node:path'
import { expect, it } from 'vitest'
import { FetchPace, type Progress } from '../src/fetch-pace.ts'
import { cloneDatagram } from '../src/index.ts'
import { progressing } from '../src/progressing.ts'
import { code, collect, sharedDatagram, temporaryFolder } from './temporary-datagram.ts'

it('a clone and an update tell how far they are, to whoever iterates them', async () => {
  const { datagram, link, address } = await sharedDatagram()
  const files = await datagram.kv('files', { valueEncoding: 'binary' })
  for (let i = 0; i < 30; i++) await files.set(`${i}`, new Uint8Array(100_000).fill(i))
  const cloning = cloneDatagram(link, path.join(await temporaryFolder(), 'copy'), {
    connect: [address],
  })
  const seen: Progress[] = []
  for await (const progress of cloning) seen.push(progress)
  await using copy = await cloning
  const last = seen.at(-1)
  expect(last).toMatchObject({ leftMs: 0, peers: 1, streamsDone: 2, streamsWanted: 2 })
  expect(last?.bytesReceived).toBeGreaterThan(3_000_000)
  expect(last?.bytesPerSecond).toBeGreaterThan(0)
  expect(last?.blocksDone).toBe(last?.blocksWanted)
  await files.set('more', new Uint8Array(1000))
  const updating = copy.update()
  expect((await collect(updating)).at(-1)).toMatchObject({ leftMs: 0 })
})

it('fails where it is iterated as where it is awaited', async () => {
  const iterate = async () => {
    for await (const _ of cloneDatagram('datagram://nothing', 'nowhere')) continue
  }
  await expect(iterate()).rejects.toMatchObject(code('LINK_DAMAGED'))
  await expect(cloneDatagram('datagram://nothing', 'nowhere')).rejects.toMatchObject(
    code('LINK_DAMAGED'),
  )
})

it('a slow consumer sees the newest report, and the last', async () => {
  const counting = progressing<string, number>(async (report) => {
    for (let i = 1; i <= 100; i++) {
      report(i)
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return 'done'
  })
  expect(await collect(counting)).toEqual([50, 100])
  expect(await counting).toBe('done')
  // Late, it still learns how it ended.
  expect(await collect(counting)).toEqual([100])
})

it('the pace is that of the last five seconds', () => {
  const pace = new FetchPace()
  const at = (second: number, blocksDone: number) =>
    pace.measure(
      {
        streamsDone: 0,
        streamsWanted: 1,
        blocksDone,
        blocksWanted: 200,
        bytesReceived: blocksDone * 1000,
        unavailable: [],
      },
      1,
      second * 1000,
    )
  expect(at(0, 0)).toMatchObject({ bytesPerSecond: 0, leftMs: undefined })
  for (let second = 1; second <= 10; second++) at(second, second * 10)
  expect(at(10.5, 105)).toMatchObject({ bytesPerSecond: 10_000, leftMs: 9_500 })
  // It stands still.
  expect(at(30, 105)).toMatchObject({ bytesPerSecond: 0, leftMs: undefined })
  expect(at(31, 200)).toMatchObject({ leftMs: 0 })
})
