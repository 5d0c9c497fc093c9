import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import {
  connect,
  logsOf,
  replicaLogsOf,
  streamOver,
  temporaryStore,
} from '../../stream/test/open-streams.ts'
import { fsInterface } from '../src/index.ts'

it('a file whose chunks nobody has ends with a code, and its neighbours are read', {
  timeout: 120_000,
}, async () => {
  const logs = await logsOf(await temporaryStore())
  const author = await streamOver(logs, fsInterface)
  await author.api.promises.writeFile('/large', randomBytes(600_000))
  await author.api.promises.writeFile('/small', 'small')
  await author.index.flush()
  const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
  const cut = connect(logs, replicaLogs)
  const { promises: fs } = (await streamOver(replicaLogs, fsInterface)).api
  await expect
    .poll(() => fs.readFile('/small', 'utf8').catch(() => undefined), { timeout: 30_000 })
    .toBe('small')
  expect((await fs.stat('/large')).size).toBe(600_000)
  await cut()
  // From here on nobody is there to ask.
  const coded = expect.objectContaining({
    code: expect.stringMatching(/^(BLOCK_UNAVAILABLE|WAIT_TIMEOUT)$/),
  })
  await expect(fs.readFile('/large')).rejects.toEqual(coded)
  await using file = await fs.open('/large')
  await expect(file.read(Buffer.alloc(100), 0, 100, 300_000)).rejects.toEqual(coded)
  await expect(file.createReadStream().toArray()).rejects.toEqual(coded)
  expect(await fs.readFile('/small', 'utf8')).toBe('small')
})
