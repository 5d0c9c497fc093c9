import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  copyStore,
  startChild,
  StoreImage,
  temporaryFolder,
  truncateFile,
} from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/index.ts'
import { RawCorestore, RawHypercoreStorage, rawLog, rawStore } from './raw-hypercore.ts'

// DESIGN §5: a copied store does not open (`DEVICE_FILE`); `allowBackup` would let it, and removes the
// lock too; a second process gets an error without a code.

const holder = new URL('./children/raw-holder.ts', import.meta.url)
const storeHolder = new URL('./children/store-holder.ts', import.meta.url)

async function closedRawStore(folder: string): Promise<void> {
  const store = await rawStore(folder)
  await (await rawLog(store)).append('one')
  await store.close()
}

/** The error of opening a raw store, or undefined. */
async function opening(
  folder: string,
  settings: object = {},
): Promise<NodeJS.ErrnoException | undefined> {
  const storage = new RawHypercoreStorage(folder, settings)
  const store = new RawCorestore(storage)
  try {
    await store.ready()
    return undefined
  } catch (error) {
    return error as NodeJS.ErrnoException
  } finally {
    await store.close().catch(() => storage.close().catch(() => undefined))
  }
}

describe('a copied store', () => {
  it('does not open in corestore, whichever way it was copied, but a moved one does', async () => {
    await using folder = await temporaryFolder()
    await closedRawStore(folder.join('store'))
    await copyStore(folder.join('store'), folder.join('plain'))
    await copyStore(folder.join('store'), folder.join('whole'), { attributes: true })
    expect(await opening(folder.join('plain'))).toMatchObject({
      code: 'DEVICE_FILE',
      message: 'Invalid device file, was moved unsafely',
    })
    expect(await opening(folder.join('whole'))).toMatchObject({
      code: 'DEVICE_FILE',
      message: 'Invalid device file, was modified',
    })
    await rename(folder.join('store'), folder.join('moved'))
    expect(await opening(folder.join('moved'))).toBeUndefined()
  })

  it('opens with allowBackup, which takes the device file’s lock away as well', async () => {
    await using folder = await temporaryFolder()
    await closedRawStore(folder.join('store'))
    await copyStore(folder.join('store'), folder.join('copy'))
    expect(await opening(folder.join('copy'), { allowBackup: true })).toBeUndefined()
    const storage = new RawHypercoreStorage(folder.join('store'), { allowBackup: true })
    expect((storage as unknown as { deviceFile: unknown }).deviceFile).toBeNull()
    await storage.close()
  })

  it('is refused by log-core with STORE_COPIED, untouched; the original and a moved store open', async () => {
    await using folder = await temporaryFolder()
    const store = await openStore(folder.join('store'))
    await (await store.open('log')).append(Buffer.from('one'))
    await store.close()
    for (const attributes of [false, true]) {
      const copy = folder.join(`copy-${attributes}`)
      await copyStore(folder.join('store'), copy, { attributes })
      const before = await StoreImage.take(copy)
      for (let attempt = 0; attempt < 2; attempt++) {
        await expect(openStore(copy)).rejects.toMatchObject({ code: 'STORE_COPIED' })
      }
      expect((await StoreImage.take(copy)).names).toEqual(before.names)
    }
    await rename(folder.join('store'), folder.join('moved'))
    await using moved = await openStore(folder.join('moved'))
    expect(await (await moved.open('log')).get(0)).toEqual(new Uint8Array(Buffer.from('one')))
  })
})

describe('a second process', () => {
  it('gets an error without a code from corestore', async () => {
    await using folder = await temporaryFolder()
    const child = startChild(holder, { options: { folder: folder.path } })
    await child.acknowledgement(1)
    const error = await opening(folder.path)
    expect(error?.message).toBe('File descriptor could not be locked')
    expect(error?.code).toBeUndefined()
    child.kill()
    await child.ended
    expect(await opening(folder.path)).toBeUndefined()
  })

  it('gets STORE_LOCKED from log-core, before the key file is touched', async () => {
    await using folder = await temporaryFolder()
    const options = { folder: folder.path, password: 'p' }
    const child = startChild(storeHolder, { options })
    await child.acknowledgement(1)
    const before = (await readdir(folder.path)).sort()
    // A key file that could not be used, and a wrong password: neither is found out.
    const key = await readFile(folder.join('key'))
    await truncateFile(folder.join('key'), 10)
    await expect(openStore(folder.path, { password: 'wrong' })).rejects.toMatchObject({
      code: 'STORE_LOCKED',
    })
    await writeFile(folder.join('key'), key)
    expect((await readdir(folder.path)).sort()).toEqual(before)
    child.kill()
    await child.ended
    await using store = await openStore(folder.path, { password: 'p' })
    expect((await store.open('log')).length).toBe(1)
  })
})

describe('a store that was put back from an old copy, in place', () => {
  it('is noticed by neither the device file nor the marks when all of it came back', async () => {
    // The limit of what one machine can know (DESIGN §6): only a peer that holds more can tell.
    await using folder = await temporaryFolder()
    const store = await openStore(folder.path)
    const log = await store.open('log')
    await log.append(Buffer.from('one'))
    await store.close()
    const old = await StoreImage.take(folder.path)
    const newer = await openStore(folder.path)
    await (await newer.open('log')).append(Buffer.from('two'))
    await newer.close()
    await old.restore()
    await using restored = await openStore(folder.path)
    const again = await restored.open('log')
    expect([again.length, again.problem]).toEqual([1, undefined])
  })

  it('is reported as rolled back when the marks are newer than the logs', async () => {
    await using folder = await temporaryFolder()
    const first = await openStore(folder.path)
    await (await first.open('log')).append(Buffer.from('one'))
    await first.close()
    const old = await StoreImage.take(join(folder.path, 'logs'))
    const newer = await openStore(folder.path)
    await (await newer.open('log')).append(Buffer.from('two'))
    await newer.close()
    await old.restore()
    await using restored = await openStore(folder.path)
    const log = await restored.open('log')
    expect(log.problem).toMatchObject({ code: 'LOG_ROLLED_BACK' })
    expect(log.writable).toBe(false)
    await expect(log.append(Buffer.from('other two'))).rejects.toMatchObject({
      code: 'LOG_ROLLED_BACK',
    })
    expect(await log.get(0)).toEqual(new Uint8Array(Buffer.from('one')))
  })
})
