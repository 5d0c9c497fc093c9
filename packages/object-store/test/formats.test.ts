import fs from 'node:fs'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { decodeLargeBlob, encodeLargeBlob } from '../src/large-blob.ts'
import { decodeForgottenVersion, encodeForgottenVersion } from '../src/forgotten-version.ts'
import { idOf, namedHashOf } from '../src/named-hash.ts'
import {
  blobKey,
  clockKey,
  forgottenKey,
  headKey,
  largeBlobKey,
  mutationKey,
  nameKey,
  objectKey,
  partKey,
  pinKey,
  rebuildingKey,
  supersededKey,
  unreferencedKey,
  uploadKey,
  versionKey,
  versionOfTypeKey,
} from '../src/object-key.ts'
import { code } from './temporary-objects.ts'

interface Vectors {
  readonly keys: Readonly<Record<string, string>>
  readonly largeBlob: {
    readonly size: number
    readonly parts: readonly string[]
    readonly hex: string
  }
}

const file = new URL('../../../test-vectors/object-store.json', import.meta.url)
const vectors = JSON.parse(fs.readFileSync(file, 'utf8')) as Vectors
const hex = (bytes: Uint8Array) => b4a.toString(bytes, 'hex')
const id = idOf(`SHA256-${'ab'.repeat(32)}`)
const upload = b4a.alloc(16, 7)
const place = { object: nameKey('a'), timeVersion: 1_700_000_000.25, id }

describe('what lies in a stream of objects', () => {
  it('has the keys that are written down', () => {
    const keys: Record<string, Uint8Array> = {
      blob: blobKey(id),
      largeBlob: largeBlobKey(id),
      part: partKey(upload, 258),
      upload: uploadKey(upload),
      object: objectKey(id),
      forgotten: forgottenKey(id),
      pin: pinKey(id),
      unreferenced: unreferencedKey(id),
      clock: clockKey,
      rebuilding: rebuildingKey,
      version: versionKey(place),
      versionOfType: versionOfTypeKey(nameKey('note'), place),
      mutation: mutationKey(nameKey('m'), id),
      superseded: supersededKey(nameKey('a'), id),
      head: headKey(nameKey('a'), id),
    }
    const shown = Object.entries(keys).map(([name, key]) => [name, hex(key)])
    expect(Object.fromEntries(shown)).toEqual(vectors.keys)
  })

  it('has the record of a large blob that is written down', () => {
    const { size, parts, hex: stored } = vectors.largeBlob
    const blob = { size, upload, parts: parts.map(idOf) }
    expect(hex(encodeLargeBlob(blob))).toBe(stored)
    expect(decodeLargeBlob(b4a.from(stored, 'hex'))).toEqual(blob)
  })

  it('keeps of a forgotten version what it replaced', () => {
    const previous = [namedHashOf(id)]
    const value = encodeForgottenVersion({ objectId: 'a', previous })
    expect(hex(value)).toBe(`${hex(nameKey('a'))}${hex(id)}`)
    expect(decodeForgottenVersion(value)).toEqual({ object: nameKey('a'), previous: [id] })
    const without = encodeForgottenVersion({ objectId: 'a', previous: undefined })
    expect(decodeForgottenVersion(without)?.previous).toEqual([])
    expect(decodeForgottenVersion(new Uint8Array(0))).toBeUndefined()
  })

  it('is refused with a code when it is damaged or newer, whatever it is', () => {
    const bytes = b4a.from(vectors.largeBlob.hex, 'hex')
    const damaged = expect.objectContaining(code('BLOB_DAMAGED'))
    const unknown = expect.objectContaining(code('BLOB_RECORD_UNKNOWN'))
    for (let length = 1; length < bytes.byteLength; length++) {
      expect(() => decodeLargeBlob(bytes.subarray(0, length))).toThrow(damaged)
    }
    expect(() => decodeLargeBlob(b4a.concat([bytes, bytes]))).toThrow(damaged)
    expect(() => decodeLargeBlob(b4a.from('01ffffffffffffffffff', 'hex'))).toThrow(damaged)
    expect(() => decodeLargeBlob(b4a.from([2, ...bytes.subarray(1)]))).toThrow(unknown)
    expect(() => decodeLargeBlob(new Uint8Array(0))).toThrow(unknown)
  })
})
