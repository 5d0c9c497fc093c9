import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeDefinition,
  type Definition,
  descriptorFromDefinition,
  encodeDefinition,
} from '../src/index.ts'
import { dataOf, definition } from './random-definitions.ts'

const definitionAndData = definition(3).chain((each) =>
  fc.tuple(fc.constant(each), fc.array(dataOf(each), { minLength: 1, maxLength: 4 })),
)

describe('any definition and any data of it', () => {
  it('round-trips through bytes and through JSON, and what is read is written the same again', () => {
    fc.assert(
      fc.property(definitionAndData, ([each, list]) => {
        const descriptor = descriptorFromDefinition(each)
        for (const data of list) {
          const value = descriptor.create(data as never)
          const bytes = descriptor.encode(data as never)
          const decoded = descriptor.decode(bytes)
          assert.deepStrictEqual(decoded, value)
          assert.deepEqual(descriptor.encode(decoded), bytes)
          assert.deepEqual(descriptor.encode(value), bytes)
          const json = JSON.stringify(descriptor.toJSON(data as never))
          const imported = descriptor.fromJSON(JSON.parse(json))
          assert.deepStrictEqual(imported, value)
          assert.deepEqual(descriptor.encode(imported), bytes)
        }
      }),
      { numRuns: 600 },
    )
  })

  it('is a definition that round-trips through bytes and through JSON, with the same id', () => {
    fc.assert(
      fc.property(definition(4), (each) => {
        const descriptor = descriptorFromDefinition(each)
        const bytes = encodeDefinition(descriptor)
        assert.deepStrictEqual(decodeDefinition(bytes), descriptor.definition)
        const json = JSON.stringify(descriptor)
        const again = descriptorFromDefinition(JSON.parse(json))
        assert.deepStrictEqual(again.definition, descriptor.definition)
        expect(again.idText).toBe(descriptor.idText)
        expect(again.describe()).toBe(descriptor.describe())
      }),
      { numRuns: 300 },
    )
  })

  it('is read by those who know only some of its optional fields at the end, and the other way round', () => {
    fc.assert(
      fc.property(definition(2), definition(2), fc.gen(), (older, more, gen) => {
        const newer = extended(older, more)
        const data = gen(dataOf, newer)
        const [reader, writer] = [older, newer].map(descriptorFromDefinition) as [Reader, Reader]
        const known = Object.fromEntries(
          Object.entries(data).filter(([key]) => older.fields.some(({ name }) => name === key)),
        )
        assert.deepStrictEqual(reader.decode(writer.encode(data)), reader.create(known))
        assert.deepStrictEqual(writer.decode(reader.encode(known)), writer.create(known))
      }),
      { numRuns: 300 },
    )
  })
})

type Reader = ReturnType<typeof descriptorFromDefinition>

/** `older` with the fields of `more` that it does not have, as optional ones at the end. */
function extended(older: Definition, more: Definition): Definition {
  const names = new Set(older.fields.map(({ name }) => name))
  const added = more.fields.filter(({ name }) => !names.has(name))
  return {
    ...older,
    fields: [...older.fields, ...added.map((each) => ({ ...each, optional: true as const }))],
  }
}
