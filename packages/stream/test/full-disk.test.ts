import { Random, smallDisk } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { assertSound, logsOf, plain, storeIn, streamOver } from './open-streams.ts'

const MIB = 1024 * 1024

describe('a disk that is full in the middle of a large body', () => {
  it('keeps nothing of it, and lets it be written again after room', async () => {
    await using disk = await smallDisk(160 * MIB)
    const store = await storeIn(disk.join('store'))
    const stream = await streamOver(await logsOf(store), plain)
    const { main } = stream
    const small = await main.write((tx) => tx.append('before'))
    const body = new Random(3).bytes(48 * MIB)
    await disk.fill(12 * MIB)
    const blocksBefore = stream.data.length
    await expect(main.write((tx) => tx.append(body))).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(await main.count()).toBe(1)
    // It was cut off within: some of its chunks are there, and nothing points at them.
    expect(stream.data.length).toBeGreaterThan(blocksBefore)
    await assertSound(stream)
    await disk.makeRoom()
    // The engine looks for room every five seconds.
    await expect
      .poll(() => main.write((tx) => tx.append(body)).catch(() => undefined), {
        timeout: 20_000,
        interval: 500,
      })
      .toBeDefined()
    expect(Buffer.compare((await (await main.at(1))?.read()) as Uint8Array, body)).toBe(0)
    expect(Buffer.from(await main.read(small)).toString()).toBe('before')
    await assertSound(stream)
    await stream.close()
    await store.close()
  })
})
