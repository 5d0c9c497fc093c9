import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import {
  copyStore,
  cutWriteAheadLog,
  flipByte,
  flipPlaces,
  Random,
  recordSyncs,
  StoreImage,
  storeFiles,
  type TemporaryFolder,
  temporaryFolder,
  truncateFile,
  walRecords,
} from '../src/index.ts'

const contents: Record<string, string> = {
  CORESTORE: 'inode=1',
  'datagram.key': 'k'.repeat(120),
  'db/000008.log': 'w'.repeat(5000),
  'db/000009.sst': 't'.repeat(900),
  'db/000010.blob': 'b'.repeat(700),
  'db/CURRENT': 'MANIFEST-000005\n',
  'db/IDENTITY': 'id',
  'db/LOCK': '',
  'db/MANIFEST-000005': 'm'.repeat(300),
  'db/OPTIONS-000007': 'o'.repeat(400),
}

async function fakeStore(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder()
  await mkdir(folder.join('db'))
  for (const [name, content] of Object.entries(contents))
    await writeFile(folder.join(name), content)
  return folder
}

describe('the files of a store', () => {
  it('are known by kind', async () => {
    await using folder = await fakeStore()
    const kinds = Object.fromEntries((await storeFiles(folder.path)).map((f) => [f.name, f.kind]))
    expect(kinds).toEqual({
      CORESTORE: 'corestore',
      'datagram.key': 'datagram.key',
      'db/000008.log': 'wal',
      'db/000009.sst': 'table',
      'db/000010.blob': 'blob',
      'db/CURRENT': 'current',
      'db/IDENTITY': 'identity',
      'db/LOCK': 'engine-lock',
      'db/MANIFEST-000005': 'manifest',
      'db/OPTIONS-000007': 'options',
    })
  })

  it('are flipped at 200 places and more, spread over every kind, edges included', async () => {
    await using folder = await fakeStore()
    const places = await flipPlaces(folder.path, { random: new Random(1) })
    expect(places.length).toBeGreaterThanOrEqual(200)
    const counts = new Map<string, number>()
    for (const { file } of places) counts.set(file.kind, (counts.get(file.kind) ?? 0) + 1)
    expect(counts.get('identity')).toBe(2)
    expect(counts.get('corestore')).toBe(7)
    for (const kind of ['wal', 'table', 'blob', 'manifest', 'options', 'datagram.key']) {
      expect(counts.get(kind)).toBeGreaterThan(20)
    }
    const wal = places.filter(({ file }) => file.kind === 'wal').map(({ offset }) => offset)
    expect(wal).toContain(0)
    expect(wal).toContain(4999)
    expect(new Set(wal).size).toBe(wal.length)
    expect(await flipPlaces(folder.path, { random: new Random(1) })).toEqual(places)
  })

  it('differ in one bit after a flip, and not after a second', async () => {
    await using folder = await fakeStore()
    const [place] = await flipPlaces(folder.path, { random: new Random(5), except: ['corestore'] })
    const read = () => readFile(place!.file.path)
    const before = await read()
    await flipByte(place!)
    const after = await read()
    const differences = [...after].filter((byte, i) => byte !== before[i])
    expect(differences).toHaveLength(1)
    await flipByte(place!)
    expect(await read()).toEqual(before)
    await expect(flipByte({ ...place!, offset: 1e6 })).rejects.toThrow(RangeError)
  })

  it('come back from an image into the same inodes, with their times', async () => {
    await using folder = await fakeStore()
    const path = folder.join('CORESTORE')
    await utimes(path, 1000, 1000)
    const { ino } = await stat(path)
    const image = await StoreImage.take(folder.path)
    await writeFile(path, 'something else, and longer')
    await writeFile(folder.join('db/000011.log'), 'newer')
    expect(await truncateFile(folder.join('db/CURRENT'), -1)).toBe(15)
    await image.restore({ removeOthers: false })
    expect(await readFile(folder.join('db/000011.log'), 'utf8')).toBe('newer')
    await image.restore()
    const restored = await storeFiles(folder.path)
    expect(restored.map(({ name }) => name)).toEqual(Object.keys(contents).sort())
    expect(image.names).toEqual(Object.keys(contents).sort())
    for (const { name, path } of restored) {
      expect(await readFile(path, 'utf8')).toBe(contents[name])
    }
    expect(await stat(path)).toMatchObject({ ino, mtime: new Date(1_000_000) })
    await image.restore({ keepTimes: false })
    expect((await stat(path)).mtimeMs).toBeGreaterThan(1_000_000)
  })

  it('are copied', async () => {
    await using folder = await fakeStore()
    await using other = await temporaryFolder()
    await copyStore(folder.path, other.join('plain'))
    await copyStore(folder.path, other.join('whole'), { attributes: true })
    const names = async (path: string) => (await storeFiles(path)).map(({ name }) => name)
    expect(await names(other.join('plain'))).toEqual(await names(folder.path))
    expect(await names(other.join('whole'))).toEqual(await names(folder.path))
    await expect(copyStore(folder.path, other.join('plain'))).rejects.toThrow()
  })

  it('lose the end of the newest write-ahead log', async () => {
    await using folder = await fakeStore()
    await writeFile(folder.join('db/000012.log'), 'x'.repeat(100))
    const lost = await cutWriteAheadLog(folder.path, (bytes) => bytes.byteLength / 2)
    expect(lost).toEqual({ name: 'db/000012.log', bytesBefore: 100, bytesKept: 50 })
  })
})

describe('recordSyncs', () => {
  it('sees every style of sync', async () => {
    await using folder = await temporaryFolder()
    const seen: number[] = []
    const stop = await recordSyncs(({ bytes }) => seen.push(bytes))
    const fs = await import('node:fs')
    const path = folder.join('file')
    const handle = await fs.promises.open(path, 'a')
    const write = () => fs.writeSync(handle.fd, 'x')
    for (const sync of [fs.fsync, fs.fdatasync]) {
      write()
      await new Promise((resolve) => sync(handle.fd, resolve))
    }
    for (const sync of [fs.fsyncSync, fs.fdatasyncSync]) {
      write()
      sync(handle.fd)
    }
    write()
    await handle.sync()
    write()
    await handle.datasync()
    expect(seen).toEqual([1, 2, 3, 4, 5, 6])
    stop()
    fs.fsyncSync(handle.fd)
    await handle.close()
    expect(seen).toHaveLength(6)
  })
})

describe('walRecords', () => {
  /** One record as RocksDB writes it, split at 32 KiB blocks; checksums are not filled in. */
  function logOf(payloads: readonly Uint8Array[]): { bytes: Buffer; ends: number[] } {
    const pieces: Buffer[] = []
    const ends: number[] = []
    let offset = 0
    for (const payload of payloads) {
      for (let at = 0, first = true; first || at < payload.byteLength; first = false) {
        let left = 32_768 - (offset % 32_768)
        if (left < 7) {
          pieces.push(Buffer.alloc(left))
          offset += left
          left = 32_768
        }
        const length = Math.min(left - 7, payload.byteLength - at)
        const last = at + length === payload.byteLength
        const header = Buffer.alloc(7)
        header.writeUInt16LE(length, 4)
        header[6] = first ? (last ? 1 : 2) : last ? 4 : 3
        pieces.push(header, Buffer.from(payload.subarray(at, at + length)))
        offset += 7 + length
        at += length
      }
      ends.push(offset)
    }
    return { bytes: Buffer.concat(pieces), ends }
  }

  it('finds the bounds of the records, over the edges of blocks too', () => {
    const batch = (sequence: number, bytes: number) => {
      const payload = Buffer.alloc(bytes, 7)
      payload.writeBigUInt64LE(BigInt(sequence), 0)
      payload.writeUInt32LE(3, 8)
      return payload
    }
    const payloads = [batch(1, 100), batch(4, 32_640), batch(7, 100_000), batch(10, 20)]
    const { bytes, ends } = logOf(payloads)
    const records = walRecords(bytes)
    expect(records.map(({ end }) => end)).toEqual(ends)
    expect(records.map(({ sequence, count }) => [sequence, count])).toEqual([
      [1, 3],
      [4, 3],
      [7, 3],
      [10, 3],
    ])
    expect(walRecords(bytes.subarray(0, bytes.byteLength - 1))).toHaveLength(3)
    expect(walRecords(Buffer.alloc(100))).toEqual([])
  })
})
