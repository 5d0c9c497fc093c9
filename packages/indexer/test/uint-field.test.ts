import c from 'compact-encoding'
import { expect, it } from 'vitest'
import { readUint, uintBytes, uintBytesFrom, writeUint } from '../src/uint-field.ts'

it('writes and reads the uints of compact-encoding', () => {
  for (const value of [
    0, 1, 0xfc, 0xfd, 0xff, 0x100, 0xffff, 0x10000, 0xffffff, 0x80000000, 0xffffffff,
  ]) {
    const expected = c.encode(c.uint, value)
    const bytes = new Uint8Array(16)
    expect(writeUint(bytes, 3, value)).toBe(3 + expected.length)
    expect(bytes.subarray(3, 3 + expected.length)).toEqual(new Uint8Array(expected))
    expect(readUint(bytes, 3)).toBe(value)
    expect(uintBytes(value)).toBe(expected.length)
    expect(uintBytesFrom(bytes[3] as number)).toBe(expected.length)
  }
})

it('reads what is too large, or not there, as infinity', () => {
  expect(readUint(new Uint8Array(c.encode(c.uint, 2 ** 40)), 0)).toBe(Number.POSITIVE_INFINITY)
  expect(readUint(new Uint8Array(0), 0)).toBe(Number.POSITIVE_INFINITY)
})
