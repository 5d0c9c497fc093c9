import fs from 'node:fs/promises'
import { isDatagramError } from '@datagram/errors'
import { storeFiles, temporaryFolder } from '@datagram/fault-harness'
import c from 'compact-encoding'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Kv, type KvOperation, openKv } from '../src/index.ts'

async function folder(): Promise<string> {
  const temporary = await temporaryFolder()
  onTestFinished(() => temporary[Symbol.asyncDispose]())
  return temporary.join('kv')
}

async function temporaryKv() {
  const kv = await openKv(await folder())
  onTestFinished(() => kv.close())
  return kv
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

/** Size and time of every file in a store. */
async function states(of: string): Promise<string[]> {
  const files = await storeFiles(of)
  const stats = await Promise.all(files.map((file) => fs.stat(file.path)))
  return files.map(({ name }, i) => `${name} ${stats[i]?.size} ${stats[i]?.mtimeMs}`).sort()
}

describe('a key/value store', () => {
  it('writes nothing while it is only read, and takes writes at any time', async () => {
    const store = await folder()
    const first = await openKv(store)
    for (let i = 0; i < 300; i++) await first.set(`key ${i}`, 'v'.repeat(100))
    await first.redis.hSet('hash', 'field', 'kept')
    await first.close()
    const before = await states(store)
    for (let i = 0; i < 3; i++) {
      await using kv = await openKv(store)
      expect(await kv.get(`key ${i}`)).toBe('v'.repeat(100))
      expect(await kv.redis.hGet('hash', 'field')).toBe('kept')
      expect(await all(kv.keys())).toHaveLength(300)
    }
    expect(await states(store)).toEqual(before)
    await using kv = await openKv(store)
    const reads = Promise.all(Array.from({ length: 300 }, (_, i) => kv.get(`key ${i}`)))
    const writes = Promise.all(Array.from({ length: 300 }, (_, i) => kv.set(`new ${i}`, `${i}`)))
    expect(new Set(await reads)).toEqual(new Set(['v'.repeat(100)]))
    await writes
    expect(await all(kv.keys())).toHaveLength(600)
  })

  it('sets, gets, deletes and counts', async () => {
    const kv = await temporaryKv()
    expect(await kv.set('theme', 'dark')).toBe(true)
    expect(await kv.get('theme')).toBe('dark')
    expect(await kv.getBuffer('theme')).toEqual(new TextEncoder().encode('dark'))
    expect(await kv.has('theme')).toBe(true)
    expect(await kv.get('none')).toBeUndefined()
    expect(await kv.getBuffer('none')).toBeUndefined()
    expect(await kv.has('none')).toBe(false)
    await kv.set('font', 'serif')
    expect(await kv.getMany(['font', 'none', 'theme'])).toEqual(['serif', undefined, 'dark'])
    expect(await kv.del('theme', 'none', 'font', 'theme')).toBe(2)
    expect(await kv.del('theme')).toBe(0)
    expect(await kv.del()).toBe(0)
    expect(await all(kv.entries())).toEqual([])
  })

  it('carries a batch out in order, all or nothing', async () => {
    const kv = await temporaryKv()
    await kv.set('a', '1')
    await kv.batch([
      { type: 'set', key: 'b', value: '2' },
      { type: 'del', key: 'a' },
      { type: 'set', key: 'b', value: '3' },
      { type: 'set', key: 'c', value: '4' },
      { type: 'del', key: 'c' },
    ])
    expect(await all(kv.entries())).toEqual([['b', '3']])
    await kv.batch([])
    const wrong = { type: 'put', key: 'x', value: '1' } as unknown as KvOperation<string, string>
    for (const operation of [wrong, undefined as never]) {
      const batch = kv.batch([{ type: 'set', key: 'b', value: '9' }, operation])
      expect(await failure(batch)).toBeInstanceOf(TypeError)
    }
    expect(await kv.get('b')).toBe('3')
  })

  it('sets only where the condition holds', async () => {
    const kv = await temporaryKv()
    expect(await kv.set('a', '1', { if: 'present' })).toBe(false)
    expect(await kv.set('a', '1', { if: { equals: '' } })).toBe(false)
    expect(await kv.set('a', '', { if: 'absent' })).toBe(true)
    expect(await kv.set('a', '2', { if: 'absent' })).toBe(false)
    expect(await kv.set('a', '2', { if: { equals: '' } })).toBe(true)
    expect(await kv.set('a', '3', { if: { equals: new TextEncoder().encode('2') } })).toBe(true)
    expect(await kv.set('a', '4', { if: 'present' })).toBe(true)
    expect(await kv.get('a')).toBe('4')
    const odd = kv.set('a', '5', { if: 'never' as 'absent' })
    expect(await failure(odd)).toBeInstanceOf(TypeError)
    const racers = Array.from({ length: 20 }, (_, i) => kv.set('one', `${i}`, { if: 'absent' }))
    expect((await Promise.all(racers)).filter(Boolean)).toHaveLength(1)
    expect(await kv.get('one')).toBe('0')
  })

  it('takes falsy, empty and binary keys and values for what they are', async () => {
    const kv = await temporaryKv()
    for (const key of ['', '0', 'false', 'null', 'undefined', '\u0000', '__proto__']) {
      await kv.set(key, key)
      expect(await kv.get(key)).toBe(key)
    }
    await kv.set(new Uint8Array([0xff, 0]), new Uint8Array([0xfe]))
    expect(await kv.getBuffer(new Uint8Array([0xff, 0]))).toEqual(new Uint8Array([0xfe]))
    expect(await all(kv.keys({ lt: new Uint8Array([0xff]) }))).toHaveLength(7)
  })

  it('refuses other types, text that UTF-8 cannot hold, and what is too large', async () => {
    const kv = await temporaryKv()
    for (const wrong of [undefined, null, 0, false, {}, [], Symbol('x'), 5n, () => 'x']) {
      const value = wrong as never
      for (const call of [
        () => kv.set(value, 'x'),
        () => kv.set('x', value),
        () => kv.get(value),
        () => kv.getBuffer(value),
        () => kv.has(value),
        () => kv.getMany([value]),
        () => kv.del('a', value),
        () => kv.batch([{ type: 'set', key: 'a', value }]),
        () => kv.set('x', 'y', { if: { equals: value } }),
      ]) {
        expect(await failure(call())).toBeInstanceOf(TypeError)
      }
    }
    // One key or operation where several go says so.
    for (const list of ['ab', undefined, new Set(['a'])] as never[]) {
      for (const call of [() => kv.getMany(list), () => kv.batch(list)]) {
        expect(String(await failure(call()))).toMatch(
          /^TypeError: (keys|operations) are given as an array/,
        )
      }
    }
    expect(String(await failure(kv.forgetRange(undefined as never)))).toMatch('a range of objects')
    expect(await failure(kv.set('\ud800', 'x'))).toBeInstanceOf(TypeError)
    expect(await failure(kv.set('x', '\udfff'))).toBeInstanceOf(TypeError)
    expect(await failure(kv.set('k'.repeat(4097), 'x'))).toMatchObject({ code: 'KEY_TOO_LARGE' })
    expect(await failure(kv.get('k'.repeat(4097)))).toMatchObject({ code: 'KEY_TOO_LARGE' })
    const large = new Uint8Array(128 * 1024 * 1024 + 1)
    expect(await failure(kv.set('x', large))).toMatchObject({ code: 'VALUE_TOO_LARGE' })
    expect(() => kv.entries({ limit: -1 })).toThrow(TypeError)
    expect(() => kv.entries({ gte: 5 as never })).toThrow(TypeError)
    expect(await all(kv.keys())).toEqual([])
  })

  it('takes its own copy of bytes whose write has to wait', async () => {
    const kv = await temporaryKv()
    const waiting = kv.set('first', 'x', { if: 'absent' })
    const [key, value] = [new Uint8Array([1, 2]), new Uint8Array([3, 4])]
    const writes = [kv.set(key, value), kv.batch([{ type: 'set', key: 'b', value }])]
    key.fill(9)
    value.fill(9)
    await Promise.all([waiting, ...writes])
    expect(await kv.getBuffer(new Uint8Array([1, 2]))).toEqual(new Uint8Array([3, 4]))
    expect(await kv.getBuffer('b')).toEqual(new Uint8Array([3, 4]))
  })

  it('keeps what it holds, under its password', async () => {
    const path = await folder()
    const kv = await openKv(path, { password: 'correct horse' })
    await kv.set('theme', 'dark')
    await kv.close()
    await kv.close()
    const wrong = await failure(openKv(path, { password: 'wrong' }))
    expect(isDatagramError(wrong, 'PASSWORD_WRONG')).toBe(true)
    await using again = await openKv(path, { password: 'correct horse' })
    expect(await again.get('theme')).toBe('dark')
    expect(await failure(openKv(path, { password: 'correct horse' }))).toMatchObject({
      code: 'STORE_LOCKED',
    })
  })

  it('refuses everything after close', async () => {
    const kv = await temporaryKv()
    await kv.set('a', '1')
    const entries = kv.entries()
    await kv.close()
    for (const call of [() => kv.get('a'), () => kv.set('a', '2'), () => entries.next()]) {
      expect(await failure(call())).toMatchObject({ code: 'STREAM_CLOSED' })
    }
    expect(() => kv.entries()).toThrowError(expect.objectContaining({ code: 'STREAM_CLOSED' }))
  })
})

describe('ranges', () => {
  async function filled(): Promise<Kv> {
    const kv = await temporaryKv()
    const keys = ['a', 'aa', 'ab', 'b', 'ba', 'c']
    await kv.batch(keys.map((key) => ({ type: 'set', key, value: `${key}!` })))
    return kv
  }
  const keysOf = async (kv: Kv, options: Parameters<Kv['keys']>[0]) =>
    (await all(kv.keys(options))).join(' ')

  it('take bounds, a prefix, a direction and a limit', async () => {
    const kv = await filled()
    expect(await all(kv.entries({ gte: 'b', lt: 'c' }))).toEqual([
      ['b', 'b!'],
      ['ba', 'ba!'],
    ])
    expect(await keysOf(kv, {})).toBe('a aa ab b ba c')
    expect(await keysOf(kv, { gt: 'a', lte: 'b' })).toBe('aa ab b')
    expect(await keysOf(kv, { reverse: true, limit: 2 })).toBe('c ba')
    expect(await keysOf(kv, { prefix: 'a' })).toBe('a aa ab')
    expect(await keysOf(kv, { prefix: 'aaa' })).toBe('')
    expect(await keysOf(kv, { prefix: 'a', gt: 'a', lt: 'ab' })).toBe('aa')
    expect(await keysOf(kv, { prefix: 'a', gte: 'aa', lte: 'z', reverse: true })).toBe('ab aa')
    expect(await keysOf(kv, { prefix: 'b', gte: 'a', lt: 'bb' })).toBe('b ba')
    expect(await keysOf(kv, { prefix: 'b', lt: 'a' })).toBe('')
    expect(await keysOf(kv, { prefix: '' })).toBe('a aa ab b ba c')
    expect(await keysOf(kv, { limit: 0 })).toBe('')
    expect(await keysOf(kv, { gte: 'c', lt: 'a' })).toBe('')
    expect(await all(kv.values({ prefix: 'b' }))).toEqual(['b!', 'ba!'])
  })

  it('take a prefix of 0xff bytes', async () => {
    const kv = await temporaryKv()
    const keys = [[0xfe], [0xff], [0xff, 0xff], [0xff, 0xff, 1]].map((one) => new Uint8Array(one))
    for (const key of keys) await kv.set(key, 'x')
    const count = async (...prefix: number[]) =>
      (await all(kv.values({ prefix: new Uint8Array(prefix) }))).length
    expect([await count(0xff), await count(0xff, 0xff), await count(0xfe)]).toEqual([3, 2, 1])
  })

  it('show the entries as they were at the call', async () => {
    const kv = await filled()
    const entries = kv.entries()
    const first = await entries.next()
    await kv.batch([
      { type: 'del', key: 'c' },
      { type: 'set', key: 'b', value: 'new' },
      { type: 'set', key: 'bb', value: 'new' },
    ])
    expect([first.value, ...(await all(entries))]).toEqual(
      ['a', 'aa', 'ab', 'b', 'ba', 'c'].map((key) => [key, `${key}!`]),
    )
  })

  it('end with a signal, and when they are left early', async () => {
    const kv = await filled()
    const abort = new AbortController()
    const seen: string[] = []
    const scan = (async () => {
      for await (const key of kv.keys({ signal: abort.signal })) {
        seen.push(key)
        if (seen.length === 2) abort.abort(new RangeError('enough'))
      }
    })()
    expect(await failure(scan)).toBeInstanceOf(RangeError)
    expect(seen).toEqual(['a', 'aa'])
    for await (const [key] of kv.entries()) if (key === 'aa') break
    const values = kv.values()
    expect(await values.return?.()).toEqual({ done: true, value: undefined })
  })

  it('bring large values in, but not for their keys', async () => {
    const kv = await temporaryKv()
    for (let i = 0; i < 40; i++) await kv.set(`k${i + 10}`, String(i).repeat(3000))
    const values = await all(kv.values({ gte: 'k20', lt: 'k30' }))
    expect(values.map((value) => value.slice(0, 2))).toEqual(
      Array.from({ length: 10 }, (_, i) => String(i + 10)),
    )
    expect(await all(kv.keys({ limit: 2 }))).toEqual(['k10', 'k11'])
  })
})

describe('encodings', () => {
  const open = async <T>(opening: Promise<T & { close(): Promise<void> }>) => {
    const kv = await opening
    onTestFinished(() => kv.close())
    return kv
  }

  it('binary gives bytes', async () => {
    const encodings = { keyEncoding: 'binary', valueEncoding: 'binary' } as const
    const kv = await open(openKv(await folder(), encodings))
    await kv.set('text', new Uint8Array([1, 2]))
    await kv.set(new Uint8Array([255]), 'text')
    expect(await all(kv.entries())).toEqual([
      [new TextEncoder().encode('text'), new Uint8Array([1, 2])],
      [new Uint8Array([255]), new TextEncoder().encode('text')],
    ])
  })

  it('json gives what JSON holds, and tells absence from null', async () => {
    const kv = await open(openKv(await folder(), { valueEncoding: 'json' }))
    const values = [null, 0, '', false, [], {}, { a: [1, { b: 'c' }] }, 'text']
    for (const [i, value] of values.entries()) {
      await kv.set(`k${i}`, value)
      expect(await kv.get(`k${i}`)).toEqual(value)
    }
    expect(await kv.get('none')).toBeUndefined()
    expect(await kv.set('k6', 1, { if: { equals: { a: [1, { b: 'c' }] } } })).toBe(true)
    for (const value of [undefined, () => 1, 1n]) {
      expect(await failure(kv.set('x', value))).toBeInstanceOf(TypeError)
    }
  })

  it('a codec gives its values, and keys in the order of its bytes', async () => {
    const kv = await open(
      openKv(await folder(), { keyEncoding: c.uint32be, valueEncoding: c.array(c.string) }),
    )
    for (const key of [70_000, 5, 300]) await kv.set(key, [`number ${key}`, 'x'])
    expect(await all(kv.keys())).toEqual([5, 300, 70_000])
    expect(await kv.get(300)).toEqual(['number 300', 'x'])
    expect(await all(kv.keys({ gt: 5, lt: 70_000 }))).toEqual([300])
    expect(() => kv.keys({ prefix: 5 })).toThrow(TypeError)
    expect(await failure(kv.set('five' as never, ['x']))).toBeInstanceOf(TypeError)
    expect(await failure(kv.set(5, [5] as never))).toBeInstanceOf(TypeError)
  })

  it('say so when something else was stored', async () => {
    const path = await folder()
    const written = await openKv(path, { valueEncoding: 'binary' })
    await written.set('bytes', new Uint8Array([0xff, 0xfe]))
    await written.set('replacement', '\ufffd')
    await written.set(new Uint8Array([0xff]), 'x')
    await written.close()
    const kv = await openKv(path)
    expect(await failure(kv.get('bytes'))).toMatchObject({ code: 'VALUE_UNREADABLE' })
    expect(await kv.get('replacement')).toBe('\ufffd')
    expect(await failure(all(kv.keys()))).toMatchObject({ code: 'KEY_UNREADABLE' })
    expect(await kv.getBuffer('bytes')).toEqual(new Uint8Array([0xff, 0xfe]))
    await kv.close()
    const json = await open(openKv(path, { valueEncoding: 'json' }))
    expect(await failure(json.get('replacement'))).toMatchObject({ code: 'VALUE_UNREADABLE' })
  })

  it('are refused when there is none of that name', async () => {
    const wrong = { keyEncoding: 'latin1' as 'utf8' }
    expect(await failure(openKv(await folder(), wrong))).toBeInstanceOf(TypeError)
  })
})
