import { type Random, seededRun, soakFactor } from '@datagram/fault-harness'
import { expect, test } from 'vitest'
import { collectedHeapBytes } from '../collected-heap.ts'
import { until } from '../connected.ts'
import { Ground, reasonOf } from '../ground.ts'
import { number, RawPeer } from '../raw-peer.ts'
import { replicaStream, type TestStream, temporaryStore } from '../test-container.ts'

// As many as take some seconds; with the usual factor of a soak, 10, they are 100,000.
const INPUTS = soakFactor() === 1 ? 3_000 : 10_000 * soakFactor()
const AT_ONCE_MAX = 20

test(`${INPUTS} messages on a log's channel, of who knows its key, leave memory bounded and an honest peer served`, {
  timeout: 120_000 * soakFactor(),
}, async () => {
  const ground = await Ground.create()
  const multiplexer = ground.victim()
  const good = await ground.honest(multiplexer)
  const replica = await replicaStream(await temporaryStore(), ground.settings)
  const before = collectedHeapBytes()
  await seededRun(async (random) => {
    for (let examined = 0; examined < INPUTS; ) {
      const peer = await RawPeer.polite(multiplexer)
      const { channel, attachment } = await openedLog(peer, replica)
      while (peer.victim.isOpen && examined < INPUTS) {
        const atOnce = random.between(1, AT_ONCE_MAX)
        for (let i = 0; i < atOnce; i++, examined++) peer.sendPlain(anyLogMessage(channel, random))
        await new Promise((resolve) => setImmediate(resolve))
      }
      const isBroken = !peer.victim.isOpen
      peer.noise.destroy()
      await peer.victim.closed
      await attachment.detach()
      // Whatever is wrong with it, it is said with a code.
      if (isBroken) expect(await reasonOf(peer.victim)).toMatch(/^[A-Z_]+$/)
    }
  })
  await good.proveServed()
  expect(collectedHeapBytes() - before).toBeLessThan(100 * 1024 * 1024)
})

/** Something that a message on a log's channel may be: a few numbers, most of them small, as fields are. */
function anyLogMessage(channel: number, random: Random): Uint8Array {
  const numbers = Array.from({ length: random.between(1, 8) }, () => anyNumber(random))
  const rest = random.chance(0.2) ? random.bytes(random.between(1, 40)) : []
  return Uint8Array.from([channel, random.between(0, 10), ...numbers.flat(), ...rest])
}

// As compact-encoding has them: small ones in a byte, larger ones in 2, 4 or 8 behind a mark.
function anyNumber(random: Random): number[] {
  const size = random.pick([0, 0, 0, 0, 0, 2, 4, 8] as const)
  if (size === 0) return [random.between(0, 64)]
  const bytes = [...random.bytes(size)]
  // No larger than a number can be.
  if (size === 8) bytes.splice(6, 2, random.between(0, 32), 0)
  return [0xfb + Math.log2(size) + 1, ...bytes]
}

/** A peer replicates a stream's data log in earnest: the number of the channel, and what ends it. */
async function openedLog(peer: RawPeer, replica: TestStream) {
  peer.want(replica)
  await until(() => peer.heardOf(number.accept).length === 1)
  const attachment = replica.data.attach(peer.muxer as never)
  await new Promise((resolve) => setImmediate(resolve))
  const id = replica.data.discoveryKey
  const opened = peer.muxer.getLastChannel({ protocol: 'hypercore/alpha', id })
  expect(await opened?.fullyOpened()).toBe(true)
  return { channel: (opened as unknown as { _localId: number })._localId, attachment }
}
