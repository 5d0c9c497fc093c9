import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import vectors from '../../../test-vectors/log-core.json' with { type: 'json' }
import { BlockCipher, SEAL_BYTES } from '../src/block-cipher.ts'

const key = b4a.alloc(32, 7)
const logKey = b4a.alloc(32, 9)

function sealed(cipher: BlockCipher, index: number, text: string): Uint8Array {
  const block = b4a.alloc(SEAL_BYTES + text.length)
  block.set(b4a.from(text), SEAL_BYTES)
  cipher.seal(index, block)
  return block
}

describe('a sealed block', () => {
  it('opens under its key, index and log, and nowhere else', () => {
    const cipher = new BlockCipher(key, logKey)
    const block = sealed(cipher, 5, 'hello')
    expect(b4a.toString(cipher.open(5, block) as Uint8Array)).toBe('hello')
    expect(cipher.open(6, block)).toBeUndefined()
    expect(cipher.open(5 + 2 ** 32, block)).toBeUndefined()
    expect(new BlockCipher(b4a.alloc(32, 8), logKey).open(5, block)).toBeUndefined()
    expect(new BlockCipher(key, b4a.alloc(32, 8)).open(5, block)).toBeUndefined()
    expect(cipher.open(5, block.subarray(0, 20))).toBeUndefined()
  })

  it('opens in its own memory likewise', () => {
    const cipher = new BlockCipher(key, logKey)
    const block = sealed(cipher, 5, 'hello')
    expect(cipher.openInPlace(5, block.subarray(0, 20))).toBeUndefined()
    expect(cipher.openInPlace(6, Uint8Array.from(block))).toBeUndefined()
    const opened = cipher.openInPlace(5, block) as Uint8Array
    expect(b4a.toString(opened)).toBe('hello')
    expect(opened.buffer).toBe(block.buffer)
  })

  it('differs each time, so equal plaintexts show nothing', () => {
    const cipher = new BlockCipher(key, logKey)
    expect(sealed(cipher, 5, 'hello')).not.toEqual(sealed(cipher, 5, 'hello'))
    const nonces = Array.from({ length: 1000 }, () =>
      b4a.toString(sealed(cipher, 5, 'hello').subarray(0, 24), 'hex'),
    )
    expect(new Set(nonces).size).toBe(1000)
  })

  it('does not open after any byte of it was changed', () => {
    const cipher = new BlockCipher(key, logKey)
    const block = sealed(cipher, 5, 'hello')
    for (let i = 0; i < block.length; i++) {
      const bad = Uint8Array.from(block)
      bad[i] = (bad[i] as number) ^ 1
      expect(cipher.open(5, bad)).toBeUndefined()
    }
  })

  it('has the known bytes', () => {
    const { cipherKey, logKey: log, index, hex, plain } = vectors.sealedBlock
    const cipher = new BlockCipher(b4a.from(cipherKey, 'hex'), b4a.from(log, 'hex'))
    const opened = cipher.open(index, b4a.from(hex, 'hex')) as Uint8Array
    expect(b4a.toString(opened, 'hex')).toBe(plain)
  })
})
