import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { openObjects } from '../src/index.ts'
import { idOfContent, namedHashOf } from '../src/named-hash.ts'
import { derivedBounds, rebuildingKey } from '../src/object-key.ts'
import { nextTimeVersion } from '../src/time-version.ts'
import { code, listed, temporaryObjects, testFolder, withEntries } from './temporary-objects.ts'

const json = (value: unknown) => b4a.from(JSON.stringify(value))
const foreign = (over: object = {}) => ({
  objectId: 'a',
  mutationId: 'm1',
  timeVersion: 1.5,
  type: 'note',
  ...over,
})

describe('an object', () => {
  it('is committed with ids and a time of its own, and found again', async () => {
    const objects = await temporaryObjects()
    const first = await objects.commit({ type: 'note', text: 'hello' })
    expect(first.content).toMatchObject({ type: 'note', text: 'hello', previous: [] })
    expect(first.mutationId).not.toBe(first.objectId)
    const { objectId } = first
    const second = await objects.commit({ objectId, type: 'note', text: 'hello, world' })
    expect(second.previous).toEqual([first.namedHash])
    expect(second.timeVersion).toBeGreaterThan(first.timeVersion)
    expect(await objects.current(objectId)).toEqual(second)
    expect(await listed(objects.versions(objectId))).toEqual([second, first])
    expect(await objects.getObject(first.namedHash)).toEqual(first)
    const bytes = await objects.getBlob(first.namedHash)
    expect(namedHashOf(idOfContent(bytes as Uint8Array))).toBe(first.namedHash)
    expect(JSON.parse(b4a.toString(bytes as Uint8Array))).toEqual(first.content)
    expect(await objects.current('nobody')).toBeUndefined()
    expect(await objects.getObject(await objects.putBlob('no object'))).toBeUndefined()
  })

  it('is listed by the type of its current version', async () => {
    const objects = await temporaryObjects()
    const note = await objects.commit({ objectId: 'a', type: 'note' })
    const other = await objects.commit({ objectId: 'b', type: 'other' })
    const ids = async (type?: string) =>
      (await listed(objects.objects({ type }))).map(({ namedHash }) => namedHash).sort()
    expect(await ids()).toEqual([note.namedHash, other.namedHash].sort())
    expect(await ids('note')).toEqual([note.namedHash])
    const changed = await objects.commit({ objectId: 'a', type: 'other' })
    expect(await ids('note')).toEqual([])
    expect(await ids('other')).toEqual([changed.namedHash, other.namedHash].sort())
  })

  it('from elsewhere keeps its bytes, is stored once, and conflicts with nothing', async () => {
    const objects = await temporaryObjects()
    const bytes = b4a.from(
      '{ "type":"note","objectId" : "a", "mutationId":"m1","timeVersion":1.50, "x": [1.0] }',
    )
    const one = await objects.importObject(bytes)
    expect(one).toMatchObject({ namedHash: namedHashOf(idOfContent(bytes)), previous: undefined })
    expect(await objects.importObject(bytes)).toEqual(one)
    await objects.importObject(json(foreign({ mutationId: 'm2', timeVersion: 1 })))
    expect((await objects.current('a'))?.mutationId).toBe('m1')
    expect(await listed(objects.versions('a'))).toHaveLength(2)
    expect(await listed(objects.conflicts())).toEqual([])
    expect(b4a.equals((await objects.getBlob(one.namedHash)) as Uint8Array, bytes)).toBe(true)
    const next = await objects.commit({ objectId: 'a', type: 'note' })
    expect(next.previous).toEqual([one.namedHash])
  })

  it('of one time is ordered by its hash', async () => {
    const objects = await temporaryObjects()
    const versions = await Promise.all(
      ['m1', 'm2', 'm3'].map((mutationId) => objects.importObject(json(foreign({ mutationId })))),
    )
    const hashes = versions.map(({ namedHash }) => namedHash).sort()
    expect((await objects.current('a'))?.namedHash).toBe(hashes.at(-1))
    const all = await listed(objects.versions('a'))
    expect(all.map(({ namedHash }) => namedHash)).toEqual(hashes.reverse())
  })

  it.each([
    ['no JSON', b4a.from('{')],
    ['no UTF-8', b4a.from('7b22c3227d', 'hex')],
    ['no object', json([1])],
    ['null', json(null)],
    ['no type', json(foreign({ type: undefined }))],
    ['an empty id', json(foreign({ objectId: '' }))],
    ['an id of numbers', json(foreign({ objectId: 7 }))],
    ['half a character', b4a.from(JSON.stringify(foreign({ objectId: '\ud800' })))],
    ['a long id', json(foreign({ mutationId: 'x'.repeat(1025) }))],
    ['no time', json(foreign({ timeVersion: '1' }))],
    ['a time before 1970', json(foreign({ timeVersion: -1 }))],
    ['an endless time', b4a.from(JSON.stringify(foreign()).replace('1.5', '1e400'))],
  ])('is refused with %s', async (_, bytes) => {
    const objects = await temporaryObjects()
    await expect(objects.importObject(bytes)).rejects.toMatchObject(code('OBJECT_MALFORMED'))
    expect(await listed(objects.contents())).toEqual([])
  })

  it('is plain JSON, of a bounded size', async () => {
    const objects = await temporaryObjects()
    const refused = [{ at: new Date() }, { n: Number.NaN }, { f: () => 1 }, { mutationId: 'mine' }]
    for (const fields of refused) {
      const draft = { type: 'note', ...fields } as never
      await expect(objects.commit(draft)).rejects.toThrow(TypeError)
    }
    await expect(objects.commit({ type: '' })).rejects.toThrow(TypeError)
    const malformed = objects.commit({ type: 'note', previous: ['x'] })
    await expect(malformed).rejects.toMatchObject(code('NAMED_HASH_MALFORMED'))
    const large = objects.commit({ type: 'note', text: 'x'.repeat(16 * 1024 * 1024) })
    await expect(large).rejects.toMatchObject(code('OBJECT_TOO_LARGE'))
    expect(await listed(objects.contents())).toEqual([])
  })
})

describe('time versions', () => {
  it('rise strictly, also after reopening and behind a clock that is ahead', async () => {
    const folder = await testFolder()
    const times: number[] = []
    for (let round = 0; round < 3; round++) {
      await using objects = await openObjects(folder)
      const made = await Promise.all(
        Array.from({ length: 50 }, () => objects.commit({ type: 'note' })),
      )
      times.push(...made.map(({ timeVersion }) => timeVersion))
      if (round === 1) {
        const ahead = Date.now() / 1000 + 1e6
        await objects.importObject(json(foreign({ timeVersion: ahead })))
        const after = await objects.commit({ objectId: 'a', type: 'note' })
        expect(after.timeVersion).toBeGreaterThan(ahead)
        expect((await objects.current('a'))?.namedHash).toBe(after.namedHash)
        times.push(after.timeVersion)
      }
    }
    expect([...times].sort((a, b) => a - b)).toEqual(times)
    expect(new Set(times).size).toBe(times.length)
  })

  it('rise where a microsecond makes no difference', () => {
    expect(nextTimeVersion(1_700_000_000_123, 0)).toBe(1_700_000_000.123)
    expect(nextTimeVersion(0, 1.5)).toBe(1.500001)
    for (const floor of [0, 1.7e9, 2 ** 40, 2 ** 52]) {
      expect(nextTimeVersion(0, floor)).toBeGreaterThan(floor)
    }
  })
})

describe('a conflict', () => {
  it('is shown until a version names all sides', async () => {
    const objects = await temporaryObjects()
    const base = await objects.commit({ objectId: 'a', type: 'note' })
    const previous = [base.namedHash]
    const left = await objects.commit({ objectId: 'a', type: 'note', previous })
    const right = await objects.commit({ objectId: 'a', type: 'note', previous })
    expect(await listed(objects.conflicts())).toEqual([
      { kind: 'versions', versions: [right, left] },
    ])
    const on = await objects.commit({ objectId: 'a', type: 'note' })
    expect(await listed(objects.conflicts())).toEqual([{ kind: 'versions', versions: [on, left] }])
    const settled = [on.namedHash, left.namedHash]
    await objects.commit({ objectId: 'a', type: 'note', previous: settled })
    expect(await listed(objects.conflicts())).toEqual([])
    expect(await listed(objects.versions('a'))).toHaveLength(5)
  })

  it('is one, too, when a mutation id has other bytes', async () => {
    const objects = await temporaryObjects()
    const one = await objects.importObject(json(foreign()))
    const two = await objects.importObject(json(foreign({ timeVersion: 2 })))
    const conflicts = await listed(objects.conflicts())
    expect(conflicts).toEqual([{ kind: 'mutation', versions: [two, one] }])
  })
})

describe('what is known of objects', () => {
  it('is made again from the objects alone, also where that was cut off', async () => {
    const folder = await testFolder()
    const look = async () => {
      await using objects = await openObjects(folder)
      const conflicts = await listed(objects.conflicts())
      const versions = await listed(objects.versions('7'))
      return { all: await listed(objects.objects()), versions, conflicts }
    }
    const objects = await openObjects(folder)
    for (let i = 0; i < 600; i++) {
      const objectId = String(i % 60)
      const previous = i % 7 === 0 ? [] : undefined
      await objects.commit({ objectId, type: `unknown ${i % 3}`, previous })
    }
    await objects.close()
    const before = await look()
    expect(before.conflicts.length).toBeGreaterThan(0)
    const keys = () => withEntries(folder, ({ index }) => listed(index.keys(derivedBounds)))
    const keysBefore = await keys()
    await withEntries(folder, (stream) =>
      stream.write((tx) => {
        for (const [i, key] of keysBefore.entries()) if (i % 3 > 0) tx.del(key)
        tx.put(b4a.from('10ffff', 'hex'), new Uint8Array(0))
        tx.put(rebuildingKey, new Uint8Array(0))
      }),
    )
    expect(await look()).toEqual(before)
    expect(await keys()).toEqual(keysBefore)
    await using again = await openObjects(folder)
    await again.rebuild()
    await again.close()
    expect(await keys()).toEqual(keysBefore)
  })
})
