import { setTimeout as sleep } from 'node:timers/promises'
import { checkInvariants, Random, smallDisk } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { payloadOf } from './payloads.ts'
import { type Acknowledged, withWrittenLog, writtenLogInvariants } from './written-log.ts'

const MIB = 1024 * 1024

describe('a full disk', () => {
  it.each([
    [2000, 1],
    [50_000, 2],
  ])(
    'refuses writes of %i bytes with DISK_FULL, loses nothing, and goes on after room',
    async (bytes, rounds) => {
      // Beside the blocks the engine has two write-ahead logs of 16 MiB, and writes as much to tables.
      await using disk = await smallDisk(96 * MIB)
      const folder = disk.join('store')
      const store = await openStore(folder)
      const log = await store.open('log')
      const acknowledged: Acknowledged[] = []
      let number = 0
      const append = async () => {
        const numbers = { number: number++, part: 0, count: 1, bytes }
        const position = await log.append({ payload: payloadOf(numbers) })
        acknowledged.push([position, numbers.number, 1, bytes])
      }
      for (let i = 0; i < 20; i++) await append()

      for (let round = 0; round < rounds; round++) {
        await disk.fill(64 * 1024)
        let failure: unknown
        // The engine has taken some MiB for its write-ahead log in advance.
        for (let i = 0; i < 10_000 && failure === undefined; i++) {
          failure = await append().catch((error: unknown) => error)
        }
        expect(failure).toMatchObject({ code: 'DISK_FULL' })
        // Still full: refused again, and what was acknowledged reads back.
        await expect(append()).rejects.toMatchObject({ code: 'DISK_FULL' })
        await checkInvariants(writtenLogInvariants(log, acknowledged))

        await disk.makeRoom()
        // The engine looks for room every five seconds.
        for (let waitedMs = 0; waitedMs < 15_000; waitedMs += 250) {
          const still: unknown = await append().catch((error: unknown) => error)
          if (still === undefined) break
          expect(still).toMatchObject({ code: 'DISK_FULL' })
          await sleep(250)
        }
        await append()
        await checkInvariants(writtenLogInvariants(log, acknowledged))
      }
      await store.close()
      await withWrittenLog(folder, (reopened) =>
        checkInvariants(writtenLogInvariants(reopened, acknowledged)),
      )
    },
  )

  it('while a store is opened, changed or compacted is a coded error, and the store stays as it was', async () => {
    await using disk = await smallDisk(16 * MIB)
    const folder = disk.join('store')
    const store = await openStore(folder, { password: 'p' })
    await (await store.open('log')).append({ payload: new Random(1).bytes(100_000) })
    await store.setSecret('one', Buffer.from('kept'))
    const full = { code: 'DISK_FULL' }
    await disk.fill()
    await expect(store.setSecret('two', Buffer.alloc(60_000))).rejects.toMatchObject(full)
    expect(store.secret('two')).toBeUndefined()
    // The engine gives back what it had taken in advance, so this may work out.
    await store.compact().catch((error: unknown) => expect(error).toMatchObject(full))
    await store.close()
    await disk.fill()
    await expect(openStore(disk.join('new'))).rejects.toMatchObject(full)
    await openStore(folder, { password: 'p' }).then(
      (opened) => opened.close(),
      (error: unknown) => expect(error).toMatchObject(full),
    )
    await disk.makeRoom()
    await (await openStore(disk.join('new'))).close()
    const again = await openStore(folder, { password: 'p' })
    expect(again.secret('one')).toEqual(Buffer.from('kept'))
    const log = await again.open('log')
    expect([log.length, log.problem]).toEqual([1, undefined])
    expect(Buffer.compare(await log.get(0), new Random(1).bytes(100_000))).toBe(0)
    await log.append(Buffer.from('more'))
    await again.close()
  })

  it('lets a store be read early, and refuses each write until it is opened again with room', async () => {
    await using disk = await smallDisk(16 * MIB)
    const folder = disk.join('store')
    const first = await openStore(folder)
    await (await first.open('log')).append(Buffer.from('kept'))
    await first.close()
    await disk.fill()
    const store = await openStore(folder, { readEarly: true })
    const log = await store.open('log')
    const full = { code: 'DISK_FULL', message: expect.stringContaining('open it again') as string }
    for (let i = 0; i < 2; i++) {
      await expect(log.append(Buffer.from('refused'))).rejects.toMatchObject(full)
      await expect(store.ready()).rejects.toMatchObject(full)
      expect(await log.get(0)).toEqual(Uint8Array.from(Buffer.from('kept')))
    }
    await disk.makeRoom()
    await expect(log.append(Buffer.from('refused'))).rejects.toMatchObject(full)
    expect(log.length).toBe(1)
    await store.close()
    const again = await openStore(folder, { readEarly: true })
    expect(await (await again.open('log')).append(Buffer.from('more'))).toBe(1)
    await again.close()
  })

  it('that became read-only gives STORE_NOT_WRITABLE', async () => {
    await using disk = await smallDisk(16 * MIB)
    const folder = disk.join('store')
    await (await openStore(folder)).close()
    await disk.setReadOnly(true)
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'STORE_NOT_WRITABLE' })
    await expect(openStore(disk.join('new'))).rejects.toMatchObject({ code: 'STORE_NOT_WRITABLE' })
    await disk.setReadOnly(false)
    await (await openStore(folder)).close()
  })
})
