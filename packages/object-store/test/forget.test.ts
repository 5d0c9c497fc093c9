import { randomBytes } from 'node:crypto'
import { isDatagramError } from '@datagram/errors'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import {
  assertSound,
  connect,
  type Logs,
  logsOf,
  replicaLogsOf,
  streamOver,
  temporaryStore,
} from '../../stream/test/open-streams.ts'
import { objectsInterface } from '../src/index.ts'
import { listed, temporaryObjects } from './temporary-objects.ts'

const MIB = 1024 * 1024

/** Blocks that are here and have a part of a secret in them, opened with their key. */
async function blocksWith({ data, index }: Logs, secret: string): Promise<string[]> {
  const parts = [0, 0.5, 1].map((at) => {
    const start = Math.floor(at * (secret.length - 60))
    return b4a.from(secret.slice(start, start + 60))
  })
  const found: string[] = []
  for (const [name, log] of Object.entries({ data, index })) {
    for (let i = 0; i < log.length; i++) {
      if (!(await log.has(i))) continue
      const block = await log.get(i).catch(unlessForgotten)
      if (block === undefined) continue
      if (parts.some((part) => b4a.indexOf(block, part) !== -1)) found.push(`${name} ${i}`)
    }
  }
  return found
}

// What the store does not retain goes in the background, also between a look and the next.
function unlessForgotten(error: unknown): undefined {
  if (!isDatagramError(error, 'BLOCK_FORGOTTEN')) throw error
}

describe('what was forgotten', () => {
  it.each([100, 16 * 1024, 256 * 1024, 3 * MIB])(
    'is gone with its %s bytes from every replica, and no pull brings it back',
    { timeout: 120_000 },
    async (size) => {
      const text = randomBytes(size / 2).toString('hex')
      const title = randomBytes(50).toString('hex')
      const logs = await logsOf(await temporaryStore())
      const stream = await streamOver(logs, objectsInterface)
      const { api: objects } = stream
      const beside = await objects.carriers.commit({ payload: { type: 'Text', text: 'beside' } })
      const payload = { type: 'Text', text } as const
      const { objectId, namedHash } = await objects.carriers.commit({ payload, fields: { title } })
      const next = await objects.carriers.commit({
        objectId,
        payload: { type: 'Text', text: 'next' },
      })
      // There was something to find.
      expect(await blocksWith(logs, text)).not.toEqual([])
      expect(await blocksWith(logs, title)).not.toEqual([])
      await stream.index.flush()
      const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
      connect(logs, replicaLogs)
      const replica = await streamOver(replicaLogs, objectsInterface)
      await replica.download()
      const peer = await temporaryObjects()
      await peer.pull(objects)
      await objects.forget(namedHash)
      for (const secret of [text, title]) {
        expect(await blocksWith(logs, secret)).toEqual([])
        // It follows when it hears of it.
        const onReplica = async () => {
          await replica.update()
          await replica.download()
          return blocksWith(replicaLogs, secret)
        }
        await expect.poll(onReplica, { timeout: 60_000 }).toEqual([])
      }
      expect(await objects.pull(peer)).toEqual({ blobs: 0, objects: 0, bytes: 0 })
      for (const { api } of [stream, replica]) {
        expect(await api.hasBlob(namedHash)).toBe(false)
        const versions = await listed(api.versions(objectId))
        expect(versions.map((version) => version.namedHash)).toEqual([next.namedHash])
        const read = await api.carriers.current(beside.objectId)
        expect(read && (await api.carriers.read(read))).toEqual({ type: 'Text', text: 'beside' })
        expect((await api.fsck()).problems).toEqual([])
      }
      await assertSound(stream)
      await assertSound(replica)
    },
  )
})
