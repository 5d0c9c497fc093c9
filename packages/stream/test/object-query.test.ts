import { defineDescriptor, list, oneOf, optional } from '@datagram/descriptors'
import { Random } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import type { FieldRange, InterfaceStream, ObjectsOptions, Stream } from '../src/index.ts'
import {
  assertSound,
  code,
  connect,
  listed,
  logsOf,
  plain,
  replicaLogsOf,
  storeIn,
  streamOver,
  temporaryFolder,
  temporaryStore,
  temporaryStream,
} from './open-streams.ts'

const Reading = defineDescriptor({
  name: 'Reading',
  version: 1,
  fields: {
    at: { kind: 'time', index: true },
    place: { kind: 'text', index: true },
    celsius: 'number',
    tags: { ...list('text'), optional: true, index: true },
  },
})
const Everything = defineDescriptor({
  name: 'Everything',
  version: 1,
  fields: {
    text: { kind: 'text', index: true },
    integer: { kind: 'integer', index: true },
    number: { kind: 'number', index: true },
    bigint: { kind: 'bigint', index: true },
    boolean: { kind: 'boolean', index: true },
    bytes: { kind: 'bytes', index: true },
    mode: { ...oneOf('a', 1, true), index: true },
  },
})

const numbers = async (main: InterfaceStream, options: ObjectsOptions) =>
  (await listed(main.objects(options))).map(({ n }) => n)

describe('objects({ type, where })', () => {
  it('answers from the table of contents and the index of fields', async () => {
    const { main } = await temporaryStream()
    const Note = defineDescriptor({ name: 'Note', version: 1, fields: { text: 'text' } })
    const at = Date.parse('2026-05-01T12:00:00Z')
    await main.add(Reading, { at, place: 'home', celsius: 20, tags: ['warm', 'warm', 'in'] })
    await main.add(Note, { text: 'between' })
    await main.add(Reading, { at: new Date(at + 1000), place: 'sea', celsius: 15 })
    await main.write((tx) => tx.append('plain'))
    await main.add(Reading, { at: at + 2000, place: 'sea\0side', celsius: 16, tags: ['in'] })
    expect(await numbers(main, {})).toEqual([0, 1, 2, 3, 4])
    expect(await numbers(main, { type: 'Reading' })).toEqual([0, 2, 4])
    expect(await numbers(main, { type: Note })).toEqual([1])
    expect(await numbers(main, { type: 'Unheard' })).toEqual([])
    expect(await numbers(main, { type: 'Unheard', where: { place: 'sea' } })).toEqual([])
    expect(await numbers(main, { where: { place: 'sea' } })).toEqual([2])
    expect(await numbers(main, { where: { place: { prefix: 'sea' } } })).toEqual([2, 4])
    expect(await numbers(main, { where: { tags: 'in' } })).toEqual([0, 4])
    expect(await numbers(main, { where: { at: { gt: at } } })).toEqual([2, 4])
    expect(await numbers(main, { where: { at: new Date(at) } })).toEqual([0])
    const both = { tags: 'in', at: { gte: at, lt: at + 2000 } }
    expect(await numbers(main, { type: Reading, where: both })).toEqual([0])
    expect(await numbers(main, { where: { place: { gte: 'sea' } }, from: 3 })).toEqual([4])
    expect(await numbers(main, { where: { place: { gte: 'sea' } }, to: 4 })).toEqual([2])
    expect(await numbers(main, { type: 'Reading', where: {} })).toEqual([0, 2, 4])
  })

  it('says when a field has no index, and what no condition is', async () => {
    const { main } = await temporaryStream()
    expect(await numbers(main, { where: { celsius: 20 } })).toEqual([])
    await main.add(Reading, { at: 0, place: 'home', celsius: 20 })
    const ask = (where: object) => numbers(main, { where: where as never })
    for (const where of [{ celsius: 20 }, { nothing: 1 }, { place: 'home', nothing: 1 }]) {
      await expect(ask(where)).rejects.toMatchObject(code('FIELD_NOT_INDEXED'))
    }
    const misused = [{}, null, [], { like: 'x' }, { gt: 1, lt: 'x' }, { gt: {} }, { prefix: 5 }]
    for (const condition of [...misused, { gt: 'x'.repeat(300) }, { prefix: 'a', gt: 'a' }]) {
      await expect(ask({ place: condition })).rejects.toBeInstanceOf(TypeError)
    }
  })

  it('orders and tells apart values of every kind, as a look at all of them does', async () => {
    const { main } = await temporaryStream()
    const random = new Random(Date.now())
    const long = 'x'.repeat(256)
    const texts = [
      '',
      '\0',
      '\0\0',
      'a',
      'a\0',
      'ab',
      'ä',
      '𝄞',
      '\uffee',
      long,
      `${long}1`,
      `${long}2`,
    ]
    const numbersOf = [0, 1, -1, 0.5, -0.5, 1e300, -1e300, Number.POSITIVE_INFINITY, 5e-324]
    const values = Array.from({ length: 300 }, () => ({
      text: random.pick(texts),
      integer: random.between(-300, 300) * random.pick([1, 2 ** 40]),
      number: random.pick(numbersOf),
      bigint: BigInt(random.between(-5, 5)) * random.pick([1n, 2n ** 200n]),
      boolean: random.pick([true, false]),
      bytes: random.bytes(random.between(0, 3)),
      mode: random.pick(['a', 1, true] as const),
    }))
    await main.write((tx) => {
      for (const value of values) tx.append(value, Everything)
    })
    const rank = (value: unknown) =>
      typeof value === 'string'
        ? Buffer.from(value)
        : value instanceof Uint8Array
          ? Buffer.from(value)
          : value
    const compare = (a: unknown, b: unknown) => {
      const [x, y] = [rank(a), rank(b)]
      if (Buffer.isBuffer(x) && Buffer.isBuffer(y)) return Buffer.compare(x, y)
      return (x as number) < (y as number) ? -1 : (x as number) > (y as number) ? 1 : 0
    }
    for (let round = 0; round < 200; round++) {
      const field = random.pick(['text', 'integer', 'number', 'bigint', 'bytes'] as const)
      const low = random.pick(values)[field]
      const high = random.pick(values)[field]
      const isLong = [low, high].some((one) => typeof one === 'string' && one.length > 256)
      const ranges: FieldRange[] = [{ gte: low, lt: high }, { gt: low, lte: high }, { lt: low }]
      const conditions = [low, ...(isLong ? [] : ranges)]
      for (const condition of conditions) {
        const fits = (value: unknown) => {
          if (condition === low) return compare(value, low) === 0
          const { gt, gte, lt, lte } = condition as FieldRange
          return (
            (gt === undefined || compare(value, gt) > 0) &&
            (gte === undefined || compare(value, gte) >= 0) &&
            (lt === undefined || compare(value, lt) < 0) &&
            (lte === undefined || compare(value, lte) <= 0)
          )
        }
        const expected = values.flatMap((value, n) => (fits(value[field]) ? [n] : []))
        const found = await numbers(main, { where: { [field]: condition } })
        expect(found, `seed ${random.seed}, ${field}`).toEqual(expected)
      }
    }
    const modes = values.flatMap(({ mode }, n) => (mode === true ? [n] : []))
    expect(await numbers(main, { where: { mode: true } })).toEqual(modes)
  })

  it('goes on after reopening, and refuses a definition that contradicts an earlier one', async () => {
    const folder = await temporaryFolder()
    const Other = defineDescriptor({ name: 'Reading', version: 1, fields: { at: 'text' } })
    const Grown = defineDescriptor({
      name: 'Reading',
      version: 1,
      fields: {
        at: { kind: 'time', index: true },
        place: { kind: 'text', index: true },
        celsius: 'number',
        tags: { ...list('text'), optional: true, index: true },
        by: optional('text'),
      },
    })
    for (const round of [0, 1]) {
      const store = await storeIn(folder)
      const stream = await streamOver(await logsOf(store), plain)
      await stream.main.add(Reading, { at: round, place: 'home', celsius: 20 })
      const conflict = stream.main.add(Other, { at: 'noon' })
      await expect(conflict).rejects.toMatchObject(code('DESCRIPTOR_CONFLICT'))
      if (round === 1) await stream.main.add(Grown, { at: 2, place: 'home', celsius: 1, by: 'me' })
      const expected = round === 0 ? [0] : [0, 1, 2]
      expect(await numbers(stream.main, { where: { place: 'home' } })).toEqual(expected)
      await assertSound(stream)
      await stream.close()
      await store.close()
    }
  })

  it('is found by a transaction that fails no more than by one that never was', async () => {
    const { main } = await temporaryStream()
    const failing = main.write((tx) => {
      tx.append({ at: 1, place: 'lost', celsius: 1 }, Reading)
      throw new RangeError('no')
    })
    await expect(failing).rejects.toThrow(RangeError)
    await main.add(Reading, { at: 1, place: 'kept', celsius: 1 })
    expect(await numbers(main, { where: { place: 'lost' } })).toEqual([])
    expect(await numbers(main, { where: { at: 1 } })).toEqual([0])
  })
})

describe('too many types', () => {
  const typeOf = (i: number, fields: Record<string, 'text'> = {}) =>
    defineDescriptor({ name: `Type ${i}`, version: 1, fields })

  it('are refused when they are written', async () => {
    const { main } = await temporaryStream()
    await main.write((tx) => {
      for (let i = 0; i < 4096; i++) tx.append({}, typeOf(i))
    })
    await expect(main.add(typeOf(4096), {})).rejects.toMatchObject(code('TYPES_TOO_MANY'))
    await main.add(typeOf(5), {})
    expect(await main.count()).toBe(4097)
    expect(await main.types()).toHaveLength(4096)
    expect(await numbers(main, { type: 'Type 5' })).toEqual([5, 4096])
  })
})

describe('a sparse replica', () => {
  const here = async (stream: Stream) => {
    let blocks = 0
    for (let i = 1; i < stream.data.length; i++) if (await stream.data.has(i)) blocks++
    return blocks
  }

  it('filters 100,000 objects without a body, and downloads those chosen alone', async () => {
    const author = await logsOf(await temporaryStore())
    const stream = await streamOver(author, plain)
    const { main } = stream
    for (let batch = 0; batch < 100; batch++) {
      await main.write((tx) => {
        for (let i = 0; i < 1000; i++) {
          const n = batch * 1000 + i
          tx.append({ at: n * 1000, place: `place ${n % 5000}`, celsius: n / 100 }, Reading)
        }
      })
    }
    await stream.index.flush()
    const logs = await replicaLogsOf(await temporaryStore(), author)
    connect(author, logs)
    const replica = await streamOver(logs, plain)
    await replica.update()
    expect(await replica.main.count()).toBe(100_000)
    const where = { place: 'place 77', at: { gte: 10_000_000, lt: 60_000_000 } }
    const chosen = await numbers(replica.main, { type: 'Reading', where })
    expect(chosen).toEqual(Array.from({ length: 10 }, (_, i) => 10_077 + i * 5000))
    expect(await here(replica)).toBe(0)
    await replica.main.download(chosen)
    expect(await here(replica)).toBe(10)
    for (const n of chosen) {
      expect(Reading.decode(await replica.main.read({ n })).celsius).toBe(n / 100)
    }
    expect(await here(replica)).toBe(10)
    await expect(replica.main.download([100_000])).rejects.toMatchObject(code('OBJECT_NOT_FOUND'))
  })
})

describe('the fields of an object that is forgotten, or not needed any more', () => {
  it('are in the index no longer, whether the object was committed before or not', async () => {
    const { main } = await temporaryStream()
    const where = { place: { prefix: '' } }
    for (const place of ['a', 'b', 'c', 'd']) {
      await main.add(Reading, { at: 1, place, celsius: 1, tags: ['x', 'y'] })
    }
    await main.write((tx) => tx.append('plain'))
    await main.write((tx) => {
      tx.forget({ n: 0 })
      tx.drop({ n: 2 })
      tx.forget({ n: 4 })
    })
    expect(await numbers(main, { where })).toEqual([1, 3])
    expect(await numbers(main, { where: { tags: 'x' } })).toEqual([1, 3])
    await main.write((tx) => {
      const pointer = tx.append({ at: 2, place: 'e', celsius: 1 }, Reading)
      tx.forget(pointer)
      tx.append({ at: 2, place: 'f', celsius: 1 }, Reading)
    })
    expect(await numbers(main, { where })).toEqual([1, 3, 6])
    const appended = main.add(Reading, { at: 3, place: 'g', celsius: 1 })
    await main.write((tx) => tx.forget({ n: 7 }))
    expect(await appended).toMatchObject({ n: 7 })
    expect(await numbers(main, { where: { at: 3 } })).toEqual([])
  })
})
