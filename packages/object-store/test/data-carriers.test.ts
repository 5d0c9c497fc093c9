import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { DATA_CARRIER_TYPE } from '../src/index.ts'
import { encodeFilePayload } from '../src/data-carrier.ts'
import { idOfContent, namedHashOf } from '../src/named-hash.ts'
import { code, listed, temporaryObjects, testFolder } from './temporary-objects.ts'

const file = new URL('../../../test-vectors/object-store.json', import.meta.url)
const vectors = JSON.parse(fs.readFileSync(file, 'utf8')) as {
  readonly filePayload: { readonly json: string; readonly namedHash: string }
}
const nameOf = (content: Uint8Array) => namedHashOf(idOfContent(content))

describe('a data carrier', () => {
  it('carries a text, an address, a file or a directory, and lists what it was', async () => {
    const objects = await temporaryObjects()
    const { carriers } = objects
    const folder = await testFolder()
    fs.writeFileSync(path.join(folder, 'hello.txt'), 'Hello World!')
    const bytes = randomBytes(2_000_000)
    const text = await carriers.commit({ payload: { type: 'Text', text: 'hällo' } })
    const { objectId } = text
    const url = await carriers.commit({ objectId, payload: { type: 'Url', url: 'https://x.org/' } })
    const payload = { type: 'File', content: bytes, extension: '.png' } as const
    const picture = await carriers.commit({ objectId, payload, fields: { title: 'a picture' } })
    const aionPoint = await objects.importTree(folder)
    const tree = await carriers.commit({ objectId, payload: { type: 'Directory', aionPoint } })
    expect(await carriers.current(objectId)).toEqual(tree)
    expect(await listed(carriers.history(objectId))).toEqual([tree, picture, url, text])
    expect(await carriers.read(text)).toEqual({ type: 'Text', text: 'hällo' })
    expect(await carriers.read(url)).toEqual({ type: 'Url', url: 'https://x.org/' })
    const read = await carriers.read(picture)
    expect(read).toEqual({ type: 'File', data: nameOf(bytes), extension: '.png' })
    expect(b4a.equals((await objects.getBlob(nameOf(bytes))) as Uint8Array, bytes)).toBe(true)
    expect(await carriers.read(tree)).toEqual({ type: 'Directory', aionPoint })
    expect(tree.previous).toEqual([picture.namedHash])
    const { content } = picture
    expect(content).toMatchObject({
      type: DATA_CARRIER_TYPE,
      payloadType: 'File',
      title: 'a picture',
    })
    expect((await objects.current(objectId))?.namedHash).toBe(tree.namedHash)
    const other = await carriers.commit({ payload: { type: 'Text', text: 'other' } })
    await objects.commit({ type: 'note' })
    expect(await listed(carriers.list({ payloadType: 'Text' }))).toEqual([other])
    expect(await listed(carriers.list())).toHaveLength(2)
  })

  it('has the JSON for a file that is written down', () => {
    const json = encodeFilePayload(`SHA256-${'ab'.repeat(32)}`, '.png')
    expect(b4a.toString(json)).toBe(vectors.filePayload.json)
    expect(nameOf(json)).toBe(vectors.filePayload.namedHash)
  })

  it('takes nothing else, and says what it cannot read', async () => {
    const objects = await temporaryObjects()
    const { carriers } = objects
    for (const extension of ['png', '.', '..', './x', '.a/b', '.a\0', 7]) {
      const payload = { type: 'File', content: 'x', extension } as never
      await expect(carriers.commit({ payload })).rejects.toThrow()
    }
    await expect(carriers.commit({ payload: { type: 'Movie' } as never })).rejects.toThrow(
      TypeError,
    )
    expect(await listed(objects.contents())).toEqual([])
    const commit = async (fields: object) => {
      const draft = { objectId: 'a', type: DATA_CARRIER_TYPE, ...fields }
      return objects.commit(draft)
    }
    const malformed = code('CARRIER_MALFORMED')
    for (const fields of [{}, { payloadType: 'Movie' }, { payloadType: 'Text', payload: 'x' }]) {
      await commit(fields)
      await expect(carriers.current('a')).rejects.toMatchObject(malformed)
    }
    const read = async (payloadType: string, payload: string) => {
      await commit({ payloadType, payload })
      const carrier = await carriers.current('a')
      return carrier && carriers.read(carrier)
    }
    const absent = read('Text', nameOf(b4a.from('absent')))
    await expect(absent).rejects.toMatchObject(code('BLOB_NOT_FOUND'))
    const jsons = [
      '{',
      '[]',
      'null',
      '{"data":"x","extension":""}',
      `{"data":"${nameOf(b4a.from(''))}","extension":"../x"}`,
    ]
    for (const json of jsons) {
      await expect(read('File', await objects.putBlob(json)), json).rejects.toMatchObject(malformed)
    }
    const binary = await objects.putBlob(b4a.from('ff', 'hex'))
    await expect(read('Text', binary)).rejects.toMatchObject(malformed)
  })
})
