import { setTimeout as sleep } from 'node:timers/promises'
import { faultyLink, StoreImage, temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { type Log, openStore, type ReadableLog } from '../../src/index.ts'
import { noiseMuxers } from '../containment/raw-hypercore.ts'

const plain = { cipherKey: null }

async function appendAll(log: Log, texts: readonly string[]): Promise<void> {
  for (const text of texts) await log.append(Buffer.from(text))
}

async function texts(log: ReadableLog): Promise<string[]> {
  const all: string[] = []
  for await (const { payload } of log.range()) all.push(Buffer.from(payload).toString())
  return all
}

function connect(left: Log, right: Log): void {
  const muxers = noiseMuxers(faultyLink())
  left.attach(muxers.left)
  right.attach(muxers.right)
}

/** The problem of the log, or else all of its texts. */
async function whatIsThere(folder: string): Promise<Error | string[]> {
  const store = await openStore(folder)
  try {
    const log = await store.open('log', plain)
    return log.problem ?? (await texts(log))
  } finally {
    await store.close()
  }
}

async function grownTo(log: ReadableLog, length: number): Promise<void> {
  for (; log.length < length; await sleep(2)) await log.update()
}

describe('a store that was put back from an old copy', () => {
  it('takes what it lost back from a peer that it meets before it appends', async () => {
    await using folder = await temporaryFolder()
    await using readerFolder = await temporaryFolder()
    const first = await openStore(folder.path)
    await appendAll(await first.open('log', plain), ['0', '1'])
    await first.close()
    const old = await StoreImage.take(folder.path)

    const second = await openStore(folder.path)
    const log = await second.open('log', plain)
    await appendAll(log, ['2', '3'])
    const reader = await openStore(readerFolder.path)
    const replica = await reader.openRemote(log.key, plain)
    connect(log, replica)
    await grownTo(replica, 4)
    await replica.download()
    await second.close()

    await old.restore()
    const restored = await openStore(folder.path)
    const again = await restored.open('log', plain)
    expect(again.length).toBe(2)
    connect(again, replica)
    for (let waits = 0; again.length < 4 && waits < 500; waits++) await sleep(10)
    expect(await texts(again)).toEqual(['0', '1', '2', '3'])
    await appendAll(again, ['4'])
    await grownTo(replica, 5)
    expect(await texts(replica)).toEqual(['0', '1', '2', '3', '4'])
    await restored.close()
    await reader.close()
  })

  it('that went on before it met a peer has forked: both sides say so, for good, and keep what they have', async () => {
    await using folder = await temporaryFolder()
    await using readerFolder = await temporaryFolder()
    const first = await openStore(folder.path)
    await appendAll(await first.open('log', plain), ['0', '1'])
    await first.close()
    const old = await StoreImage.take(folder.path)
    const second = await openStore(folder.path)
    const log = await second.open('log', plain)
    await appendAll(log, ['2', '3'])
    let reader = await openStore(readerFolder.path)
    let replica = await reader.openRemote(log.key, plain)
    connect(log, replica)
    await grownTo(replica, 4)
    await replica.download()
    await second.close()

    await old.restore()
    let forked = await openStore(folder.path)
    let fork = await forked.open('log', plain)
    await appendAll(fork, ['another 2'])
    connect(fork, replica)
    const isForked = { code: 'LOG_FORKED' }
    const saidBy = () => [fork.problem, replica.problem].filter((one) => one !== undefined)
    for (let waits = 0; saidBy().length < 2 && waits < 500; waits++) await sleep(10)
    expect(saidBy()).toMatchObject([isForked, isForked])
    await expect(fork.append(Buffer.from('more'))).rejects.toMatchObject({
      code: expect.stringMatching(/^LOG_(FORKED|CLOSED)$/) as string,
    })

    await forked.close()
    await reader.close()
    forked = await openStore(folder.path)
    fork = await forked.open('log', plain)
    reader = await openStore(readerFolder.path)
    replica = await reader.openRemote(log.key, plain)
    expect(saidBy()).toMatchObject([isForked, isForked])
    await expect(fork.append(Buffer.from('more'))).rejects.toMatchObject(isForked)
    expect(await texts(fork)).toEqual(['0', '1', 'another 2'])
    expect(await texts(replica)).toEqual(['0', '1', '2', '3'])
    await forked.close()
    await reader.close()
  })

  it('copied over a newer one is an error with a code, or all of the newer one', async () => {
    // `cp -a backup/. store`: the old files come back, newer ones that have other names stay.
    await using folder = await temporaryFolder()
    const first = await openStore(folder.path)
    await appendAll(await first.open('log', plain), ['0', '1'])
    await first.close()
    const old = await StoreImage.take(folder.path)
    const newer = await openStore(folder.path)
    const log = await newer.open('log', plain)
    await appendAll(log, ['2', '3'])
    await newer.compact()
    await appendAll(log, ['4'])
    await newer.close()
    const mixed = await StoreImage.take(folder.path)
    for (const keepMarks of [false, true]) {
      await mixed.restore()
      const marks = await StoreImage.take(folder.path, { only: ['marks'] })
      await old.restore({ removeOthers: false })
      if (keepMarks) await marks.restore({ removeOthers: false })
      const outcome = await whatIsThere(folder.path).catch((error: unknown) => error)
      if (Array.isArray(outcome)) {
        // Nothing is made up, and nothing is in the wrong place.
        expect(['0', '1', '2', '3', '4'].slice(0, outcome.length)).toEqual(outcome)
        if (keepMarks) expect(outcome).toHaveLength(5)
      } else {
        expect(outcome).toMatchObject({
          code: expect.stringMatching(/^(LOG_ROLLED_BACK|STORE_|BLOCK_)/) as string,
        })
      }
    }
  })
})
