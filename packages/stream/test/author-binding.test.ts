import fs from 'node:fs'
import { encode, openStore } from '@datagram/log-core'
import b4a from 'b4a'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  authorBinding,
  bindAuthor,
  boundAuthor,
  copyStream,
  HEADER_KIND,
  openStream,
  provenAuthor,
  readHeader,
} from '../src/index.ts'
import { encodeHeader } from '../src/header.ts'
import { extensionFields, withField } from '../src/header-extension.ts'
import { plain, temporaryFolder } from './open-streams.ts'

const file = new URL('../../../test-vectors/stream.json', import.meta.url)
const { authorBindings, extensions } = JSON.parse(fs.readFileSync(file, 'utf8')) as {
  authorBindings: {
    about: string
    publicKey: string
    secretKey: string
    dataKey: string
    indexKey: string
    hex: string
  }[]
  extensions: { about: string; fields: { number: number; bytes: string }[]; hex: string }[]
}
const bytes = (hex: string) => b4a.from(hex, 'hex')
const hex = (given: Uint8Array) => b4a.toString(given, 'hex')

async function temporaryStore() {
  const store = await openStore(await temporaryFolder())
  onTestFinished(() => store.close())
  return store
}

async function twoLogs(store: Awaited<ReturnType<typeof temporaryStore>>, name: string) {
  return { data: await store.open(`${name}/data`), index: await store.open(`${name}/index`) }
}

describe('an author binding', () => {
  it.each(authorBindings)('has the known bytes of $about', (known) => {
    const pair = { publicKey: bytes(known.publicKey), secretKey: bytes(known.secretKey) }
    const logs = { dataKey: bytes(known.dataKey), indexKey: bytes(known.indexKey) }
    expect(hex(encode(authorBinding, bindAuthor(pair, logs)))).toBe(known.hex)
    expect(boundAuthor(bytes(known.hex), logs)).toEqual(pair.publicKey)
  })

  it('proves nothing once any bit of it is another, or of other logs, and never throws', () => {
    const [known] = authorBindings as [(typeof authorBindings)[number]]
    const logs = { dataKey: bytes(known.dataKey), indexKey: bytes(known.indexKey) }
    for (let bit = 0; bit < known.hex.length * 4; bit++) {
      const changed = bytes(known.hex)
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(boundAuthor(changed, logs)).toBe(undefined)
    }
    for (let length = 0; length < known.hex.length / 2; length++) {
      expect(boundAuthor(bytes(known.hex).subarray(0, length), logs)).toBe(undefined)
    }
    const swapped = { dataKey: logs.indexKey, indexKey: logs.dataKey }
    expect(boundAuthor(bytes(known.hex), swapped)).toBe(undefined)
  })
})

describe('the extension of a header', () => {
  it.each(extensions)('has the known bytes of $about', ({ fields, hex: known }) => {
    const made = fields.reduce(
      (extension, { number, bytes: said }) => withField(extension, number, bytes(said)),
      new Uint8Array(0) as Uint8Array,
    )
    expect(hex(made)).toBe(known)
    expect(
      extensionFields(bytes(known)).map((field) => ({ ...field, bytes: hex(field.bytes) })),
    ).toEqual(fields)
  })

  it('says nothing where it cannot be read', () => {
    expect(extensionFields(bytes('0105aa'))).toEqual([])
    expect(extensionFields(new Uint8Array(4096).fill(0xff))).toEqual([])
  })
})

describe('a stream', () => {
  it('proves its author to its readers in both logs; a copy proves who copies it', async () => {
    const store = await temporaryStore()
    const [ada, bob] = [store.keyPair('ada'), store.keyPair('bob')]
    const { data, index } = await twoLogs(store, 'one')
    const stream = await openStream({ name: 'one', data, index, author: ada, definition: plain })
    for (const log of [data, index]) {
      expect(provenAuthor(await readHeader(log), index.key)?.author).toEqual(ada.publicKey)
    }
    // A header that was put into another log proves nothing there.
    expect(provenAuthor(await readHeader(index), data.key)).toBe(undefined)
    const copies = await twoLogs(store, 'copy')
    const copy = { data: copies.data, indexLog: copies.index }
    await copyStream({ data, indexLog: index }, copy, bob)
    expect(provenAuthor(await readHeader(copies.index), copies.index.key)?.author).toEqual(
      bob.publicKey,
    )
    const nobodys = await twoLogs(store, 'nobodys')
    await copyStream({ data, indexLog: index }, { data: nobodys.data, indexLog: nobodys.index })
    expect(provenAuthor(await readHeader(nobodys.index), nobodys.index.key)).toBe(undefined)
    await stream.close()
  })

  it('with the binding of another in its header is read as ever, and proves nothing', async () => {
    const store = await temporaryStore()
    const ada = await twoLogs(store, 'ada')
    const author = store.keyPair('ada')
    const adas = { data: ada.data, index: ada.index, author }
    await (await openStream({ name: 'adas', ...adas, definition: plain })).close()
    const { data, index } = await twoLogs(store, 'forged')
    for (const [log, role] of [
      [data, 'data'],
      [index, 'index'],
    ] as const) {
      const header = await readHeader(ada.index)
      const writers = [{ dataKey: data.key, indexKey: index.key }]
      await log.append({ kind: HEADER_KIND, payload: encodeHeader({ ...header, role, writers }) })
    }
    const forged = await openStream({ name: 'forged', data, index, definition: plain })
    const header = await readHeader(index)
    expect(extensionFields(header.extension)).toHaveLength(1)
    expect(provenAuthor(header, index.key)).toBe(undefined)
    expect(provenAuthor(header, ada.index.key)).toBe(undefined)
    await forged.close()
  })

  it('that was made to name nobody, or before there were authors, is read as ever', async () => {
    const store = await temporaryStore()
    const { data, index } = await twoLogs(store, 'old')
    await (await openStream({ name: 'old', data, index, definition: plain })).close()
    expect((await readHeader(index)).extension).toEqual(new Uint8Array(0))
    expect(provenAuthor(await readHeader(index), index.key)).toBe(undefined)
    // Whoever opens it later does not become its author.
    const author = store.keyPair('ada')
    const again = await openStream({ name: 'old', data, index, author, definition: plain })
    expect(provenAuthor(await readHeader(index), index.key)).toBe(undefined)
    await again.close()
  })
})
