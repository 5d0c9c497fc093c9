import fs from 'node:fs/promises'
import path from 'node:path'
import { isDatagramError } from '@datagram/errors'
import b4a from 'b4a'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../../test-vectors/log-core.json' with { type: 'json' }
import { decodeKeyFile, decodeSecrets, encodeKeyFile } from '../src/keys/key-file-format.ts'
import { deriveKey } from '../src/keys/key-derivation.ts'
import { KeyRing } from '../src/keys/key-ring.ts'
import { temporaryFolder } from './temporary-store.ts'

const newRing = async (password?: string) => {
  const file = path.join(await temporaryFolder(), 'key')
  return { file, ring: await KeyRing.create(file, password, 'interactive') }
}

describe('the key ring', () => {
  it('opens with its password, and with no other', async () => {
    const { file, ring } = await newRing('correct horse')
    const same = await KeyRing.open(file, 'correct horse')
    expect(same.derive('a')).toEqual(ring.derive('a'))
    expect(same.signingSeed('a')).toEqual(ring.signingSeed('a'))
    await expect(KeyRing.open(file, 'wrong')).rejects.toMatchObject({ code: 'PASSWORD_WRONG' })
    await expect(KeyRing.open(file, undefined)).rejects.toMatchObject({ code: 'PASSWORD_REQUIRED' })
  })

  it('is protected by its mode alone without a password', async () => {
    const { file, ring } = await newRing()
    expect((await fs.stat(file)).mode & 0o777).toBe(0o600)
    expect((await KeyRing.open(file, undefined)).derive('a')).toEqual(ring.derive('a'))
    await expect(KeyRing.open(file, 'x')).rejects.toMatchObject({ code: 'PASSWORD_UNEXPECTED' })
  })

  it('changes, sets and removes the password, and keeps the keys', async () => {
    const { file, ring } = await newRing('one')
    const key = ring.derive('a')
    await ring.setPassword('two', 'interactive')
    await expect(KeyRing.open(file, 'one')).rejects.toMatchObject({ code: 'PASSWORD_WRONG' })
    const second = await KeyRing.open(file, 'two')
    expect(second.derive('a')).toEqual(key)
    await second.setPassword(undefined, 'interactive')
    expect((await KeyRing.open(file, undefined)).derive('a')).toEqual(key)
  })

  it('takes a password typed in another Unicode form for the same', async () => {
    const { file } = await newRing('caf\u00e9')
    await expect(KeyRing.open(file, 'cafe\u0301')).resolves.toBeDefined()
  })

  it('keeps small secrets under the password', async () => {
    const { file, ring } = await newRing('one')
    await ring.setRecord('link', b4a.from('canary-in-a-record'))
    expect((await fs.readFile(file)).includes('canary-in-a-record')).toBe(false)
    expect((await KeyRing.open(file, 'one')).record('link')).toEqual(b4a.from('canary-in-a-record'))
  })

  it('says of every flipped byte that the file is damaged', async () => {
    const { file } = await newRing('one')
    const good = await fs.readFile(file)
    for (let i = 0; i < good.length; i++) {
      const bad = Buffer.from(good)
      bad[i] = (bad[i] as number) ^ 0x10
      await fs.writeFile(file, bad)
      await expect(KeyRing.open(file, 'one')).rejects.toMatchObject({ code: 'KEY_FILE_DAMAGED' })
    }
  })

  it('throws nothing but coded errors for 100,000 damaged files', () => {
    const good = b4a.from(vectors.keyFile.plain.hex, 'hex')
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.record({ at: fc.nat(good.length - 1), value: fc.nat(255) }).map(({ at, value }) => {
        const bad = Uint8Array.from(good)
        bad[at] = value
        return bad
      }),
    )
    fc.assert(
      fc.property(bytes, (file) => {
        for (const read of [decodeKeyFile, decodeSecrets]) {
          try {
            read(file)
          } catch (error) {
            if (!isDatagramError(error)) throw error
          }
        }
      }),
      { numRuns: 100_000 },
    )
  })
})

describe('the known answers', () => {
  it('hold for key derivation', () => {
    for (const { parent, label, context, hex } of vectors.derivedKeys) {
      const key = deriveKey(b4a.from(parent, 'hex'), label, b4a.from(context, 'hex'))
      expect(b4a.toString(key, 'hex')).toBe(hex)
    }
  })

  it('hold for a plain key file', () => {
    const { hex, contentKey, signingSeed, records } = vectors.keyFile.plain
    const file = decodeKeyFile(b4a.from(hex, 'hex'))
    expect(b4a.toString(encodeKeyFile(file), 'hex')).toBe(hex)
    const secrets = decodeSecrets(file.body)
    expect(b4a.toString(secrets.contentKey, 'hex')).toBe(contentKey)
    expect(b4a.toString(secrets.signingSeed, 'hex')).toBe(signingSeed)
    expect([...secrets.records].map(([name, value]) => [name, b4a.toString(value, 'hex')])).toEqual(
      records,
    )
  })

  it('hold for a key file with a password', async () => {
    const { hex, password, derivedA } = vectors.keyFile.sealed
    const file = path.join(await temporaryFolder(), 'key')
    await fs.writeFile(file, b4a.from(hex, 'hex'))
    const ring = await KeyRing.open(file, password)
    expect(b4a.toString(ring.derive('a'), 'hex')).toBe(derivedA)
  })
})
