import fs from 'node:fs'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { type AionPoint, decodeAionPoint, encodeAionPoint } from '../src/aion-point.ts'
import { compareNames } from '../src/entry-name.ts'
import { ContentHash, idOfContent, namedHashOf } from '../src/named-hash.ts'
import { code } from './temporary-objects.ts'

interface Vectors {
  readonly published: readonly { readonly json: string; readonly namedHash: string }[]
  readonly computed: Readonly<Record<string, string>>
}

const url = new URL('../../../test-vectors/aion.json', import.meta.url)
const vectors = JSON.parse(fs.readFileSync(url, 'utf8')) as Vectors
const MIB = 1024 * 1024
const nameOf = (content: Uint8Array) => namedHashOf(idOfContent(content))
const hashOf = (point: AionPoint) => nameOf(encodeAionPoint(point))

function file(name: string, content: Uint8Array): AionPoint {
  const parts: string[] = []
  for (let at = 0; at < content.byteLength; at += MIB) {
    parts.push(nameOf(content.subarray(at, at + MIB)))
  }
  const hash = namedHashOf(new ContentHash().update(content).id())
  return { aionType: 'file', name, size: content.byteLength, hash, parts }
}

describe('an Aion point', () => {
  it('is the one that was published', () => {
    for (const { json, namedHash } of vectors.published) {
      const point = decodeAionPoint(b4a.from(json))
      expect(b4a.toString(encodeAionPoint(point))).toBe(json)
      expect(hashOf(point)).toBe(namedHash)
    }
  })

  it('of files, links and directories is the one that was computed', () => {
    const hello = file('hello.txt', b4a.from('Hello World!'))
    const empty = file('empty', new Uint8Array(0))
    const big = file('big.bin', new Uint8Array(2 * MIB + 1))
    const directory = (name: string, items: readonly AionPoint[]): AionPoint => {
      const sorted = [...items].sort((a, b) => compareNames(a.name, b.name))
      return { aionType: 'directory', name, items: sorted.map(hashOf) }
    }
    const computed = {
      "file hello.txt, content 'Hello World!'": hashOf(hello),
      'file empty, no content, parts []': hashOf(empty),
      'file big.bin, 2097153 zero bytes': hashOf(big),
      'indefinite lnk': hashOf({ aionType: 'indefinite', name: 'lnk' }),
      'directory root of [big.bin, empty, hello.txt] above': hashOf(
        directory('root', [hello, empty, big]),
      ),
      'directory d, no items': hashOf(directory('d', [])),
    }
    expect(computed).toEqual(vectors.computed)
  })

  it('orders names by their bytes, not by their UTF-16 units', () => {
    const names = ['\u{ff5e}', '\u{10000}', 'b', 'a', 'B']
    expect(names.sort(compareNames)).toEqual(['B', 'a', 'b', '\u{ff5e}', '\u{10000}'])
    expect([...names].sort()).not.toEqual(names)
  })

  it.each([
    '',
    'x',
    '[]',
    'null',
    '{"aionType":"pipe","name":"a"}',
    '{"aionType":"directory","name":"a","items":["x"]}',
    '{"aionType":"directory","name":"a"}',
    '{"aionType":"file","name":"a","size":-1,"hash":"x","parts":[]}',
    '{"aionType":"file","name":"a","size":0,"hash":"x","parts":[]}',
  ])('is not %j', (json) => {
    const malformed = expect.objectContaining(code('AION_POINT_MALFORMED'))
    expect(() => decodeAionPoint(b4a.from(json))).toThrow(malformed)
  })

  it.each([
    '',
    '.',
    '..',
    '../a',
    'a/b',
    '/',
    'a\\b',
    'a\0',
    'CON',
    'nul.txt',
    'com1',
    'LPT¹.x',
    'aux .h',
    'x'.repeat(256),
    '\ud800',
    7,
    null,
  ])('cannot be called %j', (name) => {
    for (const aionType of ['directory', 'indefinite']) {
      const json = JSON.stringify({ aionType, name, items: [] })
      const refused = expect.objectContaining(code('TREE_NAME_REFUSED'))
      expect(() => decodeAionPoint(b4a.from(json))).toThrow(refused)
    }
  })

  it.each([
    'a',
    '...',
    '.git',
    'console',
    'common',
    'nullable',
    'com10',
    'a:b',
    'ü',
    ' ',
    '__proto__',
  ])('can be called %j', (name) => {
    const json = JSON.stringify({ aionType: 'indefinite', name })
    expect(decodeAionPoint(b4a.from(json)).name).toBe(name)
  })
})
