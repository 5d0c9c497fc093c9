import { defineDescriptor } from '@datagram/descriptors'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { ObjectStream } from '../src/index.ts'
import {
  assertSound,
  bytes,
  code,
  connect,
  listed,
  logsOf,
  plain,
  replicaLogsOf,
  streamOver,
  temporaryStore,
  temporaryStream,
} from './open-streams.ts'

const Note = defineDescriptor({
  name: 'Note',
  version: 1,
  fields: { title: { kind: 'text', index: true }, text: 'text' },
})

const textOf = (value: Uint8Array) => b4a.toString(value)

describe('an object that is updated', () => {
  it('has its number, its newest version, and a history, here, on a replica and reopened', async () => {
    const logs = await logsOf(await temporaryStore())
    const stream = await streamOver(logs, plain)
    const { main } = stream
    const { n } = await main.write((tx) => {
      tx.append('beside')
      return tx.append('first')
    })
    expect(await main.update({ n }, 'second')).toEqual({ n, size: 6 })
    await main.update({ n }, 'x'.repeat(300_000))
    await main.update({ n }, 'fourth')
    await main.write((tx) => tx.append('after'))
    const check = async (one: typeof stream) => {
      expect(textOf(await one.main.read({ n }))).toBe('fourth')
      expect(await one.main.count()).toBe(3)
      const all = await listed(one.main.history({ n }))
      expect(
        await Promise.all(all.map(async ({ object }) => (await object.read()).byteLength)),
      ).toEqual([5, 6, 300_000, 6])
      const stamps = all.map(({ stamp }) => stamp.ms)
      expect([...stamps].sort((a, b) => a - b)).toEqual(stamps)
      const newest = await listed(one.main.history({ n }, { reverse: true }))
      expect(newest.map(({ object }) => object.size)).toEqual([6, 300_000, 6, 5])
      expect(textOf(await one.main.read({ n: 2 }))).toBe('after')
      await assertSound(one)
    }
    await check(stream)
    const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
    connect(logs, replicaLogs)
    const replica = await streamOver(replicaLogs, plain)
    await replica.download()
    await check(replica)
    await expect(replica.main.update({ n }, 'no')).rejects.toMatchObject(
      code('STREAM_NOT_WRITABLE'),
    )
    await stream.close()
    await check(await streamOver(logs, plain))
  })

  it('loses the versions before when it says so, small and large ones', async () => {
    const logs = await logsOf(await temporaryStore())
    const stream = await streamOver(logs, plain)
    const { main } = stream
    const secret = 'what nobody is to find again '
    const { n } = await main.write((tx) => tx.append(secret.repeat(3)))
    await main.write((tx) => tx.append('beside'))
    await main.update({ n }, secret.repeat(10_000))
    await main.update({ n }, secret.repeat(2))
    await main.update({ n }, 'harmless', { previous: 'forget' })
    const holding = async () => {
      let count = 0
      for (const log of [logs.data, logs.index]) {
        for (let i = 0; i < log.length; i++) {
          if (!(await log.has(i))) continue
          if (b4a.indexOf(await log.get(i), bytes(secret)) !== -1) count++
        }
      }
      return count
    }
    await expect.poll(holding, { timeout: 30_000 }).toBe(0)
    expect(textOf(await main.read({ n }))).toBe('harmless')
    expect(textOf(await main.read({ n: 1 }))).toBe('beside')
    const readable = (await listed(main.history({ n }))).filter(({ object }) => !object.forgotten)
    expect(readable).toHaveLength(1)
    await assertSound(stream)
    await stream.close()
    const again = await streamOver(logs, plain)
    expect(textOf(await again.main.read({ n }))).toBe('harmless')
    await again.main.forget({ n })
    expect(await again.main.at(n)).toMatchObject({ forgotten: true, size: 8 })
    await assertSound(again)
  })

  it('is found by its new fields and not by the old ones', async () => {
    const { main } = await temporaryStream()
    const { n } = await main.add(Note, { title: 'one', text: 'a' })
    await main.update({ n }, { title: 'two', text: 'b' }, { descriptor: Note })
    await main.write(async (tx) => {
      await tx.update({ n }, { title: 'two', text: 'c' }, { descriptor: Note })
      await tx.update({ n }, { title: 'three', text: 'd' }, { descriptor: Note })
    })
    const found = async (title: string) =>
      (await listed(main.objects({ type: Note, where: { title } }))).map((object) => object.n)
    expect(await Promise.all(['one', 'two', 'three'].map(found))).toEqual([[], [], [n]])
    const notes = new ObjectStream(main)
    const values = []
    for await (const { object } of notes.history({ n })) values.push(await object.value())
    expect(values.map((value) => (value as { text: string }).text)).toEqual(['a', 'b', 'c', 'd'])
    await notes.update({ n }, 'plain now', { previous: 'forget' })
    expect(await found('three')).toEqual([])
    expect(textOf(await main.read({ n }))).toBe('plain now')
  })

  it('has to be there; its versions go as the stream retains', async () => {
    const stream = await temporaryStream()
    const { main } = stream
    await expect(main.update({ n: 0 }, 'none')).rejects.toMatchObject(code('OBJECT_NOT_FOUND'))
    await expect(main.update({ n: -1 }, 'none')).rejects.toThrow(TypeError)
    // No other call, and no write that is passed over.
    await expect(main.update({ n: 0 }, undefined as never)).rejects.toThrow(TypeError)
    main.retain('latest')
    const { n } = await main.write((tx) => tx.append('x'.repeat(5000)))
    for (let i = 0; i < 5; i++) await main.update({ n }, `${i}`.repeat(5000))
    await stream.compact()
    expect(textOf(await main.read({ n }))).toBe('4'.repeat(5000))
    expect(await listed(main.history({ n }))).toHaveLength(1)
    expect(await stream.data.has(1)).toBe(false)
    await assertSound(stream)
  })
})
