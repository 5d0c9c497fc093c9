import { randomBytes } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { type FolderLayout, openObjectFolder } from '../src/index.ts'
import { idOfContent, namedHashOf } from '../src/named-hash.ts'
import { code, listed, temporaryObjects, testFolder } from './temporary-objects.ts'

const nameOf = (content: Uint8Array) => namedHashOf(idOfContent(content))
const namesOf = async (source: {
  contents(): AsyncIterable<{ kind: string; namedHash: string }>
}) => (await listed(source.contents())).map(({ kind, namedHash }) => `${kind} ${namedHash}`).sort()

async function filledObjects() {
  const objects = await temporaryObjects()
  for (let i = 0; i < 50; i++) {
    await objects.commit({ type: 'file', data: await objects.putBlob(randomBytes(100 * i)) })
  }
  await objects.putBlob(randomBytes(3_000_000))
  return objects
}

describe.each(['flat', 'sharded'] satisfies FolderLayout[])('a %s folder', (layout) => {
  it('takes all that a store has, and gives it to another', async () => {
    const objects = await filledObjects()
    const folder = path.join(await testFolder(), 'new')
    const files = await openObjectFolder(folder, { layout })
    expect(await files.pull(objects)).toMatchObject({ blobs: 51, objects: 50 })
    expect(await files.pull(objects)).toEqual({ blobs: 0, objects: 0, bytes: 0 })
    expect(await namesOf(files)).toEqual(await namesOf(objects))
    for (const { namedHash, kind } of await listed(objects.contents())) {
      const hex = namedHash.slice(7)
      const shards = layout === 'flat' ? [] : [hex.slice(0, 2), hex.slice(2, 4)]
      const bytes = await fs.readFile(path.join(folder, ...shards, `${namedHash}.${kind}`))
      expect(nameOf(bytes)).toBe(namedHash)
    }
    const other = await temporaryObjects()
    await other.commit({ type: 'note' })
    await other.pull(files)
    await objects.pull(other)
    await (await openObjectFolder(folder)).pull(other)
    expect(await namesOf(other)).toEqual(await namesOf(objects))
    expect(await namesOf(files)).toEqual(await namesOf(objects))
  })
})

describe('a folder', () => {
  it('in both layouts, with other files in it, is read as one', async () => {
    const objects = await filledObjects()
    const folder = await testFolder()
    await (await openObjectFolder(folder, { layout: 'sharded' })).pull(objects)
    const files = await openObjectFolder(folder)
    const [first] = await listed(objects.contents())
    const { namedHash } = first ?? { namedHash: '' }
    await fs.writeFile(
      path.join(folder, `${namedHash}.data`),
      b4a.concat(await listed(files.streamBlob(namedHash))),
    )
    await fs.writeFile(path.join(folder, 'README.md'), 'mine')
    await fs.writeFile(path.join(folder, 'SHA256-12.data'), 'mine')
    await fs.mkdir(path.join(folder, `${nameOf(b4a.from('x'))}.data`))
    await fs.symlink('/etc/passwd', path.join(folder, `${nameOf(b4a.from('y'))}.data`))
    expect(await namesOf(files)).toEqual(await namesOf(objects))
    expect(await files.pull(objects)).toEqual({ blobs: 0, objects: 0, bytes: 0 })
    const absent = listed(files.streamBlob(nameOf(b4a.from('z'))))
    await expect(absent).rejects.toMatchObject(code('BLOB_NOT_FOUND'))
    await expect(openObjectFolder(folder, { layout: 'deep' as never })).rejects.toThrow(TypeError)
  })

  it('with files that were changed gives all others', async () => {
    const objects = await filledObjects()
    const folder = await testFolder()
    const files = await openObjectFolder(folder)
    await files.pull(objects)
    const all = await listed(files.contents())
    const changed = [all[1], all.at(-1)].map((one) => `${one?.namedHash}.${one?.kind}`)
    for (const name of changed) await fs.appendFile(path.join(folder, name), 'x')
    const other = await temporaryObjects()
    await expect(other.pull(files)).rejects.toMatchObject(code('PULL_INCOMPLETE'))
    expect(await listed(other.contents())).toHaveLength(all.length - 2)
  })

  it('takes nothing that is not what its name says, and leaves nothing half written', async () => {
    const folder = await testFolder()
    const files = await openObjectFolder(folder)
    const good = randomBytes(100)
    const object = b4a.from('{"type":"no object"}')
    const bad = randomBytes(200_000)
    const source = {
      async *contents() {
        yield { namedHash: '../../outside', kind: 'data' as const }
        yield { namedHash: nameOf(good), kind: 'data' as const }
        yield { namedHash: nameOf(bad), kind: 'data' as const }
        yield { namedHash: nameOf(object), kind: 'object' as const }
      },
      async *streamBlob(namedHash: string) {
        if (namedHash === nameOf(object)) yield object
        else yield namedHash === nameOf(good) ? good : bad.subarray(1)
      },
    }
    const refused = await files.pull(source).catch((error: unknown) => error)
    expect(refused).toMatchObject({ ...code('PULL_INCOMPLETE'), details: { blobs: 1, objects: 0 } })
    expect(await fs.readdir(folder)).toEqual([`${nameOf(good)}.data`])
  })
})
