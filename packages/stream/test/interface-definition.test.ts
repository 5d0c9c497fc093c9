import { describe, expect, it } from 'vitest'
import { defineInterface } from '../src/index.ts'

const valid = { name: 'counter', contract: 1, version: 1, open: () => ({}) }
const defineAny = (definition: unknown) => defineInterface(definition as typeof valid)

describe('defineInterface', () => {
  it('returns a frozen definition', () => {
    const definition = defineInterface(valid)
    expect(definition).toMatchObject({ name: 'counter', version: 1 })
    expect(Object.isFrozen(definition)).toBe(true)
  })

  it.each([
    ['nothing', undefined],
    ['no name', { ...valid, name: undefined }],
    ['an empty name', { ...valid, name: '' }],
    ['an absurd name', { ...valid, name: 'Counter!' }],
    ['a long name', { ...valid, name: 'a'.repeat(65) }],
    ['version 0', { ...valid, version: 0 }],
    ['half a version', { ...valid, version: 1.5 }],
    ['no open', { ...valid, open: undefined }],
    ['a close that is no function', { ...valid, close: 1 }],
    ['a migrate that is no function', { ...valid, migrate: {} }],
    ['requires that is no object', { ...valid, requires: 1 }],
    ['a required interface that is none', { ...valid, requires: { kv: {} } }],
    ['a slot that is no name', { ...valid, requires: { 'k/v': valid } }],
  ])('refuses %s', (_, definition) => {
    expect(() => defineAny(definition)).toThrow(TypeError)
  })

  it('refuses another version of the contract with a code', () => {
    expect(() => defineAny({ ...valid, contract: 2 })).toThrowError(
      expect.objectContaining({ code: 'INTERFACE_CONTRACT_UNKNOWN' }),
    )
  })
})
