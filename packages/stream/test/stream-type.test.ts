import { defineDescriptor, encodeDefinition } from '@datagram/descriptors'
import { Random } from '@datagram/fault-harness'
import type { IndexEntry, OrderedReader } from '@datagram/indexer'
import { encode } from '@datagram/log-core'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { descriptorKey, descriptorRecord } from '../src/descriptor-record.ts'
import { streamType, StreamTypes } from '../src/stream-type.ts'
import { code } from './open-streams.ts'

const Note = defineDescriptor({ name: 'Note', version: 1, fields: { text: 'text' } })
const { id } = Note

/** A stranger's records, as many as are asked for, each with this definition. */
function recordsOf(definition: Uint8Array) {
  const reader = {
    read: 0,
    async *range(): AsyncGenerator<IndexEntry, undefined> {
      for (let number = 1; ; number++) {
        reader.read = number
        yield [descriptorKey(number), encode(descriptorRecord, { id, definition })]
      }
    },
  }
  return { reader, types: new StreamTypes(reader as unknown as OrderedReader) }
}

describe('the types of a stranger', () => {
  it('are read up to a bound of their number, and of the bytes of their definitions', async () => {
    const many = recordsOf(encodeDefinition(Note))
    await expect(many.types.all()).rejects.toMatchObject(code('TYPES_TOO_MANY'))
    expect(many.reader.read).toBe(4097)
    const large = recordsOf(new Uint8Array(1024 * 1024))
    await expect(large.types.all()).rejects.toMatchObject(code('TYPES_TOO_MANY'))
    expect(large.reader.read).toBe(9)
  })

  it('whose definitions are hostile are said to be so, and harm nothing', () => {
    const random = new Random(Date.now())
    const valid = encodeDefinition(Note)
    for (let i = 0; i < 20_000; i++) {
      const definition = b4a.from(valid)
      for (let changes = random.between(1, 4); changes > 0; changes--) {
        definition[random.between(0, definition.length)] = random.between(0, 256)
      }
      const type = streamType(1, { id, definition })
      if (b4a.equals(definition, valid)) continue
      expect(type.descriptor, `seed ${random.seed}`).toBeUndefined()
      expect(type.problem).toHaveProperty('code')
    }
  })
})
