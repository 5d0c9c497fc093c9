import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { code, eventually, sharedDatagram, temporaryClone } from './temporary-datagram.ts'

const GIB = 2 ** 30
const CELL_BYTES = 256 * 1024

describe('the files of a clone', () => {
  it('are those of the author, read-only, and show what happens to them', async () => {
    const { datagram, link, address } = await sharedDatagram()
    const { promises: mine } = await datagram.fs('files')
    const bytes = randomBytes(700_000)
    await mine.mkdir('/a/b', { recursive: true })
    await mine.writeFile('/a/b/large', bytes)
    await mine.writeFile('/a/small', 'before')
    const copy = await temporaryClone(link, { connect: [address] })
    const files = await copy.fs('files')
    const { promises: theirs } = files
    expect(await theirs.readdir('/', { recursive: true })).toEqual([
      'a',
      'a/b',
      'a/small',
      'a/b/large',
    ])
    expect((await theirs.readFile('/a/b/large')).equals(bytes)).toBe(true)
    const readOnly = code('EROFS')
    await expect(theirs.writeFile('/a/new', '')).rejects.toMatchObject(readOnly)
    await expect(theirs.open('/a/small', 'r+')).rejects.toMatchObject(readOnly)
    await expect(theirs.mkdir('/b')).rejects.toMatchObject(readOnly)
    await expect(theirs.access('/a', 2)).rejects.toMatchObject(readOnly)
    await expect(theirs.open('/none')).rejects.toMatchObject(code('ENOENT'))

    const handle = await theirs.open('/a/small')
    const names: string[] = []
    files.watch('/a').on('change', (_type, name) => names.push(String(name)))
    await mine.writeFile('/a/small', 'after')
    await eventually(async () => {
      await copy.update()
      return (await theirs.readFile('/a/small', 'utf8')) === 'after' ? true : undefined
    })
    expect(await handle.readFile('utf8')).toBe('after')
    await mine.unlink('/a/small')
    await eventually(async () => {
      await copy.update()
      return (await theirs.readdir('/a')).length === 1 ? true : undefined
    })
    // The author has removed it: it is as it was when it was opened.
    const { buffer, bytesRead } = await handle.read({ position: 0 })
    expect(buffer.toString('utf8', 0, bytesRead)).toBe('before')
    await handle.close()
    await eventually(async () => (names.includes('small') ? true : undefined))
  })

  it('fetch for 4 KB in the middle of 1 GB at most two chunks of it', {
    timeout: 60_000,
  }, async () => {
    const { datagram, link, address } = await sharedDatagram()
    const { promises: mine } = await datagram.fs('files')
    const cell = randomBytes(CELL_BYTES)
    await using file = await mine.open('/large', 'w')
    // Something in each of its 4,096 cells, so that the index is that of a full file.
    const places = Array.from({ length: GIB / CELL_BYTES }, (_, i) => i * CELL_BYTES)
    await Promise.all(places.map((at) => file.write(cell, 0, 16, at)))
    await file.write(cell, 0, CELL_BYTES, GIB / 2)
    await file.truncate(GIB)
    const copy = await temporaryClone(link, { connect: [address], sparse: true })
    const { promises: theirs } = await copy.fs('files')
    const before = copy.stats().wire.bytesIn
    await using far = await theirs.open('/large')
    const { buffer } = await far.read({ buffer: Buffer.alloc(4096), position: GIB / 2 + 100_000 })
    expect(buffer.equals(cell.subarray(100_000, 104_096))).toBe(true)
    expect(copy.stats().wire.bytesIn - before).toBeLessThan(2 * CELL_BYTES)
  })
})
