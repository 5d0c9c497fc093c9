import { randomBytes } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { code, listed, temporaryObjects, testFolder } from './temporary-objects.ts'

const editable = { mode: 'read-write' } as const

describe('a rendering', () => {
  it('of a text is edited and taken back as one version', async () => {
    const objects = await temporaryObjects()
    const { carriers } = objects
    const payload = { type: 'Text', text: 'hello\n' } as const
    const { objectId, namedHash } = await carriers.commit({
      payload,
      fields: { title: 'greeting' },
    })
    const folder = path.join(await testFolder(), 'new', 'note')
    const at = await objects.render(objectId, folder, editable)
    expect(at).toBe(path.join(folder, 'text.txt'))
    expect(await fs.readFile(at, 'utf8')).toBe('hello\n')
    const before = await objects.stats()
    expect(await objects.commitFolder(folder)).toBeUndefined()
    expect(await objects.stats()).toEqual(before)
    await fs.appendFile(at, 'world\n')
    const edited = await objects.commitFolder(folder)
    expect(edited?.previous).toEqual([namedHash])
    expect(edited?.content).toMatchObject({ title: 'greeting' })
    expect(await carriers.read(edited ?? never())).toEqual({ type: 'Text', text: 'hello\nworld\n' })
    expect(await objects.commitFolder(folder)).toBeUndefined()
    expect(await listed(objects.versions(objectId))).toHaveLength(2)
    await fs.writeFile(at, 'again')
    expect((await objects.commitFolder(folder))?.previous).toEqual([edited?.namedHash])
    expect(await listed(objects.conflicts())).toEqual([])
  })

  it('of an address, a file and a directory comes back too', async () => {
    const objects = await temporaryObjects()
    const { carriers } = objects
    const tree = path.join(await testFolder(), 'tree')
    await fs.mkdir(path.join(tree, 'inner'), { recursive: true })
    await fs.writeFile(path.join(tree, 'inner', 'a'), 'a')
    const content = randomBytes(1_500_000)
    const aionPoint = await objects.importTree(tree)
    const { objectId } = await carriers.commit({ payload: { type: 'Url', url: 'https://x.org/' } })
    const folder = await testFolder()
    const url = await objects.render(objectId, path.join(folder, 'url'), editable)
    await fs.appendFile(url, '\n')
    expect(await objects.commitFolder(path.join(folder, 'url'))).toBeUndefined()
    await carriers.commit({ objectId, payload: { type: 'File', content, extension: '.bin' } })
    const file = await objects.render(objectId, path.join(folder, 'file'), editable)
    expect(path.basename(file)).toBe('file.bin')
    expect((await fs.readFile(file)).equals(content)).toBe(true)
    expect(await objects.commitFolder(path.join(folder, 'file'))).toBeUndefined()
    await carriers.commit({ objectId, payload: { type: 'Directory', aionPoint } })
    const directory = await objects.render(objectId, path.join(folder, 'tree'), editable)
    expect(path.basename(directory)).toBe('tree')
    expect(await objects.commitFolder(path.join(folder, 'tree'))).toBeUndefined()
    await fs.writeFile(path.join(directory, 'inner', 'b'), 'b')
    const edited = await objects.commitFolder(path.join(folder, 'tree'))
    expect(edited?.payload).toBe(await objects.importTree(directory))
    expect(await listed(objects.versions(objectId))).toHaveLength(4)
  })

  it('that was edited while another version came is kept beside it, and shown', async () => {
    const objects = await temporaryObjects()
    const { carriers } = objects
    const { objectId } = await carriers.commit({ payload: { type: 'Text', text: 'hello' } })
    const folder = path.join(await testFolder(), 'note')
    const at = await objects.render(objectId, folder, editable)
    await carriers.commit({ objectId, payload: { type: 'Text', text: 'of somebody else' } })
    await fs.writeFile(at, 'mine')
    await objects.commitFolder(folder)
    const [conflict] = await listed(objects.conflicts())
    expect(conflict?.versions).toHaveLength(2)
  })

  it('to be read cannot be taken back', async () => {
    const objects = await temporaryObjects()
    const { objectId } = await objects.carriers.commit({ payload: { type: 'Text', text: 'hello' } })
    const folder = path.join(await testFolder(), 'note')
    const at = await objects.render(objectId, folder)
    expect((await fs.stat(at)).mode & 0o777).toBe(0o444)
    await fs.chmod(at, 0o644)
    await fs.writeFile(at, 'mine')
    const committing = objects.commitFolder(folder)
    await expect(committing).rejects.toMatchObject(code('RENDERING_READ_ONLY'))
    expect(await listed(objects.versions(objectId))).toHaveLength(1)
  })

  it('goes into a new folder, of a carrier that is here, or nowhere', async () => {
    const objects = await temporaryObjects()
    const folder = await testFolder()
    const { objectId } = await objects.carriers.commit({ payload: { type: 'Text', text: 'hello' } })
    await expect(objects.render(objectId, folder)).rejects.toMatchObject(code('EEXIST'))
    const note = path.join(folder, 'note')
    await expect(objects.render('x', note)).rejects.toMatchObject(code('CARRIER_NOT_FOUND'))
    await expect(objects.render(objectId, note, { mode: 'w' as never })).rejects.toThrow(TypeError)
    expect(await fs.readdir(folder)).toEqual([])
  })

  it('that was damaged is refused', async () => {
    const objects = await temporaryObjects()
    const unknown = code('RENDERING_UNKNOWN')
    const folder = path.join(await testFolder(), 'note')
    await expect(objects.commitFolder(folder)).rejects.toMatchObject(unknown)
    const { objectId } = await objects.carriers.commit({ payload: { type: 'Text', text: 'hello' } })
    const at = await objects.render(objectId, folder, editable)
    const marker = path.join(folder, '.object.json')
    const json = await fs.readFile(marker, 'utf8')
    for (const other of [
      '',
      '{',
      '[]',
      '{}',
      json.replace('SHA256', 'SHA512'),
      json.replace('"version": 1', '"version": 2'),
      json.replace('text.txt', '../text.txt'),
      json.replace(objectId, 'x'),
    ]) {
      await fs.writeFile(marker, other)
      await expect(objects.commitFolder(folder), other).rejects.toMatchObject(unknown)
    }
    await fs.writeFile(marker, json)
    await fs.writeFile(at, Buffer.from('ff', 'hex'))
    await expect(objects.commitFolder(folder)).rejects.toMatchObject(unknown)
    await fs.rm(at)
    await expect(objects.commitFolder(folder)).rejects.toMatchObject(unknown)
    expect(await listed(objects.versions(objectId))).toHaveLength(1)
  })
})

function never(): never {
  throw new Error('there is no such version')
}
