import { KeyValue } from '@datagram/descriptors'
import { describe, expect, it } from 'vitest'
import { listed, temporaryFolder } from '../../stream/test/open-streams.ts'
import { keyValues, openKv } from '../src/index.ts'

describe('the entries of a store as KeyValue', () => {
  it('are objects that any program reads', async () => {
    await using kv = await openKv(await temporaryFolder(), { valueEncoding: 'json' })
    const entries = [
      { key: 'a', value: 'text' },
      { key: 'b', value: 5 },
      { key: 'c', value: true },
    ]
    for (const { key, value } of entries) await kv.set(key, value)
    expect(await listed(keyValues(kv))).toEqual(entries)
    expect(await listed(keyValues(kv, { gte: 'b', limit: 1 }))).toEqual([entries[1]])
    const [first] = await listed(keyValues(kv))
    expect(first && KeyValue.decode(KeyValue.encode(first))).toEqual(first)
    await kv.set('d', { no: 'single value' })
    await expect(listed(keyValues(kv))).rejects.toMatchObject({
      code: 'DATA_INVALID',
      details: { problems: [{ path: ['value'] }] },
    })
  })

  it('may be bytes', async () => {
    await using kv = await openKv(await temporaryFolder(), { valueEncoding: 'binary' })
    await kv.set('a', new Uint8Array([1, 2]))
    const [entry] = await listed(keyValues(kv))
    expect(entry).toEqual({ key: 'a', value: new Uint8Array([1, 2]) })
  })
})
