import { conformanceCases, openOnStore, type Subject } from '@datagram/conformance'
import { isDatagramError } from '@datagram/errors'
import { findBytes } from '@datagram/fault-harness'
import { defineInterface } from '@datagram/stream'
import { describe, expect, it } from 'vitest'
import {
  connect,
  type Logs,
  logsOf,
  plain,
  replicaLogsOf,
  storeIn,
  streamOver,
  temporaryFolder,
  temporaryStore,
} from '../../stream/test/open-streams.ts'
import { backendCases, type ChatBackend, openChat } from '../src/index.ts'
import { chatInterface, streamBackend } from '../src/stream/index.ts'
import { ALICE, envelope, texts } from './chat-world.ts'
import { everyPiece } from './every-piece.ts'
import { streamPlace } from './stream-place.ts'

const bytesInterface = defineInterface({
  name: 'chat-bytes',
  contract: 1,
  version: 1,
  open: (stream): ChatBackend => streamBackend(stream),
})

// A key is as long as any other, and the name can be read in it.
const keyOf = (name: string) => `0x${Buffer.from(name).toString('hex').padEnd(64, '0')}`
const nameOf = (key: string) => Buffer.from(key.slice(2), 'hex').toString().replace(/\0+$/, '')

const subject: Subject<ChatBackend> = {
  definition: bytesInterface,
  open: openOnStore(bytesInterface),
  actions: {
    store: (backend, name, value) => backend.putMany([{ type: 'put', key: keyOf(name), value }]),
    load: (backend, name) => backend.get(keyOf(name)),
    remove: (backend, name) => backend.putMany([{ type: 'delete', key: keyOf(name) }]),
    async list(backend) {
      const names: string[] = []
      for await (const key of backend.list()) names.push(nameOf(key))
      return names
    },
    storeAll: (backend, entries) =>
      backend.putMany(entries.map(([name, value]) => ({ type: 'put', key: keyOf(name), value }))),
  },
}

describe('containers in a stream conform', () => {
  it.each(conformanceCases(subject))('$name', ({ run }) => run())
})

describe('the backend stream', () => {
  it.each(backendCases({ create: async () => (await streamPlace()).open }))('$name', ({ run }) =>
    run(),
  )
})

/** The blocks that are here, opened. */
async function blocksOf({ data, index }: Logs): Promise<Uint8Array[]> {
  const blocks: Uint8Array[] = []
  for (const log of [data, index]) {
    for (let i = 0; i < log.length; i++) {
      if (!(await log.has(i))) continue
      // The background may drop it just now: then it is not here.
      const block = await log.get(i).catch((error: unknown) => {
        if (isDatagramError(error, 'BLOCK_FORGOTTEN')) return undefined
        throw error
      })
      if (block !== undefined) blocks.push(block)
    }
  }
  return blocks
}

/** Bytes of the blocks that a log got since it had this length. */
async function bytesSince({ data }: Logs, length: number): Promise<number> {
  let bytes = 0
  for (let i = length; i < data.length; i++) bytes += (await data.get(i)).byteLength
  return bytes
}

describe('chats in a stream', () => {
  it('show on a replica as they arrive, and are written by their author alone', async () => {
    const logs = await logsOf(await temporaryStore())
    const { api: chat } = await streamOver(logs, chatInterface, ALICE)
    await chat.addMessage('bob.eth', envelope(1, 'one'))
    const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
    connect(logs, replicaLogs)
    const replica = await streamOver(replicaLogs, chatInterface, ALICE)
    await replica.update()
    expect(await texts(replica.api, 'bob.eth')).toEqual(['one'])
    await chat.addMessage('bob.eth', envelope(2, 'two'))
    await chat.addMessage('max.eth', envelope(2, 'to max'))
    await expect
      .poll(
        async () => {
          await replica.update()
          return [await texts(replica.api, 'bob.eth'), await texts(replica.api, 'max.eth')]
        },
        { timeout: 60_000 },
      )
      .toEqual([['one', 'two'], ['to max']])
    const add = replica.api.addMessage('bob.eth', envelope(3, 'three'))
    await expect(add).rejects.toMatchObject({ code: 'STREAM_NOT_WRITABLE' })
  })

  it('have no canary in any file', async () => {
    const folder = await temporaryFolder()
    const store = await storeIn(folder)
    const stream = await streamOver(await logsOf(store), chatInterface, ALICE)
    const canaries = ['Canary-7f3Qz9Lk2W', 'canary-contact-5t8r.eth'] as const
    await stream.api.addMessage(canaries[1], envelope(1, canaries[0]))
    await stream.index.flush()
    for (const canary of canaries) expect(await findBytes(canary, { folder })).toEqual([])
  })

  it('have nothing left of what was deleted, nor has a replica, even for who has the keys', async () => {
    const logs = await logsOf(await temporaryStore())
    const { api: chat, index } = await streamOver(logs, chatInterface, ALICE)
    const secret = await chat.send('bob.eth', 'a secret')
    const kept = await chat.send('bob.eth', 'kept')
    await chat.react('bob.eth', secret, 'a revealing reaction')
    await index.flush()
    const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
    connect(logs, replicaLogs)
    const replica = await streamOver(replicaLogs, chatInterface, ALICE)
    await replica.download()
    const times = [secret.timestamp, kept.timestamp]
    for (const one of [logs, replicaLogs]) {
      const found = everyPiece(await blocksOf(one), times)
      expect(found).toContain('"a secret"')
      expect(found).toMatch(/:[0-9a-f]{16} a secret \n/)
    }
    expect(await chat.delete('bob.eth', secret)).toBe(true)
    expect(everyPiece(await blocksOf(logs), times)).not.toMatch(/secret|revealing/)
    await expect
      .poll(
        async () => {
          await replica.update()
          await replica.download()
          return everyPiece(await blocksOf(replicaLogs), times)
        },
        { timeout: 60_000 },
      )
      .not.toMatch(/secret|revealing/)
    expect(await texts(chat, 'bob.eth')).toEqual(['kept'])
    expect(await texts(replica.api, 'bob.eth')).toEqual(['kept'])
  })

  it('cost a message as much when there are many as when there are few', async () => {
    const cost = async (perContact: number) => {
      const logs = await logsOf(await temporaryStore())
      // Without what a chat's stream drops in the background, so that every block is there to be counted.
      const { stream } = (await streamOver(logs, plain)).api
      const chat = await openChat({ ...ALICE, backend: streamBackend(stream) })
      const add = (contact: number, from: number, count: number) =>
        chat.addMessages(
          `contact-${contact}.eth`,
          Array.from({ length: count }, (_, i) => envelope(from + i, `number ${from + i}`)),
        )
      for (let contact = 0; contact < 200; contact++) await add(contact, 1_000_000, perContact)
      const { length } = logs.data
      for (let i = 0; i < 1000; i++) await add(i % 200, 2_000_000 + i, 1)
      return (await bytesSince(logs, length)) / 1000
    }
    const few = await cost(5)
    const many = await cost(500)
    expect(many / few).toBeGreaterThan(0.8)
    expect(many / few).toBeLessThan(1.2)
    expect(few).toBeLessThan(3 * JSON.stringify(envelope(2_000_000, 'number 2000000')).length)
  }, 300_000)
})
