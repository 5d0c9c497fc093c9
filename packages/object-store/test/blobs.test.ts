import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { Readable } from 'node:stream'
import { type Random, seededRun } from '@datagram/fault-harness'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { openObjects } from '../src/index.ts'
import { idOf, idOfContent, namedHashOf } from '../src/named-hash.ts'
import { blobKey, boundsOf, largeBlobKey, partBounds } from '../src/object-key.ts'
import { decodeLargeBlob } from '../src/large-blob.ts'
import { code, listed, temporaryObjects, testFolder, withEntries } from './temporary-objects.ts'

const MIB = 1024 * 1024
const nameOf = (content: Uint8Array) => namedHashOf(idOfContent(content))
const parts = boundsOf(b4a.from([3]))

async function* inPieces(content: Uint8Array, random: Random) {
  for (let at = 0; at < content.byteLength; ) {
    const to = at + random.between(1, 400_000)
    yield content.subarray(at, to)
    at = to
  }
}

describe('a blob', () => {
  it('of any size goes in as bytes, text or a stream, and comes out verified, whole and in part', () =>
    seededRun(async (random) => {
      const objects = await temporaryObjects()
      for (const size of [0, 1, 1000, MIB - 1, MIB, MIB + 1, 2 * MIB, 5 * MIB + 17]) {
        const content = randomBytes(size)
        const name = await objects.putBlob(content)
        expect(name).toBe(nameOf(content))
        expect(await objects.putBlob(inPieces(content, random))).toBe(name)
        expect(await objects.putBlob(Readable.from(inPieces(content, random)))).toBe(name)
        expect(await objects.hasBlob(name)).toBe(true)
        expect(b4a.equals((await objects.getBlob(name)) ?? b4a.from('x'), content)).toBe(true)
        expect(b4a.equals(b4a.concat(await listed(objects.streamBlob(name))), content)).toBe(true)
        for (let i = 0; i < 5; i++) {
          const start = random.between(0, size + 1)
          const end = random.between(start, size + 2)
          const part = await objects.getBlob(name, { start, end })
          expect(b4a.equals(part as Uint8Array, content.subarray(start, end))).toBe(true)
        }
      }
      expect(await objects.putBlob('ü')).toBe(nameOf(b4a.from('ü')))
    }))

  it('is stored once, whoever puts it how often', async () => {
    const folder = await testFolder()
    const content = randomBytes(3 * MIB)
    const small = randomBytes(5000)
    const objects = await openObjects(folder)
    await objects.putBlob(content)
    await Promise.all([1, 2, 3].map(() => objects.putBlob(content)))
    await Promise.all([1, 2, 3].map(() => objects.putBlob(small)))
    const all = await listed(objects.contents())
    expect(all.map(({ namedHash }) => namedHash).sort()).toEqual(
      [nameOf(small), nameOf(content)].sort(),
    )
    await objects.close()
    await withEntries(folder, async ({ index }) => {
      expect(await listed(index.keys(parts))).toHaveLength(3)
    })
  })

  it('is what it was at the call, whatever becomes of the bytes that were passed', async () => {
    const objects = await temporaryObjects()
    for (const size of [1000, 3 * MIB]) {
      const content = randomBytes(size)
      const expected = nameOf(content)
      const putting = objects.putBlob(content, { expected })
      content.fill(0)
      expect(await putting).toBe(expected)
    }
    const json = b4a.from('{"objectId":"a","mutationId":"m","timeVersion":1,"type":"t"}')
    const name = nameOf(json)
    const importing = objects.importObject(json)
    json.fill(0)
    expect((await importing).namedHash).toBe(name)
    expect((await objects.getObject(name))?.objectId).toBe('a')
  })

  it('that is not here is undefined, and its stream says so', async () => {
    const objects = await temporaryObjects()
    const name = nameOf(b4a.from('nothing'))
    expect(await objects.getBlob(name)).toBeUndefined()
    expect(await objects.hasBlob(name)).toBe(false)
    await expect(listed(objects.streamBlob(name))).rejects.toMatchObject(code('BLOB_NOT_FOUND'))
  })

  it('that is not what was expected is refused, and nothing of it is left', async () => {
    const folder = await testFolder()
    const objects = await openObjects(folder)
    const expected = nameOf(b4a.from('expected'))
    for (const size of [10, 3 * MIB]) {
      const putting = objects.putBlob(randomBytes(size), { expected })
      await expect(putting).rejects.toMatchObject(code('BLOB_MISMATCHED'))
    }
    expect(await objects.putBlob('expected', { expected })).toBe(expected)
    expect(await listed(objects.contents())).toHaveLength(1)
    await objects.close()
    await withEntries(folder, async ({ index }) => {
      expect(await listed(index.keys())).toHaveLength(1)
    })
  })

  it('whose stream fails or is aborted leaves nothing', async () => {
    const folder = await testFolder()
    const objects = await openObjects(folder)
    const broken = async function* () {
      yield randomBytes(3 * MIB)
      throw new Error('the source broke')
    }
    await expect(objects.putBlob(broken())).rejects.toThrow('the source broke')
    const stop = new AbortController()
    const aborting = async function* () {
      yield randomBytes(3 * MIB)
      stop.abort(new Error('enough'))
      yield randomBytes(MIB)
    }
    await expect(objects.putBlob(aborting(), { signal: stop.signal })).rejects.toThrow('enough')
    await expect(objects.putBlob(42 as never)).rejects.toThrow(TypeError)
    await expect(objects.putBlob(['a'] as never)).rejects.toThrow(TypeError)
    await objects.close()
    await withEntries(folder, async ({ index }) => {
      expect(await listed(index.keys())).toEqual([])
    })
  })

  it('whose writing was cut off by a crash is swept away at the next open', async () => {
    const folder = path.join(await testFolder(), 'store')
    await withEntries(folder, (stream) =>
      stream.write((tx) => {
        tx.put(b4a.concat([b4a.from([4]), b4a.alloc(16, 7)]), new Uint8Array(0))
        tx.put(b4a.concat([b4a.from([3]), b4a.alloc(16, 7), b4a.alloc(4)]), randomBytes(MIB))
      }),
    )
    await (await openObjects(folder)).close()
    await withEntries(folder, async ({ index }) => {
      expect(await listed(index.keys())).toEqual([])
    })
  })
})

describe('a blob that was damaged', () => {
  it('is refused by every read that touches the damage', async () => {
    const folder = await testFolder()
    const small = randomBytes(5000)
    const large = randomBytes(3 * MIB)
    const objects = await openObjects(folder)
    for (const content of [small, large]) await objects.putBlob(content)
    await objects.close()
    await withEntries(folder, async (stream) => {
      const record = await stream.index.get(largeBlobKey(idOf(nameOf(large))))
      const { upload } = decodeLargeBlob(record as Uint8Array)
      const keys = await listed(stream.index.keys(partBounds(upload)))
      const flipped = new Uint8Array(small)
      flipped[100] = (flipped[100] as number) ^ 1
      await stream.write((tx) => {
        tx.put(blobKey(idOf(nameOf(small))), flipped)
        tx.put(keys[1] as Uint8Array, large.subarray(MIB, 2 * MIB - 1))
      })
    })
    await using again = await openObjects(folder)
    const damaged = code('BLOB_DAMAGED')
    await expect(again.getBlob(nameOf(small))).rejects.toMatchObject(damaged)
    await expect(again.getBlob(nameOf(small), { start: 0, end: 1 })).rejects.toMatchObject(damaged)
    await expect(again.getBlob(nameOf(large))).rejects.toMatchObject(damaged)
    await expect(listed(again.streamBlob(nameOf(large)))).rejects.toMatchObject(damaged)
    const first = await again.getBlob(nameOf(large), { end: MIB })
    expect(b4a.equals(first as Uint8Array, large.subarray(0, MIB))).toBe(true)
    const middle = again.getBlob(nameOf(large), { start: MIB, end: MIB + 1 })
    await expect(middle).rejects.toMatchObject(damaged)
  })
})
