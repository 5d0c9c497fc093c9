import fs from 'node:fs/promises'
import path from 'node:path'
import {
  Random,
  seededRun,
  smallDisk,
  startChild,
  StoreImage,
  storeFiles,
  type TemporaryFolder,
  temporaryFolder,
} from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { openDatagram } from '../../src/index.ts'
import { contentsOf } from './contents.ts'
import { fill } from './filled-datagram.ts'

const holder = new URL('./children/holder.ts', import.meta.url)
const MIB = 1024 * 1024
const code = (expected: string) => ({ code: expected })

/** A closed datagram with something in it, under a password. */
async function closedDatagram(folder: TemporaryFolder): Promise<string> {
  const store = folder.join('store')
  await using datagram = await openDatagram(store, { password: 'correct horse' })
  await fill(datagram, new Random(1), { streams: 2, entries: 5, sizes: [20, 2000] })
  return store
}

/** Content of every file, by name. */
async function contentOfFiles(folder: string): Promise<Map<string, string>> {
  const files = await storeFiles(folder)
  const contents = files.map(async ({ name, path: file }) => {
    return [name, await fs.readFile(file, 'latin1')] as const
  })
  return new Map(await Promise.all(contents))
}

/** Expects `opening` to be refused with a code within two seconds, and every file to be as it was. */
async function expectRefused(
  store: string,
  opening: () => Promise<unknown>,
  expected: string,
): Promise<void> {
  const before = await contentOfFiles(store)
  const start = Date.now()
  await expect(opening()).rejects.toMatchObject(code(expected))
  expect(Date.now() - start).toBeLessThan(2000)
  expect(await contentOfFiles(store)).toEqual(before)
}

describe('a store is refused with a code, and stays as it was,', () => {
  it('under no, a wrong and an impossible password', async () => {
    await using folder = await temporaryFolder()
    const store = await closedDatagram(folder)
    await expectRefused(store, () => openDatagram(store), 'PASSWORD_REQUIRED')
    await expectRefused(store, () => openDatagram(store, { password: 'wrong' }), 'PASSWORD_WRONG')
    for (const password of ['', 5, null] as string[]) {
      await expect(openDatagram(store, { password })).rejects.toThrow(TypeError)
      await expect(openDatagram(folder.join('new'), { password })).rejects.toThrow(TypeError)
    }
    await expect(fs.access(folder.join('new'))).rejects.toThrow()
    await (await openDatagram(store, { password: 'correct horse' })).close()
  })

  it('when it has none and one is given', async () => {
    await using folder = await temporaryFolder()
    const store = folder.join('store')
    await (await openDatagram(store)).close()
    await expectRefused(store, () => openDatagram(store, { password: 'p' }), 'PASSWORD_UNEXPECTED')
  })

  it('while another process holds it, and opens when that one was killed', async () => {
    await using folder = await temporaryFolder()
    const store = folder.join('store')
    await (await openDatagram(store)).close()
    const child = startChild(holder, { options: store })
    await child.acknowledgement(1)
    await expectRefused(store, () => openDatagram(store), 'STORE_LOCKED')
    child.kill()
    await child.ended
    await (await openDatagram(store)).close()
  })

  it('with any byte of its key file changed, the file cut at any place, and the file gone', {
    timeout: 60_000,
  }, async () => {
    await using folder = await temporaryFolder()
    const store = await closedDatagram(folder)
    const file = path.join(store, 'key')
    const key = await fs.readFile(file)
    const image = await StoreImage.take(store)
    const outcomes = new Set<string>()
    const open = () => openDatagram(store, { password: 'correct horse' })
    for (let i = 0; i < key.byteLength; i++) {
      const flipped = Buffer.from(key)
      flipped[i] = (key[i] as number) ^ (1 << (i % 8))
      for (const damaged of [flipped, key.subarray(0, i)]) {
        await fs.writeFile(file, damaged)
        outcomes.add(
          await open().then(
            () => 'open',
            (error: { code: string }) => error.code,
          ),
        )
        expect(Buffer.compare(await fs.readFile(file), damaged)).toBe(0)
      }
    }
    expect([...outcomes]).toEqual(['KEY_FILE_DAMAGED'])
    await fs.rm(file)
    await expectRefused(store, open, 'KEY_FILE_MISSING')
    await image.restore()
    await using datagram = await open()
    expect(Object.keys(await contentsOf(datagram))).toEqual(['stream 0', 'stream 1'])
  })

  it('in a place that cannot be: a file, below a file, a disk that is not writable, a full one', async () => {
    await using folder = await temporaryFolder()
    await fs.writeFile(folder.join('file'), 'mine')
    const impossible = [folder.join('file'), folder.join('file', 'x'), folder.join('x'.repeat(300))]
    if (process.platform === 'linux') impossible.push('/proc/datagram', '/dev/full/datagram')
    for (const place of impossible) {
      await expect(openDatagram(place)).rejects.toMatchObject(code('STORE_NOT_WRITABLE'))
    }
    await expect(
      openDatagram(folder.join('nowhere'), { createIfMissing: false }),
    ).rejects.toMatchObject(code('STORE_NOT_FOUND'))
    expect(await fs.readdir(folder.path)).toEqual(['file'])
    // A folder whose parents are missing is made, as the README says.
    await (await openDatagram(folder.join('a', 'b', 'c'))).close()

    await using disk = await smallDisk(16 * MIB)
    await (await openDatagram(disk.join('store'))).close()
    await disk.setReadOnly(true)
    const opening = () => openDatagram(disk.join('store'))
    await expectRefused(disk.join('store'), opening, 'STORE_NOT_WRITABLE')
    await expect(openDatagram(disk.join('new'))).rejects.toMatchObject(code('STORE_NOT_WRITABLE'))
    await disk.setReadOnly(false)
    await disk.fill()
    await expect(openDatagram(disk.join('new'))).rejects.toMatchObject(code('DISK_FULL'))
    await disk.makeRoom()
    await (await openDatagram(disk.join('store'))).close()
  })

  it('whose disk is full refuses writes, reads on, and writes on once there is room', {
    timeout: 60_000,
  }, async () => {
    await seededRun(async (random) => {
      await using disk = await smallDisk(48 * MIB)
      await using datagram = await openDatagram(disk.join('store'))
      const kv = await datagram.kv('kv')
      const written = new Map<string, string>()
      const set = async () => {
        const value = Buffer.from(random.bytes(random.pick([10, 3000, 40_000]))).toString('hex')
        const key = `key ${written.size}`
        await kv.set(key, value)
        written.set(key, value)
      }
      for (let i = 0; i < 20; i++) await set()
      await disk.fill(64 * 1024)
      let failure: unknown
      for (let i = 0; i < 5000 && failure === undefined; i++) {
        failure = await set().catch((error: unknown) => error)
      }
      expect(failure).toMatchObject(code('DISK_FULL'))
      await expect(datagram.kv('another')).rejects.toMatchObject(code('DISK_FULL'))
      for (const [key, value] of written) expect(await kv.get(key)).toBe(value)
      await disk.makeRoom()
      // The engine looks for room every five seconds.
      await expect
        .poll(() => set().then(() => 'set'), { timeout: 15_000, interval: 250 })
        .toBe('set')
      await (await datagram.kv('another')).set('a', 'b')
      await datagram.close()
      await using again = await openDatagram(disk.join('store'))
      const reopened = await again.kv('kv')
      for (const [key, value] of written) expect(await reopened.get(key)).toBe(value)
      expect(await (await again.kv('another')).get('a')).toBe('b')
    })
  })
})
