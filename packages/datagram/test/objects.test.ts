import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { collect, code, sharedDatagram, temporaryDatagram } from './temporary-datagram.ts'

describe('the objects of two people', () => {
  it('are brought together by their links, each fetching what it lacks alone', async () => {
    const people = await Promise.all(
      [1, 2].map(async () => {
        const { datagram, address } = await sharedDatagram()
        const objects = await datagram.objects('library')
        return { datagram, address, objects, link: await datagram.share('library') }
      }),
    )
    const [mine, theirs] = people as [(typeof people)[0], (typeof people)[0]]
    const common = randomBytes(400_000)
    for (const { objects } of people) {
      await objects.putBlob(common)
      await objects.commit({ objectId: 'note', type: 'note', by: randomBytes(4).toString('hex') })
    }
    await theirs.objects.commit({ type: 'file', data: await theirs.objects.putBlob('theirs') })
    for (const [i, { datagram, objects }] of people.entries()) {
      const { link, address } = people[1 - i] as (typeof people)[0]
      await datagram.attach(link, { name: 'other', sparse: true, connect: [address] })
      const before = datagram.stats().wire.bytesIn
      await objects.pull(await datagram.objects('other'))
      expect(datagram.stats().wire.bytesIn - before).toBeLessThan(common.byteLength)
    }
    const [one, two] = await Promise.all(
      people.map(({ objects }) => collect(objects.objects({ type: 'note' }))),
    )
    expect(one).toEqual(two)
    const conflicts = await collect(mine.objects.conflicts())
    expect(conflicts).toMatchObject([{ kind: 'versions' }])
    expect(conflicts).toEqual(await collect(theirs.objects.conflicts()))
    const other = await mine.datagram.objects('other')
    const refused = code('STREAM_NOT_WRITABLE')
    await expect(other.putBlob('new')).rejects.toMatchObject(refused)
    await expect(other.commit({ type: 'note' })).rejects.toMatchObject(refused)
    await expect(other.putBlob(randomBytes(3_000_000))).rejects.toMatchObject(refused)
  })

  it('take trees from the files of a datagram, and put them there', async () => {
    const datagram = await temporaryDatagram()
    const { promises: fs } = await datagram.fs('files')
    await fs.mkdir('/a/b', { recursive: true })
    await fs.writeFile('/a/hello.txt', 'Hello World!')
    await fs.writeFile('/a/b/large', randomBytes(1_500_000))
    await fs.symlink('..', '/a/b/up')
    const objects = await datagram.objects('library')
    const tree = await objects.importTree('/a', { fs })
    expect(await objects.exportTree(tree, '/out', { fs })).toBe('/out/a')
    expect(await fs.readFile('/out/a/hello.txt', 'utf8')).toBe('Hello World!')
    await fs.symlink('..', '/out/a/b/up')
    expect(await objects.importTree('/out/a', { fs })).toBe(tree)
    expect(await objects.importTree('/', { fs, name: 'all' })).not.toBe(tree)
  })

  it('are shown in the files of a datagram, edited there and taken back', async () => {
    const datagram = await temporaryDatagram()
    const { promises: fs } = await datagram.fs('files')
    const objects = await datagram.objects('library')
    const { objectId } = await objects.carriers.commit({ payload: { type: 'Text', text: 'hello' } })
    const options = { fs, mode: 'read-write' } as const
    expect(await objects.render(objectId, '/shown/note', options)).toBe('/shown/note/text.txt')
    expect(await objects.commitFolder('/shown/note', { fs })).toBeUndefined()
    await fs.appendFile('/shown/note/text.txt', ', world')
    const edited = await objects.commitFolder('/shown/note', { fs })
    expect(edited && (await objects.carriers.read(edited))).toMatchObject({ text: 'hello, world' })
    expect(await objects.render(objectId, '/shown/again', { fs })).toBe('/shown/again/text.txt')
    const readOnly = objects.commitFolder('/shown/again', { fs })
    await expect(readOnly).rejects.toMatchObject(code('RENDERING_READ_ONLY'))
  })

  it('are no other type', async () => {
    const datagram = await temporaryDatagram()
    await datagram.objects('library')
    await expect(datagram.kv('library')).rejects.toMatchObject(code('STREAM_TYPE_MISMATCH'))
  })
})
