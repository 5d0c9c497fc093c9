import fs from 'node:fs/promises'
import path from 'node:path'
import { findBytes } from '@datagram/fault-harness'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import vectors from '../../../test-vectors/log-core.json' with { type: 'json' }
import { openStore } from '../src/index.ts'
import { openSealedFile } from '../src/sealed-file.ts'
import { temporaryFolder } from './temporary-store.ts'

const hex = (text: string) => b4a.from(text, 'hex')

describe('a sealed file', () => {
  it('is there after reopening, newest content only, and nobody reads it from the disk', async () => {
    const folder = await temporaryFolder()
    const canary = 'canary-sealed-3b9e77a1'
    const store = await openStore(folder)
    expect(await store.readSealed('peers')).toBe(undefined)
    await Promise.all([
      store.writeSealed('peers', b4a.from('old')),
      store.writeSealed('peers', b4a.from(canary)),
      store.writeSealed('other', b4a.from('x')),
    ])
    await store.close()
    await expect(store.writeSealed('peers', b4a.from('late'))).rejects.toMatchObject({
      code: 'STORE_CLOSED',
    })
    const again = await openStore(folder)
    expect(b4a.toString((await again.readSealed('peers')) as Uint8Array)).toBe(canary)
    await again.close()
    expect(await findBytes(canary, { folder })).toEqual([])
    const { mode } = await fs.stat(path.join(folder, 'sealed', 'peers'))
    expect(mode & 0o777).toBe(0o600)
  })

  it('takes no name that leads elsewhere', async () => {
    const store = await openStore(await temporaryFolder())
    for (const name of ['', '../key', 'A', 'a'.repeat(33)]) {
      await expect(store.readSealed(name)).rejects.toBeInstanceOf(TypeError)
      await expect(store.writeSealed(name, b4a.from('x'))).rejects.toBeInstanceOf(TypeError)
    }
    await store.close()
  })

  it('that is damaged says so, whichever byte it is, and under another name or key', () => {
    const { key, name, content, hex: file } = vectors.sealedFile
    expect(openSealedFile(name, hex(key), hex(file))).toEqual(new Uint8Array(hex(content)))
    const open = (bytes: Uint8Array) => () => openSealedFile(name, hex(key), bytes)
    const damaged = expect.objectContaining({ code: 'STORE_DAMAGED' })
    for (let i = 0; i < hex(file).length; i++) {
      const bad = hex(file)
      bad[i] = (bad[i] as number) ^ 1
      if (i === 4) bad[i] = 2
      const expected = i === 4 ? { code: 'STORE_VERSION_UNKNOWN' } : { code: 'STORE_DAMAGED' }
      expect(open(bad)).toThrow(expect.objectContaining(expected))
      expect(open(hex(file).subarray(0, i))).toThrow(damaged)
    }
    expect(() => openSealedFile('other', hex(key), hex(file))).toThrow(damaged)
    expect(() => openSealedFile(name, hex(file).subarray(0, 32), hex(file))).toThrow(damaged)
  })
})

describe('a key pair of a store', () => {
  it('is the same at each opening, another for each purpose and each store', async () => {
    const folder = await temporaryFolder()
    const pairs: string[] = []
    for (const [where, label] of [
      [folder, 'datagram/1/peer'],
      [folder, 'datagram/1/peer'],
      [folder, 'datagram/1/else'],
      [await temporaryFolder(), 'datagram/1/peer'],
    ] as const) {
      const store = await openStore(where)
      const { publicKey, secretKey } = store.keyPair(label)
      expect([publicKey.byteLength, secretKey.byteLength]).toEqual([32, 64])
      pairs.push(b4a.toString(publicKey, 'hex'))
      await store.close()
    }
    expect(pairs[0]).toBe(pairs[1])
    expect(new Set(pairs).size).toBe(3)
  })
})
