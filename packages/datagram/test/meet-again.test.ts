import { faultyLink } from '@datagram/fault-harness'
import { expect, it, onTestFinished } from 'vitest'
import { type Datagram, openDatagram } from '../src/index.ts'
import { temporaryClone, temporaryFolder } from './temporary-datagram.ts'

const STREAMS = 60
// No sign of life is counted as a flight.
const limits = { keepAliveMs: 300_000, silenceMs: 600_000 }

it(`two that know ${STREAMS} streams meet again in few bytes and round trips, and open no log`, async () => {
  const folder = await temporaryFolder()
  const filled = await openDatagram(folder)
  for (let i = 0; i < STREAMS; i++) await (await filled.kv(`stream ${i}`)).set('a', '1')
  // Opened again it has nothing left to write.
  await filled.close()
  const author = await opened(folder)
  const server = await author.listen({ host: '127.0.0.1', port: 0 })
  const connect = [server.address()]
  const copy = await temporaryClone(await author.share(), { connect, limits })
  await server.close()

  const line = faultyLink({ delayMs: 10 })
  const end = await author.replicate(line.a, { initiator: true })
  const connection = await copy.replicate(line.b, { initiator: false })
  await connection.rootAgreed({ timeoutMs: 30_000 })
  const attached = () => [end, connection].map(({ statistics }) => statistics.attached)
  await expect.poll(attached, { timeout: 30_000 }).toEqual([STREAMS + 1, STREAMS + 1])
  // Measured: 60 streams 1.3 KB, 1,000 streams 9.1 KB, both ways; two and a half round trips with the handshake.
  expect(line.traffic.bytes).toBeLessThan(10_000)
  expect(line.traffic.roundTrips).toBeLessThanOrEqual(3)
  expect(end.statistics).toMatchObject({ offersReceived: 0, streamsOpen: 0 })
  expect(connection.statistics).toMatchObject({ offersReceived: 0, streamsOpen: 0 })
})

async function opened(folder: string): Promise<Datagram> {
  const datagram = await openDatagram(folder, { limits })
  onTestFinished(() => datagram.close())
  return datagram
}
