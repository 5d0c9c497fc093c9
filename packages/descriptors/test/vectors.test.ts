import fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  decodeDefinition,
  type Definition,
  descriptorFromDefinition,
  encodeDefinition,
} from '../src/index.ts'
import { thrown } from './thrown.ts'

interface Refused {
  readonly about: string
  readonly bytes: string
  readonly code: string
}

interface Example {
  readonly json: unknown
  readonly bytes: string
}

interface Vectors {
  readonly types: readonly {
    readonly definition: Definition
    readonly bytes: string
    readonly id: string
    readonly data: readonly Example[]
    readonly readBy?: { readonly definition: Definition; readonly data: readonly Example[] }
    readonly refused: readonly Refused[]
  }[]
  readonly refusedDefinitions: readonly Refused[]
}

const file = new URL('../../../test-vectors/descriptors.json', import.meta.url)
const vectors = JSON.parse(fs.readFileSync(file, 'utf8')) as Vectors

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))

describe('test-vectors/descriptors.json', () => {
  it.each(vectors.types)('$definition.name, version $definition.version', (type) => {
    const descriptor = descriptorFromDefinition(type.definition)
    expect(descriptor.definition).toEqual(type.definition)
    expect(hex(encodeDefinition(descriptor))).toBe(type.bytes)
    expect(decodeDefinition(bytesOf(type.bytes))).toEqual(type.definition)
    expect(descriptor.idText).toBe(type.id)
    for (const { json, bytes } of type.data) {
      expect(hex(descriptor.encode(descriptor.fromJSON(json)))).toBe(bytes)
      expect(descriptor.toJSON(descriptor.decode(bytesOf(bytes)))).toEqual(json)
    }
    for (const { about, bytes, code } of type.refused) {
      expect(thrown(() => descriptor.decode(bytesOf(bytes))).code, about).toBe(code)
    }
  })

  it.each(vectors.types.flatMap(({ readBy }) => readBy ?? []))(
    'is read by older definitions',
    (older) => {
      const descriptor = descriptorFromDefinition(older.definition)
      for (const { json, bytes } of older.data) {
        expect(descriptor.toJSON(descriptor.decode(bytesOf(bytes)))).toEqual(json)
      }
    },
  )

  it.each(vectors.refusedDefinitions)('refuses a definition: $about', ({ bytes, code }) => {
    expect(thrown(() => decodeDefinition(bytesOf(bytes))).code).toBe(code)
  })
})
