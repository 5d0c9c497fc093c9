import { describe, expect, it } from 'vitest'
import { checkIndex, type Index, type IndexEntry, openIndex } from '../src/index.ts'
import { hex, text } from './bytes.ts'
import { indexOver } from './index-over.ts'
import { MemoryLog } from './memory-log.ts'
import { SMALL } from './model-world.ts'
import { del, load, put, workload } from './settled.ts'

const stamp = { ms: 1_700_000_000_000, counter: 0 }
const code = (expected: string) => expect.objectContaining({ code: expected })

async function entries(
  source: AsyncIterable<readonly [Uint8Array, Uint8Array]>,
): Promise<string[]> {
  const all: string[] = []
  for await (const [key, value] of source) all.push(`${Buffer.from(key)}=${Buffer.from(value)}`)
  return all
}

describe('opening', () => {
  it('begins in an empty log, and behind a header of another kind', async () => {
    const empty = await indexOver(new MemoryLog())
    expect(empty.covers).toBe(0)
    expect(empty.stats().headBlock).toBe(-1)
    expect(empty.liveRanges()).toEqual([])
    const log = new MemoryLog()
    await log.append([{ kind: 1, payload: text('header') }])
    const index = await indexOver(log)
    await index.batch([put('a', '1')])
    expect(await indexOver(log.copy()).then((copy) => entries(copy.range()))).toEqual(['a=1'])
  })

  it('refuses a log that does not end in a head, and a head of another version', async () => {
    const log = new MemoryLog()
    await log.append([
      { kind: 1, payload: text('header') },
      { kind: 2, payload: text('frame') },
    ])
    await expect(openIndex(log)).rejects.toThrow(code('INDEX_HEAD_DAMAGED'))
    await log.append({ kind: 18, payload: Uint8Array.of(77, 0, 0) })
    await expect(openIndex(log)).rejects.toThrow(code('INDEX_FORMAT_UNKNOWN'))
    await log.append({ kind: 18, payload: Uint8Array.of(1, 0, 9) })
    await expect(openIndex(log)).rejects.toThrow(code('INDEX_HEAD_DAMAGED'))
  })

  it('says what leaves are too large for', async () => {
    await expect(openIndex(new MemoryLog(), { leafBytes: 1 << 20 })).rejects.toThrow(TypeError)
  })
})

describe('applying', () => {
  it('shows operations at once, all or none', async () => {
    const index = await indexOver(new MemoryLog())
    index.apply([put('a', '1'), put('b', '2')], { position: 1, stamp })
    expect(index.getNow(text('a'))).toEqual(text('1'))
    const large = { type: 'put' as const, key: text('c'), value: new Uint8Array(65_537) }
    expect(() => index.apply([del('a'), large], { position: 2, stamp })).toThrow(
      code('INDEX_VALUE_TOO_LARGE'),
    )
    const long = { type: 'del' as const, key: new Uint8Array(4098) }
    expect(() => index.apply([del('a'), long], { position: 2, stamp })).toThrow(
      code('INDEX_KEY_TOO_LARGE'),
    )
    expect(await entries(index.range())).toEqual(['a=1', 'b=2'])
  })

  it('refuses other types and positions that do not rise', async () => {
    const index = await indexOver(new MemoryLog())
    index.apply([put('a', '1')], { position: 5, stamp })
    expect(() => index.apply([put('a', '2')], { position: 5, stamp })).toThrow(TypeError)
    expect(() =>
      index.apply([{ type: 'put', key: 'a', value: text('') }] as never, { position: 6, stamp }),
    ).toThrow(TypeError)
    expect(() =>
      index.apply([{ type: 'set', key: text('a') }] as never, { position: 6, stamp }),
    ).toThrow(TypeError)
    await expect(index.get('a' as never)).rejects.toThrow(TypeError)
    await expect(index.getMany(['a'] as never)).rejects.toThrow(TypeError)
    expect(() => index.range({ gte: 'a' } as never)).toThrow(TypeError)
    expect(() => index.range({ limit: -1 })).toThrow(TypeError)
  })

  it('ignores frames that the head covers', async () => {
    const index = await indexOver(new MemoryLog())
    index.apply([put('a', '1')], { position: 4, stamp })
    index.apply([], { position: 9, stamp })
    await index.flush()
    expect(index.covers).toBe(9)
    index.apply([put('a', 'old')], { position: 7, stamp })
    expect(await index.get(text('a'))).toEqual(text('1'))
    expect(index.stats().memoryOperations).toBe(0)
  })

  it('covers frames without operations too', async () => {
    const log = new MemoryLog()
    const index = await indexOver(log)
    index.apply([], { position: 3, stamp })
    await index.flush()
    expect((await indexOver(log.copy())).covers).toBe(3)
  })

  it('copies what it is given and gives copies', async () => {
    const index = await indexOver(new MemoryLog(), SMALL)
    const [key, value] = [text('key'), text('value')]
    index.apply([{ type: 'put', key, value }], { position: 1, stamp })
    key.fill(1)
    value.fill(1)
    for (const flushed of [false, true]) {
      if (flushed) await index.flush()
      const found = (await index.get(text('key'))) as Uint8Array
      expect(found).toEqual(text('value'))
      found.fill(9)
      for await (const [one, other] of index.range()) {
        one.fill(9)
        other.fill(9)
      }
      const [many] = await index.getMany([text('key')])
      many?.fill(9)
      expect(await entries(index.range())).toEqual(['key=value'])
    }
  })
})

describe('writing alone', () => {
  it('is durable when a batch resolves, and calls that come together share an append', async () => {
    const log = new MemoryLog()
    const index = await indexOver(log)
    let appends = 0
    log.onAppend(() => appends++)
    await Promise.all(Array.from({ length: 50 }, (_, i) => index.batch([put(`k${i}`, `${i}`)])))
    expect(appends).toBe(1)
    const copy = await indexOver(log.copy())
    expect(await entries(copy.range({ limit: 2 }))).toEqual(['k0=0', 'k1=1'])
    await copy.batch([del('k0')])
    expect(await entries(copy.range({ limit: 1 }))).toEqual(['k1=1'])
  })

  it('is one way of two', async () => {
    const alone = await indexOver(new MemoryLog())
    await alone.batch([put('a', '1')])
    expect(() => alone.apply([], { position: 9, stamp })).toThrow(TypeError)
    const journalled = await indexOver(new MemoryLog())
    journalled.apply([], { position: 1, stamp })
    await expect(journalled.batch([])).rejects.toThrow(TypeError)
  })
})

describe('reading', () => {
  it('ranges between bounds, either way, up to a limit', async () => {
    const index = await indexOver(new MemoryLog())
    index.apply(
      'abcdef'.split('').map((key) => put(key, key)),
      { position: 1, stamp },
    )
    await index.flush()
    const keys = async (options: Parameters<Index['range']>[0]) => {
      return (await entries(index.range(options))).map((entry) => entry[0]).join('')
    }
    expect(await keys({ gte: text('b'), lt: text('e') })).toBe('bcd')
    expect(await keys({ gt: text('b'), lte: text('e') })).toBe('cde')
    expect(await keys({ gt: text('b'), gte: text('a'), lt: text('f'), lte: text('d') })).toBe('cd')
    expect(await keys({ reverse: true, limit: 2 })).toBe('fe')
    expect(await keys({ gte: text('d'), lt: text('b') })).toBe('')
    expect(await keys({ limit: 0 })).toBe('')
    expect(await keys({ limit: Number.POSITIVE_INFINITY })).toBe('abcdef')
  })

  it('shows the moment of the call, not of the first entry', async () => {
    const index = await indexOver(new MemoryLog())
    index.apply([put('a', '1')], { position: 1, stamp })
    const range = index.range()
    const snapshot = index.snapshot()
    index.apply([put('a', '2'), put('b', '2')], { position: 2, stamp })
    await index.flush()
    expect(await entries(range)).toEqual(['a=1'])
    expect(await entries(snapshot.range())).toEqual(['a=1'])
    expect(await snapshot.get(text('b'))).toBe(undefined)
    expect(await snapshot.getMany([text('a')])).toEqual([text('1')])
    snapshot.close()
    await expect(snapshot.get(text('a'))).rejects.toThrow(code('INDEX_SNAPSHOT_CLOSED'))
    expect(() => snapshot.range()).toThrow(code('INDEX_SNAPSHOT_CLOSED'))
  })

  it('answers overlapping calls of next in order, and ends when told', async () => {
    const index = await indexOver(new MemoryLog(), SMALL)
    await load(index, workload(500))
    await index.flush()
    const range = index.range()
    const results = await Promise.all(Array.from({ length: 502 }, () => range.next()))
    const keys = results.slice(0, 500).map(({ value }) => hex((value as IndexEntry)[0]))
    expect(keys).toEqual([...keys].sort())
    expect(results.slice(500)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
    const other = index.range()
    await other.next()
    expect(await other.return?.()).toEqual({ done: true, value: undefined })
    expect((await other.next()).done).toBe(true)
    const thrown = index.range()
    await expect(thrown.throw?.(new Error('mine'))).rejects.toThrow('mine')
  })

  it('gives entries in batches', async () => {
    const index = await indexOver(new MemoryLog(), SMALL)
    await load(index, workload(700))
    const scan = index.range()
    const first = await scan.next()
    let count = 1
    for (let batch = await scan.nextBatch(); batch.length > 0; batch = await scan.nextBatch())
      count += batch.length
    expect(first.done).toBe(false)
    expect(count).toBe(700)
    expect(await scan.nextBatch()).toEqual([])
  })

  it('ranges over the largest values', async () => {
    const index = await indexOver(new MemoryLog())
    const value = new Uint8Array(65_536)
    const all = Array.from({ length: 120 }, (_, i) => ({
      type: 'put' as const,
      key: text(`key ${i + 100}`),
      value: value.fill(i).slice(),
    }))
    index.apply(all, { position: 1, stamp })
    await index.compact()
    for (const options of [{}, { limit: 120 }, { reverse: true }]) {
      let sum = 0
      for await (const [, found] of index.range(options)) sum += (found[65_535] as number) + 1
      expect(sum).toBe((120 * 121) / 2)
    }
    expect(await checkIndex(index)).toEqual([])
  })

  it('lets other work in during a long scan of cached pages', async () => {
    const index = await indexOver(new MemoryLog())
    await load(index, workload(60_000))
    await index.flush()
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    let count = 0
    for await (const _ of index.range()) count += 1
    clearInterval(timer)
    expect(count).toBe(60_000)
    expect(turns).toBeGreaterThan(1)
  })
})

describe('snapshots', () => {
  it('keep their blocks while runs are merged and dropped, and let go of them', async () => {
    const log = new MemoryLog()
    const index = await indexOver(log, SMALL)
    await load(index, workload(400))
    await index.flush()
    const snapshot = index.snapshot()
    const range = index.range()
    const before = await entries(snapshot.range())
    await load(index, workload(400, 1))
    await index.compact()
    const held = log.blocks.filter((block) => block !== undefined).length
    expect(await entries(snapshot.range())).toEqual(before)
    expect(await entries(range)).toEqual(before)
    snapshot[Symbol.dispose]()
    await index.compact()
    expect(log.blocks.filter((block) => block !== undefined).length).toBeLessThan(held)
    expect(await checkIndex(index)).toEqual([])
  })
})

describe('closing', () => {
  it('refuses everything after it, and is idempotent', async () => {
    const log = new MemoryLog()
    const index = await openIndex(log)
    index.apply([put('a', 'x'.repeat(40_000))], { position: 1, stamp })
    const range = index.range()
    const snapshot = index.snapshot()
    await Promise.all([index.close(), index.close()])
    const closed = code('INDEX_CLOSED')
    expect(() => index.apply([], { position: 2, stamp })).toThrow(closed)
    expect(() => index.range()).toThrow(closed)
    expect(() => index.snapshot()).toThrow(closed)
    expect(() => index.getNow(text('a'))).toThrow(closed)
    for (const call of [
      () => index.get(text('a')),
      () => index.getMany([]),
      () => index.batch([]),
      () => index.flush(),
      () => index.compact(),
      () => index.update(),
      () => index.ready(),
      () => range.next(),
      () => snapshot.get(text('a')),
    ]) {
      await expect(call()).rejects.toThrow(closed)
    }
    // A reader should not have all that to replay.
    expect((await indexOver(log.copy())).covers).toBe(1)
  })

  it('leaves a small tail to the data log', async () => {
    const log = new MemoryLog()
    const index = await openIndex(log)
    index.apply([put('a', '1')], { position: 1, stamp })
    await index[Symbol.asyncDispose]()
    expect(log.length).toBe(0)
  })
})

describe('ranges at once', () => {
  it('gives what the asynchronous range gives, once memory has the pages', async () => {
    const index = await indexOver(new MemoryLog(), { ...SMALL, cacheBytes: 1 << 20 })
    await load(index, workload(600, 11))
    await index.compact()
    await entries(index.range())
    const bounds = [{}, { reverse: true }, { limit: 7 }, { reverse: true, limit: 50 }]
    for (const options of bounds) {
      const awaited: IndexEntry[] = []
      for await (const entry of index.range(options)) awaited.push(entry)
      expect(index.rangeNow(options)).toEqual(awaited)
    }
  })

  it('gives undefined where a block has to be read', async () => {
    const log = new MemoryLog()
    const index = await indexOver(log, SMALL)
    await load(index, workload(600, 12))
    await index.flush()
    const reopened = await indexOver(log.copy())
    expect(reopened.rangeNow({ limit: 1 })).toBeUndefined()
    const [first] = await reopened.range({ limit: 1 }).nextBatch()
    expect(reopened.rangeNow({ limit: 1 })).toEqual([first])
  })
})
