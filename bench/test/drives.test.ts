import path from 'node:path'
import { temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { openAuthor } from '../src/files/clone-tasks.ts'
import { drive } from '../src/files/drives.ts'
import {
  expectBytes,
  LARGE,
  largePart,
  largePieces,
  makeFolders,
  readSmall,
  smallPath,
  writeLarge,
  writeSmall,
} from '../src/files/file-workload.ts'
import { LinkedReplica } from '../src/linked-replica.ts'

const BYTES = 5_000_001
const FILES = 30
const some = Array.from({ length: FILES }, (_, i) => i)

describe.each(['our-files', 'hyperdrive', 'node:fs'] as const)('%s', (name) => {
  it('keeps what it is given, over a reopening', async () => {
    await using folder = await temporaryFolder()
    const before = await drive(name).open(folder.path)
    await makeFolders(before)
    await writeLarge(before, largePieces(BYTES))
    await writeSmall(before, FILES, 4)
    await before.close()
    const after = await drive(name).open(folder.path)
    await readSmall(after, some)
    let read = 0
    for await (const piece of after.readStream(LARGE)) {
      expectBytes(LARGE, piece, largePart(read, piece.byteLength))
      read += piece.byteLength
    }
    expect(read).toBe(BYTES)
    await expect(readSmall(after, [FILES])).rejects.toThrow(smallPath(FILES))
    await after.close()
  })
})

describe.each(['our-files', 'hyperdrive'] as const)('a replica of %s', (name) => {
  it('reads a part, brings everything here, and reads on without the author', async () => {
    await using folder = await temporaryFolder()
    const author = await openAuthor(
      { contender: drive(name), folder: folder.path, fixture: '' },
      path.join(folder.path, 'author'),
    )
    await makeFolders(author)
    await writeSmall(author, FILES)
    await writeLarge(author, largePieces(BYTES))
    const linked = await LinkedReplica.connect(author, path.join(folder.path, 'replica'), 2)
    const part = await linked.crossing(async (replica) => {
      await replica.open()
      expectBytes(LARGE, await replica.readPart(LARGE, 2_000_000, 99), largePart(2_000_000, 99))
    })
    expect(part.bytes).toBeLessThan(BYTES / 2)
    await linked.crossing((replica) => replica.download())
    linked.cut()
    expectBytes(LARGE, await linked.replica.read(LARGE), largePart(0, BYTES))
    await readSmall(linked.replica, some)
    await linked.close()
    await author.close()
  })
})
