import path from 'node:path'
import { faultyLink } from '@datagram/fault-harness'
import { expect, it, onTestFinished } from 'vitest'
import {
  type Datagram,
  defineInterface,
  type HostedDatagram,
  type HostOptions,
  hostDatagram,
  type Offer,
} from '../src/index.ts'
import {
  eventually,
  sharedDatagram,
  temporaryClone,
  temporaryFolder,
} from './temporary-datagram.ts'

const TYPE = 'canary-type-3d81'
const LABEL = 'canary-label-77aa'

const secret = defineInterface({
  name: TYPE,
  contract: 1,
  version: 1,
  open: (stream) => ({ add: (text: string) => stream.write((tx) => tx.append(text).n) }),
})

/** Connects somebody to the author; what comes over the connection, decrypted, and what is offered. */
async function tapped(author: Datagram, other: Datagram | HostedDatagram) {
  const seen: Uint8Array[] = []
  const offers: Offer[] = []
  const line = faultyLink()
  await author.replicate(line.a, { initiator: true })
  const connection = await other.replicate(line.b, {
    initiator: false,
    tap: (direction, bytes) => {
      if (direction === 'in') seen.push(bytes)
    },
  })
  other.on('stream-offered', (from, offer) => {
    if (from === connection) offers.push(offer)
  })
  await connection.rootAgreed()
  return { offers, has: (text: string) => Buffer.concat(seen).includes(text) }
}

async function temporaryHost(link: string, options: HostOptions): Promise<HostedDatagram> {
  const host = await hostDatagram(link, path.join(await temporaryFolder(), 'hosted'), options)
  onTestFinished(() => host.close())
  return host
}

it('type and labels are told to who can read, and to a blind host in no byte, whatever that asks for', async () => {
  const { datagram, link, address } = await sharedDatagram()
  const blind = await datagram.share({ access: 'blind' })
  const reader = await tapped(datagram, await temporaryClone(link, { connect: [address] }))
  const hosts = await Promise.all(
    [{}, { want: { types: ['another'] } }, { want: { notLabels: [LABEL] } }].map(async (options) =>
      tapped(datagram, await temporaryHost(blind, options)),
    ),
  )
  const peers: [string, boolean][] = []
  datagram.policies.use({
    offer: (_, { publicKey, provedReading }) => {
      peers.push([Buffer.from(publicKey).toString('hex'), provedReading])
      return true
    },
  })
  await (await datagram.open('diary', secret)).add('hello')
  await datagram.describe('diary', { labels: [LABEL] })
  const labelled = async () => reader.offers.find(({ labels }) => labels.includes(LABEL))
  const { id, type } = await eventually(labelled)
  expect(type).toBe(TYPE)
  // The positive control: the same look at the same bytes finds the type and the label.
  expect([reader.has(TYPE), reader.has(LABEL)]).toEqual([true, true])
  // Whoever is offered this has heard all that was said before it.
  await (await datagram.open('later', secret)).add('hello')
  for (const { offers, has } of hosts) {
    const isThis = (offer: Offer) => Buffer.compare(offer.id, id) === 0
    await eventually(async () => offers.find((offer) => !isThis(offer)))
    // By what it is offered, a host that asks for a type or against a label learns nothing of them either, nor does it
    // hear that a label has changed.
    expect(offers.filter(isThis)).toMatchObject([{ type: '', labels: [] }])
    expect([has(TYPE), has(LABEL)]).toEqual([false, false])
  }
  const reading = new Map(peers)
  expect([...reading.values()].sort()).toEqual([false, false, false, true])
})
