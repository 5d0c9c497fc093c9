import { describe, expect, it } from 'vitest'
import { isNamedHash, parseNamedHash } from '../src/index.ts'
import { idOf, idOfContent, namedHashOf } from '../src/named-hash.ts'
import { code } from './temporary-objects.ts'

const hex = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

describe('a named hash', () => {
  it('is taken apart and put together', () => {
    expect(parseNamedHash(`SHA256-${hex}`)).toEqual({ algorithm: 'SHA256', hex })
    expect(namedHashOf(idOf(`SHA256-${hex}`))).toBe(`SHA256-${hex}`)
    expect(namedHashOf(idOfContent(new Uint8Array(0)))).toBe(`SHA256-${hex}`)
    expect(isNamedHash(`SHA256-${hex}`)).toBe(true)
  })

  it('of another algorithm says so', () => {
    const unknown = expect.objectContaining(code('HASH_ALGORITHM_UNKNOWN'))
    expect(() => parseNamedHash(`SHA512-${hex}${hex}`)).toThrow(unknown)
    expect(() => parseNamedHash(`BLAKE2B-${hex}`)).toThrow(unknown)
    expect(() => namedHashOf(new Uint8Array([9, 1, 2]))).toThrow(unknown)
    expect(isNamedHash(`SHA512-${hex}${hex}`)).toBe(false)
  })

  it.each([
    '',
    'SHA256',
    'SHA256-',
    hex,
    `SHA256-${hex}0`,
    `SHA256-${hex.slice(2)}`,
    `sha256-${hex}`,
    `SHA256-${hex.toUpperCase()}`,
    `SHA256-${hex}\n`,
    ` SHA256-${hex}`,
    `SHA256-../../etc/passwd`,
  ])('is not %j', (text) => {
    const malformed = expect.objectContaining(code('NAMED_HASH_MALFORMED'))
    expect(() => parseNamedHash(text)).toThrow(malformed)
    expect(isNamedHash(text)).toBe(false)
  })

  it('is a string', () => {
    expect(() => parseNamedHash(42 as never)).toThrow(TypeError)
  })
})
