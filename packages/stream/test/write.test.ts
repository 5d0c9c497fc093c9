import { describe, expect, it } from 'vitest'
import { KEY_BYTES_MAX, type Transaction } from '../src/index.ts'
import {
  assertSound,
  bytes,
  code,
  entriesOf,
  listed,
  temporaryStream,
  text,
  turn,
  watchedStream,
} from './open-streams.ts'

const number = async (tx: Transaction, key: string) => Number(text(await tx.get(bytes(key))) ?? 0)

describe('a write', () => {
  it('commits what it put and gives its result', async () => {
    const { main, data } = await temporaryStream()
    const result = await main.write(async (tx) => {
      tx.put(bytes('a'), bytes('1'))
      tx.put(bytes('b'), bytes('2'))
      tx.del(bytes('a'))
      return 'done'
    })
    expect(result).toBe('done')
    expect(await main.index.get(bytes('a'))).toBeUndefined()
    expect(text(await main.index.get(bytes('b')))).toBe('2')
    expect(await main.index.getMany([bytes('b'), bytes('a')])).toHaveLength(2)
    expect(data.length).toBe(2)
  })

  it('writes nothing when it throws, and throws on the very same', async () => {
    const { main, data } = await temporaryStream()
    const failure = new RangeError('mine')
    const failing = [
      (tx: Transaction) => {
        tx.put(bytes('a'), bytes('1'))
        tx.append('hello')
        throw failure
      },
      async (tx: Transaction) => {
        tx.put(bytes('a'), bytes('1'))
        await turn()
        throw failure
      },
    ]
    for (const fn of failing) await expect(main.write(fn)).rejects.toBe(failure)
    expect(data.length).toBe(1)
    expect(await main.index.get(bytes('a'))).toBeUndefined()
    expect(await main.write((tx) => tx.append('hello'))).toEqual({ n: 0, size: 5 })
  })

  it('takes no block when there is nothing to write', async () => {
    const { main, data } = await temporaryStream()
    expect(await main.write(async (tx) => number(tx, 'a'))).toBe(0)
    expect(data.length).toBe(1)
  })

  it('that only reads waits for what it has read, and keeps nobody waiting', async () => {
    const { main, data } = await temporaryStream()
    const writing = main.write((tx) => tx.put(bytes('a'), bytes('1')))
    await Promise.resolve()
    const order: string[] = []
    const reading = main.write(async (tx) => text(await tx.get(bytes('a'))))
    const nothing = main.write(() => 'nothing')
    await Promise.all([
      writing.then(() => order.push('written')),
      reading.then(() => order.push('read')),
    ])
    expect(order).toEqual(['written', 'read'])
    expect([await reading, await nothing]).toEqual(['1', 'nothing'])
    await main.write((tx) => tx.put(bytes('b'), bytes('2')))
    expect(data.length).toBe(3)
  })

  it('is serialised: the next sees what the earlier did', async () => {
    const { main } = await temporaryStream()
    const add = () =>
      main.write(async (tx) => {
        const next = (await number(tx, 'sum')) + 1
        await turn()
        tx.put(bytes('sum'), bytes(String(next)))
        return next
      })
    const results = await Promise.all(Array.from({ length: 100 }, add))
    expect(results).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(text(await main.index.get(bytes('sum')))).toBe('100')
  })

  it.each([
    ['that only put', (tx: Transaction, i: number) => tx.put(bytes(`k${i}`), bytes(`${i}`))],
    [
      'that read and wait',
      async (tx: Transaction, i: number) => {
        await tx.get(bytes(`k${i - 1}`))
        await turn()
        tx.put(bytes(`k${i}`), bytes(`${i}`))
      },
    ],
  ])('costs at most 4 appends for 64 in flight %s', async (_, fn) => {
    const { watched, main, stream } = await watchedStream()
    await Promise.all(Array.from({ length: 64 }, (_none, i) => main.write((tx) => fn(tx, i))))
    expect(watched.appends).toBeLessThanOrEqual(4)
    expect(Object.keys(await entriesOf(stream))).toHaveLength(64)
    await assertSound(stream)
  })

  it('refuses keys, values and transactions over their limits, and other types', async () => {
    const { main } = await temporaryStream()
    const failure = (fn: (tx: Transaction) => unknown) =>
      main.write(fn).then(
        () => undefined,
        (error: unknown) => error,
      )
    const value = bytes('1')
    const large = new Uint8Array(128 * 1024 * 1024 + 1)
    const half = large.subarray(0, 100 * 1024 * 1024)
    expect(await failure((tx) => tx.put(new Uint8Array(KEY_BYTES_MAX + 1), value))).toMatchObject(
      code('KEY_TOO_LARGE'),
    )
    for (const fn of [
      (tx: Transaction) => tx.put(bytes('a'), large),
      (tx: Transaction) => tx.append(large),
    ]) {
      expect(await failure(fn)).toMatchObject(code('VALUE_TOO_LARGE'))
    }
    const threeHalves = (tx: Transaction) => {
      for (const key of ['a', 'b', 'c']) tx.put(bytes(key), half)
    }
    expect(await failure(threeHalves)).toMatchObject(code('TRANSACTION_TOO_LARGE'))
    for (const fn of [
      (tx: Transaction) => tx.put('a' as never, value),
      (tx: Transaction) => tx.put(bytes('a'), 1 as never),
      (tx: Transaction) => tx.append(1 as never),
      undefined as never,
    ]) {
      expect(await failure(fn)).toBeInstanceOf(TypeError)
    }
    await main.write((tx) => tx.put(new Uint8Array(KEY_BYTES_MAX), value))
    await main.write((tx) => tx.put(new Uint8Array(0), new Uint8Array(0)))
    expect(await main.index.get(new Uint8Array(0))).toEqual(new Uint8Array(0))
  })

  it('copies what it is given', async () => {
    const { main } = await temporaryStream()
    const [key, value] = [bytes('key'), bytes('value')]
    await main.write((tx) => {
      tx.put(key, value)
      key.fill(0)
      value.fill(0)
    })
    const read = await main.index.get(bytes('key'))
    expect(text(read)).toBe('value')
    read?.fill(0)
    expect(text(await main.index.get(bytes('key')))).toBe('value')
  })

  it('takes nothing after it has ended', async () => {
    const { main } = await temporaryStream()
    let kept: Transaction | undefined
    await main.write((tx) => {
      kept = tx
      tx.put(bytes('a'), bytes('1'))
    })
    const ended = expect.objectContaining(code('TRANSACTION_ENDED'))
    expect(() => kept?.put(bytes('b'), bytes('2'))).toThrowError(ended)
    expect(() => kept?.append('x')).toThrowError(ended)
    expect(() => kept?.range()).toThrowError(ended)
    await expect(kept?.get(bytes('a'))).rejects.toEqual(ended)
  })

  it('inside a write is refused, and told to join', async () => {
    const { main } = await temporaryStream()
    const nested = main.write((tx) => {
      tx.put(bytes('a'), bytes('1'))
      return main.write((inner) => inner.put(bytes('b'), bytes('2')))
    })
    await expect(nested).rejects.toThrow(/tx\.join/)
    expect(await main.index.get(bytes('a'))).toBeUndefined()
  })

  it('joined to another fails with it, and makes it fail', async () => {
    const { main } = await temporaryStream()
    const put = (key: string) => main.write((tx) => tx.put(bytes(key), bytes('1')))
    const failing = main.write(async (tx) => {
      await put('never').catch(() => undefined)
      tx.put(bytes('a'), bytes('1'))
    })
    // The nested write was refused and caught, so the outer one went on.
    await failing
    expect(await main.index.get(bytes('never'))).toBeUndefined()
    const caught = main.write(async (tx) => {
      tx.put(bytes('b'), bytes('1'))
      await tx
        .join(() =>
          main.write(() => {
            throw new RangeError('no')
          }),
        )
        .catch(() => undefined)
    })
    await expect(caught).rejects.toThrow(RangeError)
    expect(await main.index.get(bytes('b'))).toBeUndefined()
  })

  it('waits for its turn no longer than it is told', async () => {
    const { main } = await temporaryStream()
    let go = () => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const slow = main.write(() => gate)
    const abort = new AbortController()
    const put = (tx: Transaction) => tx.put(bytes('late'), bytes('1'))
    const aborted = main.write(put, { signal: abort.signal })
    const late = main.write(put, { timeoutMs: 10 })
    abort.abort(new RangeError('enough'))
    await expect(aborted).rejects.toThrow(RangeError)
    await expect(late).rejects.toMatchObject(code('WAIT_TIMEOUT'))
    go()
    await slow
    await main.write((tx) => tx.put(bytes('next'), bytes('1')))
    expect(await main.index.get(bytes('late'))).toBeUndefined()
  })
})

describe('reads in a transaction', () => {
  it('see its own writes, those that are pending, and those that are committed', async () => {
    const { main } = await temporaryStream()
    const put = (tx: Transaction, ...keys: string[]) => {
      for (const key of keys) tx.put(bytes(key), bytes(`${key}!`))
    }
    await main.write((tx) => put(tx, 'a', 'c', 'e', 'g'))
    const pending = main.write((tx) => {
      put(tx, 'b', 'c')
      tx.del(bytes('e'))
    })
    const seen = await main.write(async (tx) => {
      put(tx, 'd')
      tx.del(bytes('a'))
      const range = async (options: Parameters<Transaction['range']>[0]) =>
        (await listed(tx.range(options))).map(([key, value]) => `${text(key)}${text(value)}`)
      return {
        all: await range({}),
        reverse: await range({ reverse: true, limit: 3 }),
        bounds: await range({ gt: bytes('b'), lte: bytes('g') }),
        none: await range({ limit: 0 }),
        keys: (await listed(tx.keys({ gte: bytes('c') }))).map(text),
        many: (await tx.getMany(['a', 'b', 'd', 'e', 'g'].map(bytes))).map(text),
        has: await Promise.all(['a', 'b', 'd', 'e', 'g', 'x'].map((key) => tx.has(bytes(key)))),
      }
    })
    await pending
    expect(seen).toEqual({
      all: ['bb!', 'cc!', 'dd!', 'gg!'],
      reverse: ['gg!', 'dd!', 'cc!'],
      bounds: ['cc!', 'dd!', 'gg!'],
      none: [],
      keys: ['c', 'd', 'g'],
      many: [undefined, 'b!', 'd!', undefined, 'g!'],
      has: [false, true, true, false, true, false],
    })
  })
})
