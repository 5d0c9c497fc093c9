import { createHash } from 'node:crypto'
import { decodeDefinition, defineDescriptor } from '@datagram/descriptors'
import { Random } from '@datagram/fault-harness'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { scanObjects, type Stream } from '../src/index.ts'
import {
  assertSound,
  bytes,
  code,
  listed,
  logsOf,
  plain,
  storeIn,
  streamOver,
  temporaryFolder,
  temporaryStream,
  text,
  watchedStream,
} from './open-streams.ts'

const append = (stream: Stream, body: Uint8Array | string) =>
  stream.main.write((tx) => tx.append(body))
const hash = (body: Uint8Array) => createHash('sha256').update(body).digest('hex')

describe('the objects of a stream', () => {
  it('hello, distributed and world are objects 0, 1 and 2, and stay so', async () => {
    const folder = await temporaryFolder()
    const words = ['hello', 'distributed', 'world']
    for (const round of [1, 2]) {
      const store = await storeIn(folder)
      const stream = await streamOver(await logsOf(store), plain)
      const { main } = stream
      if (round === 1) {
        for (const [n, word] of words.entries()) {
          expect(await append(stream, word)).toEqual({ n, size: word.length })
        }
      }
      for (const [n, word] of words.entries()) {
        expect(text(await (await main.at(n))?.read())).toBe(word)
        expect(text(await main.read({ n }))).toBe(word)
      }
      expect(await main.at(3)).toBeUndefined()
      expect(await main.at(2 ** 48)).toBeUndefined()
      expect(await main.count()).toBe(3)
      const some = await listed(main.objects({ from: 1, to: 3 }))
      expect(some.map(({ n, size, descriptor }) => ({ n, size, descriptor }))).toEqual([
        { n: 1, size: 11, descriptor: 0 },
        { n: 2, size: 5, descriptor: 0 },
      ])
      await stream.close()
      await store.close()
    }
  })

  it('are what a scan of the data log finds', async () => {
    const stream = await temporaryStream()
    const random = new Random(Date.now())
    const sizes: number[] = []
    for (let round = 0; round < 30; round++) {
      await stream.main.write((tx) => {
        for (let i = random.between(0, 5); i > 0; i--) {
          const size = random.pick([0, 1, 100, 5000, 70_000])
          tx.append(random.bytes(size))
          sizes.push(size)
        }
        tx.put(random.bytes(3), random.bytes(10))
      })
    }
    const scanned = await listed(scanObjects(stream.data))
    expect(
      scanned.map(({ place }) => place?.size),
      `seed ${random.seed}`,
    ).toEqual(sizes)
    expect(scanned.map(({ n }) => n)).toEqual(sizes.map((_, n) => n))
    await assertSound(stream)
  })

  it('are numbered in order when many are appended at once', async () => {
    const stream = await temporaryStream()
    const words = Array.from({ length: 200 }, (_, i) => `word ${i}`)
    const pointers = await Promise.all(words.map((word) => append(stream, word)))
    expect(pointers.map(({ n }) => n)).toEqual(words.map((_, n) => n))
    for (const n of [0, 99, 199]) expect(text(await stream.main.read({ n }))).toBe(words[n])
    await assertSound(stream)
  })

  it('are read whole, in part and as a stream, whatever their size', async () => {
    const { main } = await temporaryStream()
    const random = new Random(Date.now())
    for (const size of [0, 1, 65_536, 65_537, 262_144, 1_000_000, 6_000_000]) {
      const body = random.bytes(size)
      const pointer = await main.write((tx) => tx.append(body))
      expect(hash(await main.read(pointer))).toBe(hash(body))
      const pieces = await listed(main.readStream(pointer))
      expect(hash(b4a.concat(pieces))).toBe(hash(body))
      for (let i = 0; i < 5; i++) {
        const start = random.between(0, size + 1)
        const end = random.between(start, size + 10)
        const part = await main.read(pointer, { start, end })
        expect(hash(part), `seed ${random.seed}: ${start}–${end} of ${size}`).toBe(
          hash(body.subarray(start, end)),
        )
      }
    }
    expect((await main.read({ n: 0 }, { start: 5 })).byteLength).toBe(0)
    await expect(main.read({ n: 1 }, { start: -1 })).rejects.toBeInstanceOf(TypeError)
    await expect(main.read({ n: 99 })).rejects.toMatchObject(code('OBJECT_NOT_FOUND'))
  })

  it('of many chunks are written in several appends, and are there only once all are', async () => {
    const { watched, stream, main } = await watchedStream()
    const body = new Uint8Array(40_000_000).map((_, i) => i >> 16)
    const failing = main.write((tx) => {
      tx.append(body)
      watched.failAfter = 2
    })
    await expect(failing).rejects.toThrow('the disk said no')
    expect(await main.count()).toBe(0)
    await assertSound(stream)
    watched.appends = 0
    const pointer = await main.write((tx) => tx.append(body))
    // 153 chunks: 2, 4, 18 times 8, and the rest with the frame.
    expect(watched.appends).toBe(21)
    expect(hash(await main.read(pointer))).toBe(hash(body))
    await assertSound(stream)
    await stream.close()
    const again = await streamOver({ data: stream.data, index: stream.indexLog }, plain)
    expect(hash(await again.main.read(pointer))).toBe(hash(body))
    await assertSound(again)
  })

  it('of a large body fetch only the chunks that are asked for', async () => {
    const stream = await temporaryStream()
    const pointer = await append(stream, new Uint8Array(3_000_000).fill(9))
    await stream.data.evict({ start: 0, end: stream.data.length - 1 })
    const object = await stream.main.at(pointer.n)
    // The chunk that the range begins in is the first one that is missing.
    await expect(object?.read({ start: 600_000, end: 600_010 })).rejects.toMatchObject({
      code: 'BLOCK_UNAVAILABLE',
    })
    expect(object?.block).toBe(1)
  })
})

describe('descriptors', () => {
  const Note = defineDescriptor({ name: 'Note', version: 1, fields: { text: 'text' } })
  const Count = defineDescriptor({ name: 'Count', version: 1, fields: { count: 'integer' } })

  it('give objects a number whose definition the stream keeps once', async () => {
    const folder = await temporaryFolder()
    for (const round of [0, 1]) {
      const store = await storeIn(folder)
      const stream = await streamOver(await logsOf(store), plain)
      const { main } = stream
      await main.write((tx) => {
        tx.append({ text: `round ${round}` }, Note)
        tx.append({ count: round }, Count)
        tx.append('plain')
      })
      expect((await main.at(3 * round))?.descriptor).toBe(1)
      expect((await main.at(3 * round + 1))?.descriptor).toBe(2)
      expect((await main.at(3 * round + 2))?.descriptor).toBe(0)
      const record = await main.descriptor(1)
      expect(record && decodeDefinition(record.definition)).toEqual(Note.definition)
      expect(record && b4a.equals(record.id, Note.id)).toBe(true)
      expect(await main.descriptor(3)).toBeUndefined()
      expect(Note.decode(await main.read({ n: 3 * round }))).toEqual({ text: `round ${round}` })
      await assertSound(stream)
      await stream.close()
      await store.close()
    }
  })

  it('leave no trace when the write that named them fails', async () => {
    const { main } = await temporaryStream()
    const failing = main.write((tx) => {
      tx.append({ text: 'lost' }, Note)
      throw new RangeError('no')
    })
    await expect(failing).rejects.toThrow(RangeError)
    expect(await main.descriptor(1)).toBeUndefined()
    await main.write((tx) => tx.append({ count: 1 }, Count))
    const record = await main.descriptor(1)
    expect(record && b4a.equals(record.id, Count.id)).toBe(true)
  })

  it('refuse what does not fit them, and writes nothing', async () => {
    const { main, data } = await temporaryStream()
    const wrong = { text: 5 } as unknown as { text: string }
    await expect(main.write((tx) => tx.append(wrong, Note))).rejects.toMatchObject({
      code: 'DATA_INVALID',
    })
    expect(data.length).toBe(1)
  })
})

describe('values of any size', () => {
  it('come back from the index, from frames and from chunks', async () => {
    const stream = await temporaryStream()
    const { main } = stream
    const random = new Random(Date.now())
    const values = [0, 1, 1023, 1024, 1025, 65_536, 65_537, 300_000].map((size) =>
      random.bytes(size),
    )
    await main.write((tx) => {
      for (const [i, value] of values.entries()) tx.put(bytes(`k${i}`), value)
    })
    for (const [i, value] of values.entries()) {
      expect(hash((await main.index.get(bytes(`k${i}`))) as Uint8Array)).toBe(hash(value))
    }
    const all = await listed(main.index.range())
    expect(all.map(([, value]) => hash(value))).toEqual(values.map(hash))
    const reversed = await listed(main.index.range({ reverse: true, limit: 3 }))
    expect(reversed.map(([key]) => text(key))).toEqual(['k7', 'k6', 'k5'])
    const many = await main.index.getMany(values.map((_, i) => bytes(`k${i}`)))
    expect(many.map((value) => hash(value as Uint8Array))).toEqual(values.map(hash))
    await assertSound(stream)
  })

  it('are read ahead in order, also by steps that overlap', async () => {
    const { main } = await temporaryStream()
    await main.write((tx) => {
      for (let i = 0; i < 100; i++) tx.put(bytes(`k${i + 100}`), new Uint8Array(2000).fill(i))
    })
    const iterator = main.index.range()[Symbol.asyncIterator]()
    const steps = await Promise.all(Array.from({ length: 101 }, () => iterator.next()))
    expect(steps.map(({ value }) => value?.[1][0])).toEqual([
      ...Array.from({ length: 100 }, (_, i) => i),
      undefined,
    ])
    expect(steps.at(-1)?.done).toBe(true)
  })
})
