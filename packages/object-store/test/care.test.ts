import { randomBytes } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { InterfaceStream } from '@datagram/stream'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { type NamedHash, type Objects, openObjects } from '../src/index.ts'
import { decodeLargeBlob } from '../src/large-blob.ts'
import { idOf, idOfContent, namedHashOf } from '../src/named-hash.ts'
import { blobKey, largeBlobKey, objectKey, partBounds } from '../src/object-key.ts'
import { code, listed, temporaryObjects, testFolder, withEntries } from './temporary-objects.ts'

const MIB = 1024 * 1024
const nameOf = (content: Uint8Array) => namedHashOf(idOfContent(content))

/** A store in a folder, and a healthy one with the same in it. */
async function twins() {
  const folder = path.join(await testFolder(), 'store')
  const [objects, healthy] = [await openObjects(folder), await temporaryObjects()]
  const tree = path.join(await testFolder(), 'tree')
  await fs.mkdir(path.join(tree, 'inner'), { recursive: true })
  await fs.writeFile(path.join(tree, 'inner', 'large'), randomBytes(2 * MIB + 5))
  await fs.writeFile(path.join(tree, 'small'), 'small')
  const small = await objects.putBlob(randomBytes(5000))
  const large = await objects.putBlob(randomBytes(3 * MIB))
  const aionPoint = await objects.importTree(tree)
  await objects.carriers.commit({ payload: { type: 'Directory', aionPoint } })
  const note = await objects.commit({ type: 'note', small, in: [{ large }] })
  await healthy.pull(objects)
  await objects.close()
  return { folder, healthy, small, large, aionPoint, note: note.namedHash }
}

type Damage = (
  stream: InterfaceStream,
  names: Awaited<ReturnType<typeof twins>>,
) => Promise<NamedHash>

async function partKeys(stream: InterfaceStream, name: NamedHash): Promise<Uint8Array[]> {
  const record = await stream.index.get(largeBlobKey(idOf(name)))
  const { upload } = decodeLargeBlob(record as Uint8Array)
  return listed(stream.index.keys(partBounds(upload)))
}

async function change(
  stream: InterfaceStream,
  key: Uint8Array,
  how: (bytes: Uint8Array) => Uint8Array,
) {
  const bytes = new Uint8Array((await stream.index.get(key)) as Uint8Array)
  await stream.write((tx) => tx.put(key, how(bytes)))
}

const flip = (bytes: Uint8Array) => {
  bytes[17] = (bytes[17] as number) ^ 4
  return bytes
}

const damages: Readonly<Record<string, readonly [kind: string, Damage]>> = {
  'a flipped bit in a blob': [
    'corrupt',
    async (stream, { small }) => {
      await change(stream, blobKey(idOf(small)), flip)
      return small
    },
  ],
  'a flipped bit in a part': [
    'corrupt',
    async (stream, { large }) => {
      await change(stream, (await partKeys(stream, large))[1] as Uint8Array, flip)
      return large
    },
  ],
  'a truncated blob': [
    'corrupt',
    async (stream, { small }) => {
      await change(stream, blobKey(idOf(small)), (bytes) => bytes.subarray(0, 4000))
      return small
    },
  ],
  'a damaged record': [
    'corrupt',
    async (stream, { large }) => {
      await change(stream, largeBlobKey(idOf(large)), (bytes) => bytes.subarray(0, 40))
      return large
    },
  ],
  'a missing part': [
    'missing',
    async (stream, { large }) => {
      const key = (await partKeys(stream, large))[2] as Uint8Array
      await stream.write((tx) => tx.del(key))
      return large
    },
  ],
  'a damaged object': [
    'corrupt',
    async (stream, { note }) => {
      await change(stream, objectKey(idOf(note)), flip)
      return note
    },
  ],
  'a blob that an object names and that is gone': [
    'dangling',
    async (stream, { small }) => {
      await stream.write((tx) => tx.del(blobKey(idOf(small))))
      return small
    },
  ],
  'a directory with all that only it names, gone': [
    'dangling',
    async (stream, { aionPoint }) => {
      await stream.write(async (tx) => {
        for await (const [key, value] of tx.range()) {
          if (b4a.toString(value).startsWith('{"aionType"')) tx.del(key)
        }
      })
      return aionPoint
    },
  ],
}

describe('fsck', () => {
  it.each(Object.entries(damages))('finds and mends %s', async (_, [kind, damage]) => {
    const names = await twins()
    const named = await withEntries(names.folder, (stream) => damage(stream, names))
    await using objects = await openObjects(names.folder)
    const found = await objects.fsck()
    expect(found.problems).toMatchObject([{ kind, namedHash: named, repaired: false }])
    const mended = await objects.fsck({ repair: names.healthy })
    expect(mended.problems[0]).toMatchObject({ kind, namedHash: named, repaired: true })
    expect(mended.problems.every(({ repaired }) => repaired)).toBe(true)
    expect((await objects.fsck()).problems).toEqual([])
    const out = await objects.exportTree(names.aionPoint, await testFolder())
    expect(await fs.readFile(path.join(out, 'small'), 'utf8')).toBe('small')
  })

  it('says what a peer cannot mend, and checks a share', async () => {
    const { folder, small } = await twins()
    await withEntries(folder, (stream) => change(stream, blobKey(idOf(small)), flip))
    await using objects = await openObjects(folder)
    const { problems } = await objects.fsck({ repair: await temporaryObjects() })
    expect(problems).toMatchObject([{ namedHash: small, repaired: false }])
    for (let i = 0; i < 100; i++) await objects.putBlob(randomBytes(10))
    const { checked } = await objects.fsck({ share: 0.5 })
    expect(checked).toBeGreaterThan(10)
    expect(checked).toBeLessThan(100)
    await expect(objects.fsck({ share: 0 })).rejects.toThrow(TypeError)
  })
})

const dataIn = async (objects: Objects) =>
  (await listed(objects.contents()))
    .filter(({ kind }) => kind === 'data')
    .map((one) => one.namedHash)

describe('gc', () => {
  it('tells first, then removes what nothing leads to, once its grace has ended', async () => {
    const { folder, aionPoint } = await twins()
    await using objects = await openObjects(folder)
    const before = await dataIn(objects)
    const garbage = [
      await objects.putBlob(randomBytes(3 * MIB)),
      await objects.putBlob('garbage'),
    ].sort()
    const told = await objects.gc({ graceMs: 0 })
    expect([...told.removed].sort()).toEqual(garbage)
    expect(await dataIn(objects)).toHaveLength(before.length + 2)
    const waiting = await objects.gc({ dryRun: false, graceMs: 3_600_000 })
    expect({ ...waiting, waiting: [...waiting.waiting].sort() }).toMatchObject({
      removed: [],
      waiting: garbage,
    })
    const { removed } = await objects.gc({ dryRun: false, graceMs: 0 })
    expect([...removed].sort()).toEqual(garbage)
    expect(await dataIn(objects)).toEqual(before)
    expect((await objects.fsck()).problems).toEqual([])
    await objects.exportTree(aionPoint, await testFolder())
    await objects.close()
    await withEntries(folder, async (stream) => {
      // The parts of the blob that was removed are gone, those of the other are there.
      const parts = await listed(stream.index.keys({ gte: b4a.from([3]), lt: b4a.from([4]) }))
      expect(parts).toHaveLength(3)
    })
  })

  it('keeps what old versions name, what is pinned, and what is put or named again', async () => {
    const objects = await temporaryObjects()
    const put = (text: string) => objects.putBlob(text)
    const [old, now, again, later] = [
      await put('old'),
      await put('new'),
      await put('again'),
      await put('later'),
    ]
    const { objectId } = await objects.commit({ type: 'note', blob: old })
    await objects.commit({ objectId, type: 'note', blob: now })
    const folder = await testFolder()
    await fs.writeFile(path.join(folder, 'pinned'), 'pinned')
    const tree = await objects.importTree(folder, { name: 'tree' })
    await objects.pin(tree)
    await objects.gc({ dryRun: false })
    await put('again')
    await objects.commit({ type: 'note', later })
    const day = 24 * 3_600_000
    const found = await objects.gc({ graceMs: day })
    expect(found).toEqual({ dryRun: true, removed: [], waiting: [again] })
    expect(await listed(objects.pins())).toEqual([tree])
    expect(await objects.unpin(tree)).toBe(true)
    expect(await objects.unpin(tree)).toBe(false)
    const { removed } = await objects.gc({ dryRun: false, graceMs: 0 })
    expect(removed).toHaveLength(4)
    expect((await dataIn(objects)).sort()).toEqual([old, now, later].sort())
  })

  it('sees what is named while it looks', async () => {
    const objects = await temporaryObjects()
    const blobs = await Promise.all(
      Array.from({ length: 50 }, (_, i) => objects.putBlob(`blob ${i}`)),
    )
    const collecting = objects.gc({ dryRun: false, graceMs: 0 })
    const named = await Promise.all(
      blobs.slice(0, 25).map((blob) => objects.commit({ type: 't', blob })),
    )
    const { removed } = await collecting
    const { problems } = await objects.fsck()
    // Those that were named before they were removed are there; no other has gone unseen.
    expect(problems.every(({ namedHash }) => removed.includes(namedHash))).toBe(true)
    expect(named).toHaveLength(25)
  })

  it('refuses to pin what is not here, or not all of it', async () => {
    const objects = await temporaryObjects()
    const absent = nameOf(b4a.from('absent'))
    await expect(objects.pin(absent)).rejects.toMatchObject(code('BLOB_NOT_FOUND'))
    const partly = await objects.putBlob(
      JSON.stringify({ aionType: 'directory', name: 'd', items: [absent] }),
    )
    await expect(objects.pin(partly)).rejects.toMatchObject(code('BLOB_NOT_FOUND'))
    expect(await listed(objects.pins())).toEqual([])
  })
})

describe('forgetting', () => {
  it('takes a version with what only it led to, for good, and leaves all else', async () => {
    const [objects, peer] = [await temporaryObjects(), await temporaryObjects()]
    const { carriers } = objects
    const first = await carriers.commit({ payload: { type: 'Text', text: 'a secret' } })
    const { objectId } = first
    const payload = { type: 'File', content: randomBytes(2 * MIB), extension: '.bin' } as const
    const second = await carriers.commit({ objectId, payload })
    const file = await carriers.read(second)
    const data = file.type === 'File' ? file.data : ''
    const third = await objects.commit({ objectId, type: 'note', shared: data })
    await peer.pull(objects)
    const gone = await objects.forget(second.namedHash)
    expect(gone).toEqual([second.namedHash, second.payload])
    expect(await objects.hasBlob(data)).toBe(true)
    const all = await listed(objects.versions(objectId))
    expect(all.map(({ namedHash }) => namedHash)).toEqual([third.namedHash, first.namedHash])
    expect(await listed(objects.conflicts())).toEqual([])
    await objects.rebuild()
    expect(await listed(objects.conflicts())).toEqual([])
    expect(await objects.pull(peer)).toEqual({ blobs: 0, objects: 0, bytes: 0 })
    expect(await objects.hasBlob(second.namedHash)).toBe(false)
    expect((await objects.fsck()).problems).toEqual([])
    // The data is forgotten by its own name, though something leads to it.
    expect(await objects.forget(data)).toEqual([data])
    expect((await objects.fsck()).problems).toEqual([])
    expect(await objects.stats()).toMatchObject({ versions: 2, objects: 1, forgotten: 3 })
    // Who puts it again has it again.
    expect(await objects.putBlob(payload.content)).toBe(data)
    expect(await objects.stats()).toMatchObject({ forgotten: 2 })
  })
})
