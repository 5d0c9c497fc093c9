/// <reference path="../../log-core/test/declarations.d.ts" />
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type Log, openStore, type Store } from '@datagram/log-core'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connectedMuxers } from '../../log-core/test/temporary-store.ts'
import { checkIndex, type IndexOperation, openIndex } from '../src/index.ts'
import { text } from './bytes.ts'
import { SMALL, World } from './model-world.ts'
import { load, put, workload } from './settled.ts'

async function temporaryStore(): Promise<Store> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-indexer-'))
  onTestFinished(() => fs.rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return storeIn(path.join(folder, 'store'))
}

async function storeIn(folder: string): Promise<Store> {
  const store = await openStore(folder)
  onTestFinished(() => store.close())
  return store
}

const operation: fc.Arbitrary<IndexOperation> = fc
  .tuple(fc.nat(500), fc.nat(60), fc.nat(3))
  .map(([number, length, kind]) => {
    const key = text(`user:${number}`)
    return kind === 0
      ? { type: 'del', key }
      : { type: 'put', key, value: new Uint8Array(length).fill(number) }
  })
const many = fc.array(operation, { minLength: 50, maxLength: 120, size: 'max' })

describe('over a log of a store', () => {
  it('equals a sorted map, with reopening, merges and drops', async () => {
    let operations = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(many, { minLength: 25, maxLength: 35, size: 'max' }),
        async (batches) => {
          const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-indexer-'))
          let store = await openStore(path.join(folder, 'store'))
          const reopened = async () => {
            await store.close()
            store = await openStore(path.join(folder, 'store'))
            return store.open('index')
          }
          const log = await store.open('index')
          const world = await World.open({ log, afterCrash: reopened, afterClose: reopened })
          for (const [i, batch] of batches.entries()) {
            await world.apply(batch, 1)
            if (i % 5 === 2) await world.checkRange({ gte: text('user:2'), limit: 60 })
            if (i % 7 === 4) await world.flush()
            if (i % 9 === 5) await world.reopen()
            if (i % 12 === 8) await world.compact()
          }
          await world.end()
          operations += world.operations
          await store.close()
          await fs.rm(folder, { recursive: true, force: true, maxRetries: 5 })
        },
      ),
      { numRuns: 5, endOnFailure: true },
    )
    expect(operations).toBeGreaterThan(10_000)
  }, 60_000)

  it('is read by a replica over a connection, also when the author is gone', async () => {
    const [here, there] = [await temporaryStore(), await temporaryStore()]
    const cipherKey = new Uint8Array(32).fill(7)
    const own = await here.open('index', { cipherKey })
    const index = await openIndex(own, { graceMs: 0 })
    onTestFinished(() => index.close())
    await load(index, workload(20_000))
    await index.compact()
    const copy = await there.openRemote(own.key, { cipherKey })
    const { left, right } = connectedMuxers()
    own.attach(left)
    const attachment = copy.attach(right)
    await copy.update()
    const remote = await openIndex(copy)
    onTestFinished(() => remote.close())
    expect(await remote.get(text('user:000004711'))).toEqual(
      await index.get(text('user:000004711')),
    )
    await copy.download({ ranges: remote.liveRanges() })
    await attachment.detach()
    let count = 0
    for await (const [key, value] of remote.range()) count += key.length + value.length
    expect(count).toBe(20_000 * 104)
    expect(await checkIndex(remote)).toEqual([])
  }, 60_000)

  it('is read on by a replica whose blocks the author drops', async () => {
    const [here, there] = [await temporaryStore(), await temporaryStore()]
    const cipherKey = new Uint8Array(32).fill(7)
    const own = await here.open('index', { cipherKey })
    const index = await openIndex(own, { graceMs: 0 })
    onTestFinished(() => index.close())
    await load(index, workload(5000))
    await index.compact()
    const copy = await there.openRemote(own.key, { cipherKey })
    const { left, right } = connectedMuxers()
    own.attach(left)
    copy.attach(right)
    await copy.update()
    const remote = await openIndex(copy)
    onTestFinished(() => remote.close())
    const snapshot = remote.snapshot()
    await load(index, workload(5000, 1))
    await index.compact()
    const began = Date.now()
    const key = text('user:000003000')
    expect(await remote.get(key)).toEqual(await index.get(key))
    expect(Date.now() - began).toBeLessThan(5000)
    const gone = expect.objectContaining({ code: 'INDEX_SNAPSHOT_GONE' })
    await expect(snapshot.get(text('user:000001000'))).rejects.toThrow(gone)
  }, 60_000)

  it('gives the bytes of superseded blocks back to the disk', async () => {
    const store = await temporaryStore()
    const log = await store.open('index')
    const index = await openIndex(log, { graceMs: 0 })
    onTestFinished(() => index.close())
    for (let pass = 0; pass < 3; pass++) {
      await load(index, workload(20_000, pass))
      await index.flush()
    }
    await index.compact()
    await store.compact()
    const { diskBytes } = await store.usage()
    expect(diskBytes).toBeLessThan(2.5 * 20_000 * 104)
    expect(await checkIndex(index)).toEqual([])
  }, 60_000)

  it('goes on where a killed process has left it', async () => {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-indexer-'))
    onTestFinished(() => fs.rm(folder, { recursive: true, force: true, maxRetries: 5 }))
    const store = await openStore(path.join(folder, 'store'))
    const index = await openIndex((await store.open('index')) as Log, SMALL)
    await index.batch([put('a', '1')])
    await store.close()
    await index.close().catch(() => undefined)
    const again = await storeIn(path.join(folder, 'store'))
    const reopened = await openIndex(await again.open('index'))
    onTestFinished(() => reopened.close())
    expect(await reopened.get(text('a'))).toEqual(text('1'))
  })
})
