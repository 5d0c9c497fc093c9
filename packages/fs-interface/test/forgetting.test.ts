import { Random } from '@datagram/fault-harness'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import {
  assertSound,
  connect,
  finds,
  logsOf,
  type Logs,
  replicaLogsOf,
  streamOver,
  temporaryStore,
} from '../../stream/test/open-streams.ts'
import { type FilePromises, fsInterface, type FsOptions } from '../src/index.ts'

const KIB = 1024
const random = new Random(Date.now())
const textOf = (bytes: number) => b4a.toString(random.bytes(bytes / 2), 'hex')
const code = (expected: string) => expect.objectContaining({ code: expected })

async function author(options?: FsOptions, logs?: Logs) {
  const own = logs ?? (await logsOf(await temporaryStore()))
  const stream = await streamOver(own, fsInterface, options)
  return { logs: own, stream, fs: stream.api.promises }
}

/** Small and in the index, in a block with others, in blocks of its own, and with bytes written over it. */
const sizes = [100, 16 * KIB, 256 * KIB]

interface Case {
  readonly name: string
  readonly end: (fs: FilePromises, at: string, previous: 'keep' | 'forget') => Promise<void>
  /** Whether the name goes too. */
  readonly withName: boolean
}

const cases: readonly Case[] = [
  {
    name: 'overwritten',
    end: (fs, at, previous) => fs.writeFile(at, 'other', { previous }),
    withName: false,
  },
  {
    name: 'truncated',
    end: (fs, at, previous) => fs.truncate(at, 10, { previous }),
    withName: false,
  },
  {
    name: 'copied over',
    end: async (fs, at, previous) => {
      await fs.writeFile('/other', 'other')
      await fs.copyFile('/other', at, 0, { previous })
    },
    withName: false,
  },
  {
    name: 'written over in an open file',
    end: async (fs, at, previous) => {
      await using file = await fs.open(at, 'r+')
      const { size } = await file.stat()
      await file.writeFile('o'.repeat(size), { previous })
    },
    withName: false,
  },
  {
    name: 'emptied in an open file',
    end: async (fs, at, previous) => {
      await using file = await fs.open(at, 'r+')
      await file.truncate(0, { previous })
    },
    withName: false,
  },
  { name: 'unlinked', end: (fs, at, previous) => fs.unlink(at, { previous }), withName: true },
  { name: 'removed', end: (fs, at, previous) => fs.rm(at, { previous }), withName: true },
  {
    name: 'removed with its directory',
    end: (fs, _, previous) => fs.rm('/in', { recursive: true, previous }),
    withName: true,
  },
  {
    name: 'replaced by another',
    end: async (fs, at, previous) => {
      await fs.writeFile('/other', 'other')
      await fs.rename('/other', at, { previous })
    },
    withName: false,
  },
  {
    name: 'renamed and emptied',
    end: async (fs, at, previous) => {
      await fs.rename(at, '/other', { previous })
      await fs.truncate('/other', 0, { previous })
    },
    withName: true,
  },
]

/** Stores a file and what is put over a part of it later; the secrets in it. */
async function secretFile(fs: FilePromises, at: string, size: number): Promise<string[]> {
  const [first, second] = [textOf(size), textOf(size)]
  await fs.mkdir('/in', { recursive: true })
  await fs.writeFile(at, first)
  await Promise.all([fs.writeFile('/in/beside', 'kept'), fs.writeFile(at, second)])
  const over = textOf(20 * KIB)
  await using file = await fs.open(at, 'r+')
  if (size > 20 * KIB) await file.write(over, size - over.length)
  // What stays when all but ten bytes are cut off is no secret.
  const secrets = [first.slice(50), second.slice(50, -over.length), over]
  return secrets.slice(0, size > 20 * KIB ? 3 : 1).filter((secret) => secret.length > 40)
}

describe.each(cases)('what is $name', ({ end, withName }) => {
  it.each(sizes)('goes as the stream retains it, %s bytes', async (size) => {
    const { logs, stream, fs } = await author({ retain: 'latest' })
    const name = textOf(200)
    const secrets = await secretFile(fs, `/in/${name}`, size)
    await end(fs, `/in/${name}`, 'keep')
    await stream.compact()
    if (withName) secrets.push(name)
    for (const secret of secrets) expect(await finds(logs, b4a.from(secret))).toEqual([])
    await assertSound(stream)
  })

  it.each(sizes)('is forgotten where it is asked, %s bytes, here and elsewhere', async (size) => {
    const { logs, stream, fs } = await author()
    const name = textOf(200)
    const secrets = await secretFile(fs, `/in/${name}`, size)
    await stream.index.flush()
    const replicaLogs = await replicaLogsOf(await temporaryStore(), logs)
    let cut = connect(logs, replicaLogs)
    const replica = await streamOver(replicaLogs, fsInterface)
    await replica.download()
    await cut()
    if (withName) secrets.push(name)
    for (const secret of secrets) {
      expect(await finds(logs, b4a.from(secret))).not.toEqual([])
      expect(await finds(replicaLogs, b4a.from(secret))).not.toEqual([])
    }
    await end(fs, `/in/${name}`, 'forget')
    for (const secret of secrets) expect(await finds(logs, b4a.from(secret))).toEqual([])
    await assertSound(stream)
    cut = connect(logs, replicaLogs)
    await replica.download()
    for (const secret of secrets) expect(await finds(replicaLogs, b4a.from(secret))).toEqual([])
    await cut()
  })
})

describe('what was overwritten and unlinked', () => {
  const policies: readonly (readonly [FsOptions['retain'], readonly boolean[]])[] = [
    ['all', [true, true, true, true]],
    [{ days: 1 }, [true, true, true, true]],
    [{ versions: 2 }, [false, false, true, true]],
    [{ days: 0 }, [false, false, false, true]],
    ['latest', [false, false, false, true]],
  ]
  it.each(policies)('stays as far as the stream retains %j', async (retain, stays) => {
    const { logs, stream, fs } = await author({ retain })
    const contents = Array.from({ length: 4 }, () => textOf(16 * KIB))
    // Its name is written with this, and stays.
    await fs.writeFile('/f', 'first')
    for (const content of contents) await fs.writeFile('/f', content)
    const removed = textOf(16 * KIB)
    await fs.writeFile('/removed', removed)
    await fs.unlink('/removed')
    await stream.compact()
    const found = async (text: string) => (await finds(logs, b4a.from(text))).length > 0
    expect(await Promise.all(contents.map(found))).toEqual(stays)
    // That it was removed is a version, too: of two, the one before it stays.
    expect(await found(removed)).toBe(stays[2])
    expect(await fs.readFile('/f', 'utf8')).toBe(contents[3])
    await assertSound(stream)
  })
})

describe('a file that is forgotten', () => {
  it('stays while it is open, and goes when it is closed', async () => {
    const { logs, fs } = await author()
    const secret = textOf(16 * KIB)
    await fs.writeFile('/f', secret)
    const file = await fs.open('/f')
    await fs.unlink('/f', { previous: 'forget' })
    expect(await file.readFile('utf8')).toBe(secret)
    await file.close()
    await expect.poll(() => finds(logs, b4a.from(secret)), { timeout: 30_000 }).toEqual([])
  })

  it('goes with the next open, where the process ended with it open', async () => {
    const { logs, fs, stream } = await author()
    const secret = textOf(16 * KIB)
    await fs.writeFile('/f', secret)
    await fs.open('/f')
    await fs.unlink('/f', { previous: 'forget' })
    await stream.close()
    const again = await author(undefined, logs)
    await expect.poll(() => finds(logs, b4a.from(secret)), { timeout: 30_000 }).toEqual([])
    expect(await again.fs.readdir('/')).toEqual([])
  })

  it('takes the target of a link with it, and leaves other names of a file what they name', async () => {
    const { logs, fs } = await author()
    const [target, kept] = [textOf(200), textOf(16 * KIB)]
    await fs.symlink(target, '/link')
    await fs.writeFile('/a', kept)
    await fs.link('/a', '/b')
    await fs.unlink('/link', { previous: 'forget' })
    await fs.unlink('/a', { previous: 'forget' })
    expect(await finds(logs, b4a.from(target))).toEqual([])
    expect(await fs.readFile('/b', 'utf8')).toBe(kept)
  })

  it.each(sizes)('goes in pieces, as they are written over, %s bytes', async (size) => {
    const { logs, stream, fs } = await author()
    const secrets = await secretFile(fs, '/f', size)
    await using file = await fs.open('/f', 'r+')
    const half = b4a.alloc(Math.ceil(size / 2), 0x6f)
    await file.write(half, { position: size - half.length, previous: 'forget' })
    await file.write(half, { position: 0, previous: 'forget' })
    for (const secret of secrets) expect(await finds(logs, b4a.from(secret))).toEqual([])
    expect(await fs.readFile('/f', 'utf8')).toBe('o'.repeat(size))
    await assertSound(stream)
  })

  it('leaves what stands beside what was written over, and what was there before an append', async () => {
    const { logs, stream, fs } = await author()
    const [first, second, kept] = [textOf(KIB), textOf(KIB), textOf(300 * KIB)]
    await fs.writeFile('/f', `${first}${kept}`)
    await using file = await fs.open('/f', 'r+')
    await file.write(Buffer.from(second), { position: 0, previous: 'forget' })
    expect(await finds(logs, b4a.from(first))).toEqual([])
    expect(await fs.readFile('/f', 'utf8')).toBe(`${second}${kept}`)
    await file.write(Buffer.from('o'.repeat(KIB)), 0, KIB, 0)
    await fs.appendFile('/f', 'end', { previous: 'forget' })
    await fs.writeFile('/f', 'of all', { flag: 'a', previous: 'forget' })
    expect(await fs.readFile('/f', 'utf8')).toBe(`${'o'.repeat(KIB)}${kept}endof all`)
    expect((await file.stat()).size).toBe(KIB + kept.length + 9)
    await expect(file.write(Buffer.from('x'), { previous: 'gone' as 'keep' })).rejects.toThrow(
      code('ERR_INVALID_ARG_VALUE'),
    )
    await assertSound(stream)
  })

  it('needs a word that is known', async () => {
    const { fs } = await author()
    const invalid = code('ERR_INVALID_ARG_VALUE')
    await expect(fs.unlink('/f', { previous: 'gone' as 'forget' })).rejects.toThrow(invalid)
    await expect(fs.copyFile('/f', '/g', 0, { previous: 'gone' as 'keep' })).rejects.toThrow(
      invalid,
    )
  })
})
