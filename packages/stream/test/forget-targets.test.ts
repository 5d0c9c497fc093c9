import type { Log } from '@datagram/log-core'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import {
  assertSound,
  bytes,
  code,
  entriesOf,
  listed,
  logsOf,
  plain,
  streamOver,
  temporaryStore,
  temporaryStream,
} from './open-streams.ts'

/** A log that counts the blocks that are read of it. */
function countedLog(log: Log) {
  const count = { blocks: 0 }
  const counted = new Proxy(log, {
    get(target, name) {
      if (name === 'getBlocks') {
        return (indexes: readonly number[], ...rest: []) => {
          count.blocks += indexes.length
          return target.getBlocks(indexes, ...rest)
        }
      }
      if (name === 'getBlock') {
        return (index: number, ...rest: []) => {
          count.blocks++
          return target.getBlock(index, ...rest)
        }
      }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { log: counted, count }
}

describe('what forgetting costs', () => {
  it('reads each frame once, and after that the frames concerned', async () => {
    const { data, index } = await logsOf(await temporaryStore())
    const { log, count } = countedLog(data)
    const { main } = await streamOver({ data: log, index }, plain)
    const put = (i: number) => main.write((tx) => tx.put(bytes(`key ${i}`), bytes(`${i}`)))
    for (let i = 0; i < 300; i++) await put(i)
    count.blocks = 0
    await main.forget(bytes('key 7'))
    expect(count.blocks).toBeGreaterThan(250)
    expect(count.blocks).toBeLessThan(400)
    for (let i = 20; i < 30; i++) {
      count.blocks = 0
      await main.forget(bytes(`key ${i}`))
      // Its frame, the frames of the forgetting before it, and what these wrote.
      expect(count.blocks).toBeLessThan(30)
    }
    expect(await main.index.get(bytes('key 25'))).toBeUndefined()
    expect(b4a.toString((await main.index.get(bytes('key 30'))) as Uint8Array)).toBe('30')
  })
})

describe('a range', () => {
  it('of keys goes with what was deleted in it before, and nothing beside it', async () => {
    const stream = await temporaryStream()
    const { main } = stream
    const put = (key: string) => main.write((tx) => tx.put(bytes(key), bytes(`of ${key}`)))
    for (const key of ['a', 'b', 'ba', 'c', 'd']) await put(key)
    await main.write((tx) => tx.del(bytes('ba')))
    await main.forget({ gte: bytes('b'), lt: bytes('c') })
    expect(await entriesOf(stream)).toEqual({ a: 'of a', c: 'of c', d: 'of d' })
    const left = (await listed(main.past())).flatMap(({ operations }) =>
      operations.map((one) => ('key' in one ? b4a.toString(one.key) : '')),
    )
    expect(left.sort()).toEqual(['a', 'c', 'd'])
    await main.forget({ gt: bytes('c') })
    expect(await entriesOf(stream)).toEqual({ a: 'of a', c: 'of c' })
    await put('b')
    expect(await entriesOf(stream)).toEqual({ a: 'of a', b: 'of b', c: 'of c' })
    await assertSound(stream)
  })

  it('of objects goes, and their numbers stay', async () => {
    const stream = await temporaryStream()
    const { main } = stream
    for (let i = 0; i < 6; i++) await main.write((tx) => tx.append(`object ${i}`))
    await main.forget({ from: 1, to: 3 }, { from: 5 })
    const forgotten = (await listed(main.objects())).map((object) => object.forgotten)
    expect(forgotten).toEqual([false, true, true, false, false, true])
    expect(await main.at(1)).toMatchObject({ n: 1, size: 8 })
    await main.forget({ from: 4, to: 100 })
    await expect(main.read({ n: 4 })).rejects.toMatchObject(code('OBJECT_FORGOTTEN'))
    await assertSound(stream)
  })

  it('is refused when it is none', async () => {
    const { main } = await temporaryStream()
    const wrong = [{}, { n: 1, from: 2 }, { from: -1 }, { from: 1, gte: bytes('a') }, 'key', null]
    for (const target of wrong) {
      await expect(main.forget(target as never)).rejects.toThrow(TypeError)
    }
    await expect(main.forget({ gt: new Uint8Array(4096) })).rejects.toMatchObject(
      code('KEY_TOO_LARGE'),
    )
  })
})

describe('what is not there, is half there, or is being read', () => {
  it('is forgotten without harm: what never was, twice, and a body whose write was cut off', async () => {
    const { data, index } = await logsOf(await temporaryStore())
    const stream = await streamOver({ data, index }, plain)
    const { main } = stream
    await main.write((tx) => tx.append('first'))
    await main.forget({ n: 5 }, bytes('no such key'), { n: 0 }, { n: 0 })
    await main.forget({ n: 0 })
    // Chunks without a frame that names them, as a write leaves them that was cut off.
    await stream.close()
    await data.append([{ kind: 3, payload: new Uint8Array(1024) }])
    const again = await streamOver({ data, index }, plain)
    await again.main.forget({ n: 1 }, bytes('key'))
    await again.main.write((tx) => tx.append('second'))
    expect(await again.main.at(0)).toMatchObject({ forgotten: true, size: 5 })
    expect(b4a.toString(await again.main.read({ n: 1 }))).toBe('second')
    await assertSound(again)
  })

  it('is read to its end, or with a coded error', async () => {
    const { main } = await temporaryStream()
    const large = new Uint8Array(12 * 1024 * 1024).fill(7)
    for (let i = 0; i < 3; i++) await main.write((tx) => tx.append(large))
    await main.write((tx) => tx.append('small'))
    const reading = [0, 1, 2].map(async (n) => {
      let read = 0
      for await (const piece of main.readStream({ n })) {
        read += piece.byteLength
        expect(piece.every((byte) => byte === 7)).toBe(true)
        await new Promise(setImmediate)
      }
      expect(read).toBe(large.byteLength)
    })
    const small = main.read({ n: 3 })
    await main.forget({ from: 0 })
    const outcomes = await Promise.allSettled([...reading, small])
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue
      const { code: why } = outcome.reason as { code: string }
      expect(['OBJECT_FORGOTTEN', 'BLOCK_FORGOTTEN']).toContain(why)
    }
  })
})
