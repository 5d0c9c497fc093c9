import fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { crc64 } from '../src/redis/crc64.ts'
import { decodeEvents } from '../src/redis/key-event.ts'
import { hash32, hashedPart } from '../src/redis/key-part.ts'
import { decodeMeta, Meta } from '../src/redis/meta.ts'
import { decodePayload, encodePayload } from '../src/redis/rdb-payload.ts'
import { memberPlace } from '../src/redis/sorted-set.ts'

const vectors = JSON.parse(
  fs.readFileSync(new URL('../../../test-vectors/redis.json', import.meta.url), 'utf8'),
)
const text = (value: string) => Buffer.from(value)
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')

describe('the formats of Redis keys', () => {
  it('hash and cut keys as they are known to', () => {
    for (const { key, hash } of vectors.hashes) expect(hash32(text(key))).toBe(hash)
    for (const { key, repeat, part } of vectors.parts) {
      const cut = hex(hashedPart(text(key.repeat(repeat))))
      expect([cut.slice(0, 24), cut.slice(-24)]).toEqual([part.begin, part.end])
    }
  })

  it('have the known entries', () => {
    const { string, expiring, hash } = vectors.entries
    expect(hex(Meta.string(text('value')).encode(text('k')))).toBe(string)
    expect(hex(Meta.string(text('v'), 1_700_000_000_000).encode(text('k')))).toBe(expiring)
    const collection = Meta.collection(5, 7, 3, 9)
    expect(hex(collection.encode(text('k')))).toBe(hash)
    expect(decodeMeta(Buffer.from(hash, 'hex')).meta).toEqual(collection)
    expect(() => decodeMeta(Buffer.from('0600', 'hex'))).toThrow(/REDIS|not as this version/)
  })

  it('order scores as numbers', () => {
    for (const { score, place } of vectors.scores) {
      expect(hex(memberPlace(Number(score), text('m')))).toBe(place)
    }
    const places = [-Infinity, -2, -0.5, 0, 0.5, 2, Infinity].map((score) =>
      hex(memberPlace(score, text(''))),
    )
    expect([...places].sort()).toEqual(places)
  })

  it('tell events, up to one that is not known', () => {
    const { bytes, events } = vectors.events
    const told = decodeEvents(Buffer.from(bytes, 'hex')).map(({ key, ...rest }) => ({
      ...rest,
      key: typeof key === 'number' ? key : Buffer.from(key).toString(),
    }))
    expect(told).toEqual(events)
  })

  it('dump as Redis does, and take back what is whole alone', () => {
    expect(crc64(text('123456789'))).toBe(0xe9c6d914c4b8d9can)
    const payload = encodePayload({ type: 1, items: [text('hello')] })
    expect(hex(payload)).toBe(vectors.dump)
    expect(decodePayload(payload).items.map((item) => hex(item))).toEqual([hex(text('hello'))])
    payload[2] = 0
    expect(() => decodePayload(payload)).toThrow(/checksum/)
  })
})
