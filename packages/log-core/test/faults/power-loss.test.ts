import { isDatagramError } from '@datagram/errors'
import {
  type ChildResult,
  checkInvariants,
  dropUnsyncedTail,
  type Random,
  runChild,
  seededRun,
  StoreImage,
  type StoreFileKind,
  storeFiles,
  temporaryFolder,
  truncateFile,
} from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import type { WriterOptions } from './children/writer.ts'
import { type Acknowledged, withWrittenLog, writtenLogInvariants } from './written-log.ts'

const writer = new URL('./children/writer.ts', import.meta.url)

function write(options: WriterOptions, acknowledgements: number): Promise<ChildResult> {
  return runChild(writer, { options, killAt: { acknowledgements }, recordSyncs: true })
}

describe('the loss of power', () => {
  // With and without the marks: nothing says which of two files reaches the disk first.
  const lost: readonly (readonly [string, readonly StoreFileKind[]])[] = [
    ['the write-ahead log', ['wal']],
    ['the write-ahead log and the marks', ['wal', 'marks']],
  ]

  it.each(lost)(
    'costs nothing acknowledged with durability disk, when it takes the tail of %s',
    async (_, kinds) => {
      await seededRun(async (random) => {
        for (let round = 0; round < 4; round++) {
          await using folder = await temporaryFolder()
          const options: WriterOptions = {
            folder: folder.path,
            durability: 'disk',
            blocksMax: 3,
            bytesMax: random.pick([200, 200_000]),
            parallel: random.pick([1, 8]),
            seed: random.next32(),
          }
          const { acknowledged, synced } = await write(options, random.between(20, 120))
          await loseTails(random, folder.path, synced, kinds)
          await withWrittenLog(folder.path, (log) =>
            checkInvariants(writtenLogInvariants(log, acknowledged as Acknowledged[])),
          )
        }
      })
    },
  )

  it('shortens a log with durability process, which is said, and the log is not extended', async () => {
    await seededRun(async (random) => {
      for (let round = 0; round < 4; round++) {
        await using folder = await temporaryFolder()
        const { acknowledged, synced } = await write(
          { folder: folder.path, seed: random.next32() },
          random.between(20, 120),
        )
        await dropUnsyncedTail(folder.path, { synced, ...(round < 2 ? {} : { random }) })
        await withWrittenLog(folder.path, async (log) => {
          expect(log.length).toBeLessThan(acknowledged.length)
          expect(log.problem).toMatchObject({ code: 'LOG_ROLLED_BACK' })
          expect(log.writable).toBe(false)
          const { length } = log
          await expect(log.append(Buffer.from('another history'))).rejects.toMatchObject({
            code: 'LOG_ROLLED_BACK',
          })
          expect(log.length).toBe(length)
          // What is left can still be read.
          for (const [position, ...rest] of (acknowledged as Acknowledged[]).slice(0, length)) {
            await checkInvariants(writtenLogInvariants(log, [[position, ...rest]]).slice(1, 2))
          }
        })
        // It stays so, also when nothing was lost the next time.
        await withWrittenLog(folder.path, async (log) => {
          expect(log.problem).toMatchObject({ code: 'LOG_ROLLED_BACK' })
        })
      }
    })
  })

  it('is survived with durability process by what was synced in the background', async () => {
    await using folder = await temporaryFolder()
    const { acknowledged, synced } = await runChild(writer, {
      options: { folder: folder.path } satisfies WriterOptions,
      killAt: { afterMs: 1500 },
      recordSyncs: true,
    })
    await dropUnsyncedTail(folder.path, { synced })
    await withWrittenLog(folder.path, async (log) => {
      expect(log.length).toBeGreaterThan(acknowledged.length / 10)
      // A kill right after a sync finds all of it there, and nothing to report.
      const isShorter = log.length < acknowledged.length
      expect(isDatagramError(log.problem, 'LOG_ROLLED_BACK')).toBe(isShorter)
    })
  })

  it('between two write-ahead logs never leaves a hole that nobody speaks of', async () => {
    await using folder = await temporaryFolder()
    const options: WriterOptions = {
      folder: folder.path,
      blocksMax: 8,
      bytesMax: 65_536,
      untilTwoLogs: true,
    }
    const { output } = await runChild(writer, { options })
    const logs = (await storeFiles(folder.path)).filter(({ kind }) => kind === 'wal')
    expect(logs.length, output).toBe(2)
    const image = await StoreImage.take(folder.path)
    const older = logs[0]!
    for (const share of [0, 0.3, 0.6, 0.9]) {
      await image.restore()
      await truncateFile(older.path, Math.floor(older.bytes * share))
      const outcome = await withWrittenLog(folder.path, async (log) => {
        if (log.problem !== undefined) return log.problem
        // Without a problem, all of it must be here.
        await checkInvariants(writtenLogInvariants(log, []))
        return 'whole'
      }).catch((error: unknown) => error)
      expect(outcome, `cut to ${share}`).toMatchObject({
        code: expect.stringMatching(/^(LOG_ROLLED_BACK|STORE_DAMAGED)$/) as string,
      })
    }
  })
})

async function loseTails(
  random: Random,
  folder: string,
  synced: ReadonlyMap<number, number>,
  kinds: readonly StoreFileKind[],
): Promise<void> {
  const how = random.chance(0.3) ? 'zeros' : 'cut'
  await dropUnsyncedTail(folder, { synced, kinds, how, ...(random.chance() ? { random } : {}) })
}
