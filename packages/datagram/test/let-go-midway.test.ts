import path from 'node:path'
import { expect, it } from 'vitest'
import { type Address, cloneDatagram, type Datagram, openDatagram } from '../src/index.ts'
import { eventually, temporaryFolder } from './temporary-datagram.ts'

const LARGE = 'x'.repeat(20_000_000)
// Slow enough that the large value is long on its way.
const BYTES_PER_SECOND = 1_000_000
const PROMPT_MS = 3000
// An update that waits for what nobody gives any more takes as long as it may be without progress, half a minute.
const WAITING_MS = 10_000
const ROUNDS = 12

const listen = async (datagram: Datagram): Promise<Address> =>
  (await datagram.listen({ host: '127.0.0.1', port: 0 })).address()

it('an update in the middle of what its author lets go ends at once, with what has come in its place', {
  timeout: 60_000,
}, async () => {
  const home = await temporaryFolder()
  await using author = await openDatagram(path.join(home, 'author'), {
    limits: { bytesPerSecondOut: BYTES_PER_SECOND },
  })
  const connect = [await listen(author)]
  await (await author.kv('map')).set('beside', 'stays')
  const link = await author.share()
  await using copy = await cloneDatagram(link, path.join(home, 'copy'), { connect })
  await (await author.kv('map')).set('large', LARGE)
  await author.rekey('map')

  let bytes = 0
  const onProgress = ({ bytesReceived }: { readonly bytesReceived: number }) => {
    bytes = Math.max(bytes, bytesReceived)
  }
  const ended = copy.update({ onProgress }).then(() => performance.now())
  await eventually(async () => bytes > BYTES_PER_SECOND || undefined)
  await (await author.kv('map')).forget('large')
  const begun = performance.now()
  expect((await ended) - begun).toBeLessThan(PROMPT_MS)
  expect(bytes).toBeLessThan(LARGE.length)
  await author.close()
  const map = await copy.kv('map')
  expect(await map.get('beside')).toBe('stays')
  expect(await map.get('large')).toBeUndefined()
})

it('updates while a stream is keyed anew and forgotten in, again and again, never wait for what is gone', {
  timeout: 120_000,
}, async () => {
  const home = await temporaryFolder()
  await using author = await openDatagram(path.join(home, 'author'))
  const connect = [await listen(author)]
  await (await author.kv('map')).set('beside', 'stays')
  const link = await author.share()
  await using copy = await cloneDatagram(link, path.join(home, 'copy'), { connect })
  let isDone = false
  const updating = (async () => {
    const took: number[] = []
    while (!isDone) {
      const begun = performance.now()
      await copy.update()
      took.push(performance.now() - begun)
    }
    return took
  })()
  for (let round = 0; round < ROUNDS; round++) {
    await author.rekey('map')
    const map = await author.kv('map')
    await map.set('large', `${round} `.repeat(50_000))
    await map.set('passing', 'is forgotten')
    await map.forget('passing')
  }
  isDone = true
  const took = await updating
  expect(took.length).toBeGreaterThan(1)
  expect(Math.max(...took)).toBeLessThan(WAITING_MS)
})
