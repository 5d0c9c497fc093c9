import { setTimeout as sleep } from 'node:timers/promises'
import { type FaultyLink, faultyLink } from '@datagram/fault-harness'
import { cloneDatagram, type Datagram, openDatagram, type OpenDatagramOptions } from 'datagram'

const DELAY_MS = 25
// Several times the delay: nothing more is on its way.
const QUIET_MS = 1000

/** A datagram and the folder of its whole clone. */
export interface Shared {
  readonly author: Datagram
  readonly copyFolder: string
}

/** Fills a datagram, and clones it once; the clone is closed again. */
export async function shared(
  folder: string,
  fill: (author: Datagram) => Promise<void>,
): Promise<Shared> {
  const author = await openDatagram(`${folder}/author`)
  await fill(author)
  const server = await author.listen({ host: '127.0.0.1', port: 0 })
  const link = await author.share()
  const copyFolder = `${folder}/copy`
  const copy = await cloneDatagram(link, copyFolder, { connect: [server.address()] })
  await copy.close()
  await server.close()
  return { author, copyFolder }
}

/** What crossed between the two when they met again, until nothing more did. */
export interface Meeting {
  readonly roundTrips: number
  /** Both ways. */
  readonly bytes: number
  /** What the clone got, on the plain side of the encryption. */
  readonly plain: Buffer
}

/** Lets author and clone meet over a line with latency; the clone is opened with `options`. */
export async function meet(
  { author, copyFolder }: Shared,
  options: OpenDatagramOptions = {},
): Promise<Meeting> {
  await using copy = await openDatagram(copyFolder, options)
  const line = faultyLink({ delayMs: DELAY_MS })
  const pieces: Uint8Array[] = []
  const tap = (direction: string, bytes: Uint8Array) => {
    if (direction === 'in') pieces.push(Uint8Array.from(bytes))
  }
  const end = await author.replicate(line.a, { initiator: true })
  await (await copy.replicate(line.b, { initiator: false, tap })).rootAgreed()
  await quiet(line)
  const { roundTrips, bytes } = line.traffic
  await end.close()
  return { roundTrips, bytes, plain: Buffer.concat(pieces) }
}

async function quiet({ traffic }: FaultyLink): Promise<void> {
  for (let bytes = -1; bytes !== traffic.bytes; ) {
    bytes = traffic.bytes
    await sleep(QUIET_MS)
  }
}
