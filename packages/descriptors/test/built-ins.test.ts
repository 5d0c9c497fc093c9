import assert from 'node:assert/strict'
import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtIns, descriptorFromDefinition } from '../src/index.ts'
import { dataOf } from './random-definitions.ts'

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), '../definitions/streams')

describe('the built-in types', () => {
  it.each(builtIns)('$name round-trips through bytes and JSON', (descriptor) => {
    fc.assert(
      fc.property(dataOf(descriptor.definition), (data) => {
        const bytes = descriptor.encode(data)
        const value = descriptor.decode(bytes)
        assert.deepStrictEqual(value, descriptor.create(data))
        const json = JSON.parse(JSON.stringify(descriptor.toJSON(data))) as unknown
        assert.deepEqual(descriptor.encode(descriptor.fromJSON(json)), bytes)
      }),
      { numRuns: 100 },
    )
  })

  // `npx pnpm definitions` writes the files anew.
  it.each(builtIns)('$name is in definitions/streams as it is in the code', async (descriptor) => {
    const text = `${JSON.stringify(descriptor, null, 2)}\n`
    await expect(text).toMatchFileSnapshot(path.join(folder, `${descriptor.name}.json`))
    const again = descriptorFromDefinition(JSON.parse(text))
    expect(again.idText).toBe(descriptor.idText)
  })

  it('are all that is in definitions/streams', async () => {
    const files = await fs.readdir(folder)
    expect(files.sort()).toEqual(builtIns.map(({ name }) => `${name}.json`).sort())
  })

  it('say what each is for, and of each its fields', () => {
    for (const descriptor of builtIns) {
      expect(descriptor.describe()).toMatch(/— .+\./)
      expect(descriptorFromDefinition(descriptor.definition).idText).toBe(descriptor.idText)
    }
  })
})
