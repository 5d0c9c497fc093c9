import fs from 'node:fs/promises'
import path from 'node:path'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { discoveryKeyOf, openStore } from '../src/index.ts'
import { temporaryFolder, temporaryStore } from './temporary-store.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })

describe('a store', () => {
  it('keeps logs by name across reopening, and gives one log for one name', async () => {
    const folder = path.join(await temporaryFolder(), 'deep', 'store')
    const store = await openStore(folder, { password: 'p' })
    const log = await store.open('readings')
    expect(await store.open('readings')).toBe(log)
    await log.append([b4a.from('a'), b4a.from('b')])
    const { key, discoveryKey } = log
    expect(discoveryKeyOf(key)).toEqual(discoveryKey)
    await store.close()
    await store.close()
    const again = await openStore(folder, { password: 'p' })
    const same = await again.open('readings')
    expect(same.key).toEqual(key)
    expect(same.length).toBe(2)
    expect(b4a.toString(await same.get(1))).toBe('b')
    await again.close()
  })

  it('tells which logs it knows by their public keys, also after reopening, and makes none by it', async () => {
    const folder = await temporaryFolder()
    const keys = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const
    const own = await (async () => {
      await using store = await openStore(folder)
      await store.openRemote(keys[0])
      return (await store.open('readings')).key
    })()
    await using store = await openStore(folder)
    for (let i = 0; i < 2; i++) {
      const known = await Promise.all([own, ...keys].map((key) => store.has(key)))
      expect(known).toEqual([true, true, false])
    }
  })

  it('refuses a wrong password before anything opens, and stays as it was', async () => {
    const folder = await temporaryFolder()
    await (await openStore(folder, { password: 'p' })).close()
    const before = await listing(folder)
    await expect(openStore(folder, { password: 'q' })).rejects.toEqual(code('PASSWORD_WRONG'))
    await expect(openStore(folder)).rejects.toEqual(code('PASSWORD_REQUIRED'))
    expect(await listing(folder)).toEqual(before)
    await (await openStore(folder, { password: 'p' })).close()
  })

  it('is one process’s at a time', async () => {
    const folder = await temporaryFolder()
    const store = await openStore(folder)
    await expect(openStore(folder)).rejects.toEqual(code('STORE_LOCKED'))
    await store.close()
    await (await openStore(folder)).close()
  })

  it('codes every bad folder', async () => {
    const folder = await temporaryFolder()
    const file = path.join(folder, 'file')
    await fs.writeFile(file, 'x')
    await expect(openStore(file)).rejects.toEqual(code('STORE_NOT_WRITABLE'))
    await expect(openStore(path.join(file, 'below'))).rejects.toEqual(code('STORE_NOT_WRITABLE'))
    const missing = path.join(folder, 'missing')
    await expect(openStore(missing, { createIfMissing: false })).rejects.toEqual(
      code('STORE_NOT_FOUND'),
    )
    await expect(openStore('')).rejects.toBeInstanceOf(TypeError)
    await expect(openStore('/proc/datagram')).rejects.toEqual(code('STORE_NOT_WRITABLE'))
  })

  it('takes no option for another', async () => {
    const folder = path.join(await temporaryFolder(), 'new')
    for (const options of [
      { durability: 'disc' },
      { passwordStrength: 'weak' },
      { password: 5 },
      { password: null },
      { password: '' },
    ]) {
      // @ts-expect-error none of these is an option
      await expect(openStore(folder, options)).rejects.toBeInstanceOf(TypeError)
    }
    await expect(fs.access(folder)).rejects.toThrow()
    const store = await temporaryStore()
    await expect(store.setPassword('')).rejects.toBeInstanceOf(TypeError)
  })

  it('does not take a store without its key, marks or device file for a new one', async () => {
    for (const [name, expected] of [
      ['key', 'KEY_FILE_MISSING'],
      ['marks', 'STORE_DAMAGED'],
      ['logs/CORESTORE', 'STORE_DAMAGED'],
    ] as const) {
      const folder = await temporaryFolder()
      const store = await openStore(folder)
      await (await store.open('a')).append(b4a.from('x'))
      await store.close()
      await fs.rm(path.join(folder, name))
      await expect(openStore(folder)).rejects.toEqual(code(expected))
    }
  })

  it('codes absurd names and keys', async () => {
    const store = await temporaryStore()
    await expect(store.open('')).rejects.toEqual(code('LOG_NAME_INVALID'))
    await expect(store.open('x'.repeat(513))).rejects.toEqual(code('LOG_NAME_INVALID'))
    await expect(store.openRemote(b4a.alloc(31))).rejects.toEqual(code('LOG_KEY_INVALID'))
    await (await store.open('../../etc/passwd\0')).append(b4a.from('fine: names are never paths'))
  })

  it('refuses everything after close', async () => {
    const store = await temporaryStore()
    const log = await store.open('a')
    await log.append(b4a.from('x'))
    await store.close()
    await expect(store.open('a')).rejects.toEqual(code('STORE_CLOSED'))
    await expect(store.compact()).rejects.toEqual(code('STORE_CLOSED'))
    await expect(log.get(0)).rejects.toEqual(code('LOG_CLOSED'))
    await expect(log.append(b4a.from('y'))).rejects.toEqual(code('LOG_CLOSED'))
    expect(() => store.derive('x')).toThrow(code('STORE_CLOSED'))
  })

  it('keeps no plaintext and no name in its files, and the search would find one', async () => {
    const folder = await temporaryFolder()
    const store = await openStore(folder, { password: 'p' })
    const canary = 'canary-7f3a-in-a-block'
    await (await store.open('canary-name-55')).append(b4a.from(canary))
    await (await store.open('plain', { cipherKey: null })).append(b4a.from('control-91c2-plain'))
    await store.compact()
    await store.close()
    const bytes = await contents(folder)
    expect(bytes.includes(canary)).toBe(false)
    expect(bytes.includes('canary-name-55')).toBe(false)
    expect(bytes.includes('control-91c2-plain')).toBe(true)
  })

  it('gives the bytes of evicted blocks back to the disk on compact', async () => {
    const store = await temporaryStore()
    const log = await store.open('a')
    for (let i = 0; i < 16; i++) await log.append(b4a.alloc(1024 * 1024, i))
    await log.evict({ start: 0, end: 16 })
    const before = (await store.usage()).diskBytes
    await store.compact()
    const after = (await store.usage()).diskBytes
    expect(before).toBeGreaterThan(16 * 1024 * 1024)
    expect(after).toBeLessThan(2 * 1024 * 1024)
  })

  it('changes its password without encrypting the data again', async () => {
    const folder = await temporaryFolder()
    const store = await openStore(folder, { password: 'one' })
    await (await store.open('a')).append(b4a.from('kept'))
    await store.setPassword('two')
    await store.setSecret('link', b4a.from('s'))
    await store.close()
    await expect(openStore(folder, { password: 'one' })).rejects.toEqual(code('PASSWORD_WRONG'))
    const again = await openStore(folder, { password: 'two' })
    expect(b4a.toString(await (await again.open('a')).get(0))).toBe('kept')
    expect(again.secret('link')).toEqual(b4a.from('s'))
    await again.close()
  })
})

async function listing(folder: string): Promise<string[]> {
  return (await fs.readdir(folder, { recursive: true })).sort()
}

async function contents(folder: string): Promise<Buffer> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const parts = files.map((entry) => fs.readFile(path.join(entry.parentPath, entry.name)))
  return Buffer.concat([
    ...(await Promise.all(parts)),
    Buffer.from(files.map((f) => f.name).join()),
  ])
}
