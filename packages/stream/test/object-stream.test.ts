import fs from 'node:fs/promises'
import path from 'node:path'
import {
  type Descriptor,
  defineDescriptor,
  descriptorFromDefinition,
  encodeDefinition,
  File,
  list,
  map,
  Message,
  oneOfKinds,
  optional,
} from '@datagram/descriptors'
import { Random } from '@datagram/fault-harness'
import b4a from 'b4a'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dataOf, definition } from '../../descriptors/test/random-definitions.ts'
import { type ObjectStream, type Stream, streamInterface } from '../src/index.ts'
import {
  assertSound,
  code,
  connect,
  listed,
  logsOf,
  replicaLogsOf,
  streamOver,
  temporaryFolder,
  temporaryStore,
} from './open-streams.ts'

const Note = defineDescriptor({
  name: 'Note',
  version: 1,
  fields: { title: { kind: 'text', index: true }, text: 'text' },
})

async function newStream(): Promise<Stream<ObjectStream>> {
  return streamOver(await logsOf(await temporaryStore()), streamInterface)
}

async function bodiesOf({ api }: Stream<ObjectStream>) {
  const types = await api.types()
  const objects = await listed(api.objects())
  return Promise.all(
    objects.map(async (object) => ({
      body: b4a.toString(await object.read(), 'hex'),
      type: object.type,
      version: object.version,
      id: types.find(({ descriptor }) => descriptor?.definition === object.definition)?.id,
    })),
  )
}

const filled = async (stream: Stream<ObjectStream>, random: Random) => {
  const { api } = stream
  const Odd = defineDescriptor({
    name: '../../odd "name"',
    version: 7,
    fields: {
      __proto__x: 'integer',
      kinds: list(oneOfKinds('boolean', 'bigint', 'time', 'text')),
      map: optional(map('number')),
      note: optional(Note),
    },
  })
  await api.add(Note, { title: 'one', text: 'first' })
  await api.append('plain')
  await api.append(random.bytes(100_000))
  await api.add(File, { name: '../../../etc/passwd', content: random.bytes(300_000) })
  await api.add(File, { name: 'small', content: random.bytes(10), contentSize: 10 })
  await api.add(Odd, {
    __proto__x: -1,
    kinds: [true, 2n ** 99n, 5, 'text'],
    map: { b: Number.NaN, a: -0, constructor: 1 },
    note: { title: 'nested', text: '' },
  })
  await api.add(Message, { text: 'hello', sender: 'ada', dateSent: new Date() })
  return api
}

describe('a stream of objects', () => {
  it('takes many types, and gives back what was put in, typed where the type is known', async () => {
    const { api } = await newStream()
    expect(await api.add(Note, { title: 'one', text: 'first' })).toMatchObject({ n: 0 })
    await api.append('plain')
    const [note] = await listed(api.objects({ type: Note, where: { title: 'one' } }))
    expect((await note?.value())?.text).toBe('first')
    expect(note?.type).toBe('Note')
    expect(await (await api.at(0))?.value()).toEqual({ title: 'one', text: 'first' })
    expect(await (await api.at(1))?.value()).toEqual(new Uint8Array(b4a.from('plain')))
    expect((await api.at(1))?.type).toBeUndefined()
    expect(await api.at(2)).toBeUndefined()
    expect(await api.count()).toBe(2)
    expect((await api.types()).map(({ descriptor }) => descriptor?.name)).toEqual(['Note'])
    const wrong = api.add(Note, { title: 5 } as never)
    await expect(wrong).rejects.toMatchObject({
      code: 'DATA_INVALID',
      details: { problems: [{ path: ['title'] }, { path: ['text'] }] },
    })
  })

  it('of types that nobody here knows is listed, filtered, exported and imported, byte for byte', async () => {
    const random = new Random(Date.now())
    const author = await logsOf(await temporaryStore())
    const stream = await streamOver(author, streamInterface)
    await filled(stream, random)
    // The stranger knows the stream's logs and nothing of its types.
    const logs = await replicaLogsOf(await temporaryStore(), author)
    connect(author, logs)
    const stranger = await streamOver(logs, streamInterface)
    await stranger.update()
    const found = await listed(stranger.api.objects({ where: { name: { prefix: '../' } } }))
    expect(found.map(({ n, type }) => [n, type])).toEqual([[3, 'File']])
    const parent = await temporaryFolder()
    const folder = path.join(parent, 'export')
    const summary = await stranger.api.exportAll(folder)
    expect(summary.objects).toBe(7)
    expect(await fs.readdir(parent)).toEqual(['export'])
    const copy = await newStream()
    expect(await copy.api.importAll(folder)).toEqual(summary)
    expect(await bodiesOf(copy), `seed ${random.seed}`).toEqual(await bodiesOf(stream))
    const again = await listed(copy.api.objects({ where: { title: 'one' } }))
    expect(again.map(({ n }) => n)).toEqual([0])
    await assertSound(copy)
    await expect(stranger.api.exportAll(folder)).rejects.toMatchObject(
      code('EXPORT_FOLDER_NOT_EMPTY'),
    )
  })

  it('of random types comes through an export, byte for byte', { timeout: 120_000 }, async () => {
    const anything = definition(2).chain((one) =>
      fc.tuple(fc.constant(one), fc.array(dataOf(one), { minLength: 1, maxLength: 3 })),
    )
    const seed = Date.now() % 2 ** 31
    const many = fc.array(anything, { minLength: 1, maxLength: 8 })
    const types = fc.sample(many, { numRuns: 12, seed })
    for (const some of types) {
      const stream = await newStream()
      for (const [one, data] of some) {
        const descriptor = descriptorFromDefinition(one)
        for (const each of data) {
          // Two random definitions of one name and version may contradict each other.
          await stream.api.add(descriptor, each).catch((error: unknown) => {
            expect(error).toMatchObject(code('DESCRIPTOR_CONFLICT'))
          })
        }
      }
      const folder = path.join(await temporaryFolder(), 'export')
      await stream.api.exportAll(folder)
      const copy = await newStream()
      await copy.api.importAll(folder)
      expect(await bodiesOf(copy), `seed ${seed}`).toEqual(await bodiesOf(stream))
      await Promise.all([stream.close(), copy.close()])
    }
  })

  it('exports raw what its definition does not read, and the definition that nobody reads', async () => {
    const stream = await newStream()
    const { main } = stream
    const raw = (
      descriptor: Pick<Descriptor, 'id' | 'definition'>,
      encodedDefinition?: Uint8Array,
    ) => ({
      id: descriptor.id,
      definition: descriptor.definition,
      encodedDefinition,
      encode: (body: Uint8Array) => body,
      decode: () => undefined,
    })
    const Later = defineDescriptor({ name: 'Note', version: 2, fields: { body: 'text' } })
    const newer = Later.encode({ body: 'from the future' })
    await main.add(raw(Note), newer)
    await main.add(raw(Note), b4a.from('garbage'))
    const future = b4a.from(encodeDefinition(Later))
    future[1] = 0x7f
    await main.add(raw(Later, future), b4a.from('who knows'))
    const [first, second, third] = await listed(stream.api.objects())
    await expect(first?.value()).rejects.toMatchObject({
      code: 'DESCRIPTOR_VERSION_NEWER',
      details: { raw: newer },
    })
    await expect(second?.value()).rejects.toHaveProperty('code')
    await expect(third?.value()).rejects.toHaveProperty('code', 'DESCRIPTOR_FORMAT_UNKNOWN')
    const folder = path.join(await temporaryFolder(), 'export')
    await stream.api.exportAll(folder)
    const copy = await newStream()
    await copy.api.importAll(folder)
    expect(await bodiesOf(copy)).toEqual(await bodiesOf(stream))
    const [, kept] = await copy.api.types()
    expect(kept && b4a.toString(kept.definition, 'hex')).toBe(b4a.toString(future, 'hex'))
  })
})

describe('an export that is damaged or hostile', () => {
  it('is refused with its place before anything is written, and nothing outside is read', async () => {
    const stream = await newStream()
    await filled(stream, new Random(1))
    const folder = path.join(await temporaryFolder(), 'export')
    await stream.api.exportAll(folder)
    const file = path.join(folder, 'objects.jsonl')
    const good = await fs.readFile(file, 'utf8')
    const lines = good.trimEnd().split('\n')
    const [definition = ''] = await fs.readdir(path.join(folder, 'definitions'))
    const blob = 'blobs/2.bin'
    const secret = path.join(path.dirname(folder), 'secret')
    await fs.writeFile(secret, 'not to be read')
    const withLine = (json: object) => [lines[0], JSON.stringify(json), '{"objects":1}'].join('\n')
    const bad: readonly string[] = [
      '',
      'no json',
      '[]',
      '{"format":"other","version":1}',
      lines.slice(0, -1).join('\n'),
      [...lines, lines[1]].join('\n'),
      lines.filter((_, i) => i !== 2).join('\n'),
      withLine({ n: 0 }),
      withLine({ n: 0, bytes: '%' }),
      withLine({ n: 0, blob: '../secret' }),
      withLine({ n: 0, blob: secret }),
      withLine({ n: 0, blob: 'blobs/99.bin' }),
      withLine({ n: 0, definition: '../definitions/x', data: {} }),
      withLine({ n: 0, definition: 'ab'.repeat(32), data: {} }),
      withLine({ n: 0, definition: definition.slice(0, 64), data: 5 }),
      withLine({ n: 0, definition: definition.slice(0, 64), data: { unknown: 1 } }),
      withLine({ n: 0, definition: definition.slice(0, 64), data: {}, blobs: { x: '/etc/hosts' } }),
    ]
    const copy = await newStream()
    for (const text of bad) {
      await fs.writeFile(file, text)
      await expect(copy.api.importAll(folder), text.slice(0, 200)).rejects.toMatchObject(
        code('EXPORT_DAMAGED'),
      )
    }
    await fs.writeFile(file, good.replace('"version":1}', '"version":2}'))
    await expect(copy.api.importAll(folder)).rejects.toMatchObject(code('EXPORT_FORMAT_UNKNOWN'))
    await fs.writeFile(file, good)
    await fs.rm(path.join(folder, blob))
    await fs.symlink(secret, path.join(folder, blob))
    await expect(copy.api.importAll(folder)).rejects.toMatchObject(code('EXPORT_DAMAGED'))
    await fs.rename(path.join(folder, 'blobs'), path.join(path.dirname(folder), 'blobs'))
    await fs.symlink('../blobs', path.join(folder, 'blobs'))
    await expect(copy.api.importAll(folder)).rejects.toMatchObject(code('EXPORT_DAMAGED'))
    await fs.writeFile(path.join(folder, 'definitions', definition), '{"name":"x"}')
    await expect(copy.api.importAll(folder)).rejects.toMatchObject(code('EXPORT_DAMAGED'))
    await expect(copy.api.importAll(path.join(folder, 'nowhere'))).rejects.toMatchObject(
      code('EXPORT_DAMAGED'),
    )
    expect(await copy.api.count()).toBe(0)
  })
})
