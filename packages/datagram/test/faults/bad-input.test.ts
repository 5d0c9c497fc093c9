import assert from 'node:assert/strict'
import { temporaryFolder } from '@datagram/fault-harness'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Datagram,
  isDatagramError,
  type Kv,
  type kvInterface,
  openDatagram,
  parseLink,
} from '../../src/index.ts'
import { type Contents, contentsOf } from './contents.ts'

const MIB = 1024 * 1024
// Far more than any of them takes, also on a busy machine; a wait for something that never comes takes longer.
const ENDS_WITHIN_MS = 15_000

/** What the compiler would refuse, and a program in JavaScript passes all the same. */
function anything<T>(value: unknown): T {
  return value as T
}

/** The code of what `act` throws, `TypeError`, or what it came to instead. */
async function outcome(act: () => unknown): Promise<string> {
  const start = performance.now()
  try {
    const result = await act()
    return `no error but ${String(result)}`
  } catch (error) {
    if (performance.now() - start > ENDS_WITHIN_MS) return 'an error, but much too late'
    if (isDatagramError(error)) return error.code
    return error instanceof TypeError ? 'TypeError' : `without a code: ${String(error)}`
  }
}

describe('bad input to a datagram gets a code or a TypeError, and leaves everything as it was:', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let datagram: Datagram
  let kv: Kv
  let before: Contents

  beforeAll(async () => {
    folder = await temporaryFolder()
    datagram = await openDatagram(folder.join('mine'))
    kv = await datagram.kv('a')
    await kv.set('key', 'value')
    await datagram.describe('a', { title: 'title', labels: ['label'] })
    before = await contentsOf(datagram)
  })

  afterAll(async () => {
    const after = await contentsOf(datagram)
    await datagram.close()
    const again = await openDatagram(folder.join('mine'))
    const reopened = await contentsOf(again)
    await again.close()
    await folder[Symbol.asyncDispose]()
    assert.deepEqual(after, before)
    assert.deepEqual(reopened, before)
  })

  it('names of streams', async () => {
    const absurd = [
      '',
      'x'.repeat(256),
      '😀'.repeat(64),
      'a\0b',
      'a\nb',
      '\u0085',
      '\ud800',
      'a\udc00',
    ]
    for (const name of absurd) {
      expect(await outcome(() => datagram.kv(name)), name).toBe('STREAM_NAME_INVALID')
      expect(await outcome(() => datagram.share(name)), name).toMatch(/^STREAM_(NAME|NOT)/)
    }
    for (const name of [undefined, null, 5, {}, ['a'], Symbol('a'), new Uint8Array(3)]) {
      expect(await outcome(() => datagram.kv(anything(name))), String(name)).toBe('TypeError')
    }
    expect(await outcome(() => datagram.describe('none', { title: 'x' }))).toBe('STREAM_NOT_FOUND')
    expect(await outcome(() => datagram.share('none'))).toBe('STREAM_NOT_FOUND')
    expect(await outcome(() => datagram.open('new', anything<typeof kvInterface>(undefined)))).toBe(
      'TypeError',
    )
    expect(await outcome(() => datagram.open('new', anything<typeof kvInterface>({})))).toBe(
      'TypeError',
    )
    expect(await outcome(() => datagram.kv('new', anything({ valueEncoding: 'no' })))).toBe(
      'TypeError',
    )
  })

  it('keys, values and batches', async () => {
    const bad = [undefined, null, 5, 5n, {}, new Date(), Symbol('a'), '\ud800']
    for (const value of bad) {
      expect(await outcome(() => kv.set(anything(value), 'x')), String(value)).toBe('TypeError')
      expect(await outcome(() => kv.set('key', anything(value))), String(value)).toBe('TypeError')
      expect(await outcome(() => kv.get(anything(value))), String(value)).toBe('TypeError')
      expect(await outcome(() => kv.del(anything(value))), String(value)).toBe('TypeError')
      const batch = [
        { type: 'set', key: 'key', value: 'other' },
        { type: 'set', key: 'key 2', value },
      ]
      expect(await outcome(() => kv.batch(anything(batch))), String(value)).toBe('TypeError')
    }
    for (const batch of [5, null, [null], [{ type: 'put', key: 'a', value: 'b' }]]) {
      expect(await outcome(() => kv.batch(anything(batch)))).toBe('TypeError')
    }
    const longKey = [
      { type: 'set' as const, key: 'key', value: 'other' },
      { type: 'set' as const, key: 'x'.repeat(4097), value: 'y' },
    ]
    expect(await outcome(() => kv.batch(longKey))).toBe('KEY_TOO_LARGE')
    expect(await outcome(() => kv.set('x'.repeat(4097), 'y'))).toBe('KEY_TOO_LARGE')
    const huge = 'x'.repeat(128 * MIB + 1)
    expect(await outcome(() => kv.set('key', huge))).toBe('VALUE_TOO_LARGE')
    const large = 'x'.repeat(90 * MIB)
    const three = ['key', 'b', 'c'].map((key) => ({ type: 'set' as const, key, value: large }))
    expect(await outcome(() => kv.batch(three))).toMatch('TRANSACTION_TOO_LARGE')
  })

  it('ranges, conditions and waits', async () => {
    const all = async (options: unknown) => {
      for await (const _ of kv.entries(anything(options))) return 'an entry'
      return 'no entry'
    }
    for (const limit of [-1, 0.5, Number.NaN, '1']) {
      expect(await outcome(() => all({ limit })), String(limit)).toBe('TypeError')
    }
    expect(await outcome(() => all({ gte: 5 }))).toBe('TypeError')
    expect(await all({ gte: 'z', lt: 'a' })).toBe('no entry')
    expect(await outcome(() => kv.set('key', 'x', anything({ if: 'never' })))).toBe('TypeError')
    const signal = AbortSignal.abort(new TypeError('called off'))
    expect(await outcome(() => kv.set('key', 'x', { signal }))).toBe('TypeError')
    expect(await outcome(() => all({ signal }))).toBe('TypeError')
  })

  it('descriptions', async () => {
    const ofWrongType = [null, undefined, 5, { title: 5 }, { title: null }, { labels: 'abc' }]
    for (const description of [...ofWrongType, { labels: [1] }, { labels: [null] }]) {
      expect(await outcome(() => datagram.describe('a', anything(description)))).toBe('TypeError')
    }
    const many = Array.from({ length: 257 }, (_, i) => `label ${i}`)
    const absurd = [
      { labels: many },
      { labels: [''] },
      { labels: ['x'.repeat(1000)] },
      { title: 'x'.repeat(100_000) },
      { title: '\ud800' },
      { title: 'a\0b' },
    ]
    for (const description of absurd) {
      expect(await outcome(() => datagram.describe('a', description))).toBe(
        'STREAM_DESCRIPTION_INVALID',
      )
    }
  })

  it('a list of labels that its caller changes after the call', async () => {
    const labels = ['label']
    const describing = datagram.describe('a', { labels })
    for (let i = 0; i < 300; i++) labels.push('more')
    await describing
    for await (const { labels: kept } of datagram.streams()) expect(kept).toEqual(['label'])
  })

  it('links that are made: nothing is shared by a slip', async () => {
    const names: string[] = []
    for (const first of [5, null, Symbol('a'), ['a'], names[7]]) {
      const link = await outcome(() => datagram.share(anything<string>(first), {}))
      expect(link, String(first)).toBe('TypeError')
    }
    const options = [{ access: 'write' }, { password: '' }, { password: 5 }, { password: null }, 5]
    for (const one of options) {
      expect(await outcome(() => datagram.share('a', anything(one)))).toBe('TypeError')
    }
    expect(await outcome(() => datagram.share({ access: 'blind', password: 'p' }))).toBe(
      'TypeError',
    )
  })

  it('links that are read: any changed, missing or further character', async () => {
    const links = [
      await datagram.share(),
      await datagram.share('a'),
      await datagram.share({ password: 'p' }),
    ]
    for (const link of links) {
      const start = link.indexOf('://') + 3
      for (let i = start; i < link.length; i++) {
        for (const character of ['y', 'n', 'O', '!', '', `${link[i]}y`]) {
          const changed = link.slice(0, i) + character + link.slice(i + 1)
          if (changed.toLowerCase() === link) continue
          expect(await outcome(() => parseLink(changed)), changed).toMatch(
            /^LINK_(DAMAGED|VERSION_UNKNOWN)$/,
          )
        }
      }
    }
    const strange = ['', 'datagram://', 'http://example.com', 'x'.repeat(10 * MIB), 'datagram://😀']
    for (const link of strange) expect(await outcome(() => parseLink(link))).toBe('LINK_DAMAGED')
    for (const link of [undefined, null, 5, {}, new Uint8Array(5)]) {
      expect(await outcome(() => parseLink(anything(link)))).toBe('TypeError')
    }
  })

  it('addresses, passwords and streams of bytes', async () => {
    for (const address of [null, 5, {}, '127.0.0.1:80', { host: 'a', port: '80' }]) {
      expect(await outcome(() => datagram.listen(anything(address)))).toBe('TypeError')
      expect(await outcome(() => datagram.connect(anything(address)))).toBe('TypeError')
    }
    for (const port of [-1, 0.5, 70_000, Number.NaN]) {
      expect(await outcome(() => datagram.listen({ host: '127.0.0.1', port }))).toBe(
        'ADDRESS_INVALID',
      )
      expect(await outcome(() => datagram.connect({ host: '127.0.0.1', port }))).toBe(
        'ADDRESS_INVALID',
      )
    }
    const path = folder.join('nobody')
    expect(await outcome(() => datagram.connect({ path }))).toBe('CONNECTION_REFUSED')
    for (const password of ['', 5, null]) {
      expect(await outcome(() => datagram.setPassword(anything(password)))).toBe('TypeError')
    }
    const weak = anything<'moderate'>('weak')
    expect(await outcome(() => datagram.setPassword('p', weak))).toBe('TypeError')
    const initiator = { initiator: true }
    expect(await outcome(() => datagram.replicate(anything(5), initiator))).toBe('TypeError')
  })
})
