import { decode } from '@datagram/log-core'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { contentsKey, decodeContents } from '../src/contents-entry.ts'
import { readEntry } from '../src/entry-value.ts'
import { CHUNK_KIND, FRAME_KIND, frame } from '../src/frame.ts'
import { indexOperations } from '../src/index-operations.ts'
import { pack } from '../src/pack.ts'
import type { PendingOperation } from '../src/pending-operation.ts'
import type { Place } from '../src/place.ts'

const put = (key: string, size: number): PendingOperation => ({
  type: 'put',
  space: 1,
  key: b4a.from(key),
  body: new Uint8Array(size).fill(key.charCodeAt(0)),
})
const object = (size: number): PendingOperation => ({
  type: 'object',
  space: 1,
  descriptor: 0,
  body: new Uint8Array(size).fill(7),
})

describe('packing', () => {
  it('puts many transactions into one frame, and says where each ends', () => {
    const { blocks, chunks } = pack([[put('a', 3), put('b', 3)], [put('c', 3)]], 0)
    expect(chunks).toBe(0)
    expect(blocks.map(({ kind }) => kind)).toEqual([FRAME_KIND])
    const { operations } = decode(frame, (blocks[0] as { payload: Uint8Array }).payload)
    expect(operations.map(({ last }) => last)).toEqual([false, true, true])
  })

  it('closes a frame at 64 KiB and cuts bodies over 64 KiB into chunks of 256 KiB', () => {
    const transaction = [put('a', 65_536), put('b', 65_536), put('c', 600_000), object(65_537)]
    const { blocks, chunks } = pack([transaction], 5)
    expect(chunks).toBe(4)
    const sizes = blocks.map(({ kind, payload }) => [kind, payload.byteLength])
    expect(sizes.slice(0, 4)).toEqual([
      [CHUNK_KIND, 262_144],
      [CHUNK_KIND, 262_144],
      [CHUNK_KIND, 75_712],
      [CHUNK_KIND, 65_537],
    ])
    expect(sizes.slice(4).map(([kind]) => kind)).toEqual([FRAME_KIND, FRAME_KIND, FRAME_KIND])
    expect(Math.max(...sizes.slice(4).map(([, size]) => size as number))).toBeLessThan(66_000)
  })

  it('gives the index the same as whoever reads the frames back', () => {
    const transactions = [
      [put('a', 10), put('b', 2000), { type: 'del' as const, space: 1, key: b4a.from('x') }],
      [object(5), put('c', 70_000), object(300_000), object(0)],
      [put('d', 40_000), put('e', 50_000), object(9)],
    ]
    const packed = pack(transactions, 300)
    const first = 17
    const read = packed.blocks.flatMap(({ kind, payload }, i) =>
      kind === FRAME_KIND ? indexOperations(decode(frame, payload), first + i) : [],
    )
    expect(packed.indexOperations(first)).toEqual(read)
    expect(read.length).toBe(10)
  })

  it('points at the very bytes', () => {
    const packed = pack([[put('b', 2000), put('c', 600_000), object(5)]], 0)
    const bytesAt = ({ block, offset, size, chunkBytes }: Place) => {
      const { payload } = packed.blocks[block - 1] as { payload: Uint8Array }
      return payload.subarray(offset, offset + Math.min(size, chunkBytes ?? size))
    }
    const [b, c, n] = packed.indexOperations(1)
    const valueOf = (operation: typeof b) =>
      operation?.type === 'put' ? operation.value : new Uint8Array(0)
    expect(b4a.equals(bytesAt(readEntry(valueOf(b)) as Place), new Uint8Array(2000).fill(98))).toBe(
      true,
    )
    const film = readEntry(valueOf(c)) as Place
    expect(film).toMatchObject({ block: 1, size: 600_000, chunkBytes: 262_144 })
    expect(b4a.equals(bytesAt(film), new Uint8Array(262_144).fill(99))).toBe(true)
    expect(n?.key).toEqual(contentsKey(0))
    expect(bytesAt(decodeContents(valueOf(n)).place as Place)).toEqual(new Uint8Array(5).fill(7))
  })
})
