import { randomBytes } from 'node:crypto'
import { faultyLink } from '@datagram/fault-harness'
import type { Connection, Multiplexer, MultiplexerLimits } from '../src/index.ts'
import type { OfferRecord } from '../src/offer-record.ts'
import { multiplexerOf, until } from './connected.ts'
import { type RawPeer, verbatim } from './raw-peer.ts'
import { replicaStream, TestContainer, type TestStream, temporaryStore } from './test-container.ts'

/** A container with one stream, whose multiplexers are put to the test. */
export class Ground {
  readonly origin: TestContainer
  readonly settings: TestStream

  private constructor(origin: TestContainer, settings: TestStream) {
    this.origin = origin
    this.settings = settings
  }

  static async create(): Promise<Ground> {
    const origin = await TestContainer.create()
    return new Ground(origin, await origin.make('settings', {}, 'dark'))
  }

  victim(limits: Partial<MultiplexerLimits> = {}): Multiplexer {
    return multiplexerOf(this.origin, { limits })
  }

  /** An honest clone of the same multiplexer; `proveServed` fails when it is served no more. */
  async honest(multiplexer: Multiplexer): Promise<{ proveServed(): Promise<void> }> {
    const { origin, settings } = this
    const clone = await TestContainer.clone(origin)
    const replica = await clone.take(settings)
    const link = faultyLink()
    multiplexer.connect(link.b, { initiator: false })
    const connection = multiplexerOf(clone).connect(link.a, { initiator: true })
    await until(() => connection.statistics.attached === 2)
    return {
      async proveServed() {
        const length = await settings.data.append({ payload: randomBytes(16) })
        await until(() => replica.data.length > length)
        const [here, there] = await Promise.all([
          settings.data.get(length),
          replica.data.get(length),
        ])
        if (Buffer.compare(here, there) !== 0) throw new Error('the honest peer got other bytes')
        if (!connection.isOpen) throw new Error('the honest peer was cut off')
      },
    }
  }
}

export async function reasonOf(connection: Connection): Promise<string | undefined> {
  return ((await connection.closed) as { code?: string } | undefined)?.code
}

/** An offer of a stream that nobody has. */
export function record(id: Uint8Array): OfferRecord {
  return {
    logs: [{ discoveryKey: id, length: 1 }],
    logsCut: false,
    proof: new Uint8Array(32),
    type: 'kv',
    labels: [],
    labelsCut: false,
    bytes: undefined,
  }
}

/** Asks for a log's channel without knowing the log's key. */
export function openLog(peer: RawPeer, id: Uint8Array): void {
  const handshake = Buffer.concat([Buffer.from([1]), randomBytes(32)])
  const channel = peer.muxer.createChannel({
    protocol: 'hypercore/alpha',
    id,
    handshake: verbatim,
    onopen: () => undefined,
    onclose: () => undefined,
    ondrain: () => undefined,
  })
  channel?.open(handshake)
}

/** Whether the other side replicates a stream's data log with a peer that knows its key. */
export async function opensLog(peer: RawPeer, stream: TestStream): Promise<boolean> {
  const replica = await replicaStream(await temporaryStore(), stream)
  const attachment = replica.data.attach(peer.muxer as never)
  await new Promise((resolve) => setImmediate(resolve))
  const id = stream.data.discoveryKey
  const channel = peer.muxer.getLastChannel({ protocol: 'hypercore/alpha', id })
  const opened = (await channel?.fullyOpened()) === true
  if (!opened) await attachment.detach()
  return opened
}
