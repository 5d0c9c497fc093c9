// Opens a datagram, fills it if it is new, and lets others clone it until it is killed.
import { acknowledge, childOptions, Random } from '@datagram/fault-harness'
import { openDatagram } from '../../../src/index.ts'
import { type Filling, fill } from '../filled-datagram.ts'

export interface AuthorOptions {
  readonly folder: string
  readonly seed: number
  readonly filling: Filling
}

/** What it acknowledges once others may come. */
export interface AuthorReady {
  readonly port: number
  readonly link: string
}

const { folder, seed, filling } = childOptions<AuthorOptions>()
const datagram = await openDatagram(folder)
const isNew = (await datagram.streams().next()).done === true
const link = isNew ? await fill(datagram, new Random(seed), filling) : await datagram.share()
const server = await datagram.listen({ host: '127.0.0.1', port: 0 })
const address = server.address()
if (!('port' in address)) throw new TypeError('it listens at a port')
acknowledge({ port: address.port, link } satisfies AuthorReady)
