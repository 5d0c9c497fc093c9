import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import nodefs from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it, onTestFinished } from 'vitest'
import { logsOf, streamOver, temporaryStore } from '../../stream/test/open-streams.ts'
import { entryKey } from '../src/fs-key.ts'
import { type FolderProgress, fsInterface } from '../src/index.ts'
import { encodeEntry } from '../src/inode.ts'
import { temporaryFs } from './temporary-fs.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })

async function testFolder(): Promise<string> {
  const folder = await temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  return folder.path
}

/** A folder with what folders have: depth, modes, times, links of both kinds, odd names, a pipe. */
async function manyKinds(): Promise<string> {
  const root = path.join(await testFolder(), 'root')
  await nodefs.mkdir(path.join(root, 'a/b/empty'), { recursive: true })
  await nodefs.writeFile(path.join(root, 'small'), 'small', { mode: 0o640 })
  await nodefs.writeFile(path.join(root, 'none'), '')
  await nodefs.writeFile(path.join(root, 'a/large'), randomBytes(3_000_001))
  await nodefs.writeFile(path.join(root, 'a/b/ü 😀'), 'odd')
  await nodefs.chmod(path.join(root, 'a/b/ü 😀'), 0o4755)
  await nodefs.link(path.join(root, 'a/large'), path.join(root, 'hard'))
  await nodefs.link(path.join(root, 'a/large'), path.join(root, 'a/b/hard too'))
  await nodefs.symlink('../large', path.join(root, 'a/b/relative'))
  await nodefs.symlink('/etc/passwd', path.join(root, 'absolute'))
  await nodefs.symlink('nowhere', path.join(root, 'dangling'))
  await nodefs.lutimes(path.join(root, 'dangling'), 1_000_000, 1_000_000.5)
  await nodefs.utimes(path.join(root, 'small'), 1_234_567.25, 1_234_567.125)
  await nodefs.utimes(path.join(root, 'a/b'), 2_000_000, 2_000_000)
  await nodefs.chmod(path.join(root, 'a/b'), 0o750)
  return root
}

interface Seen {
  readonly type: string
  readonly mode: number
  readonly mtimeMs: number
  readonly content: string
  readonly names: number
}

type Calls = Pick<typeof nodefs, 'lstat' | 'readdir' | 'readFile' | 'readlink'>

/** Everything below a folder, on either side. */
async function pictureOf(calls: Calls, root: string): Promise<Record<string, Seen>> {
  const all: Record<string, Seen> = {}
  const visit = async (at: string) => {
    for (const name of (await calls.readdir(path.join(root, at))).sort()) {
      const relative = path.posix.join(at, name)
      const where = path.join(root, relative)
      const stats = await calls.lstat(where)
      const type = stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : 'link'
      const mode = type === 'link' ? 0 : stats.mode & 0o1777
      const content =
        type === 'directory'
          ? ''
          : type === 'link'
            ? await calls.readlink(where)
            : (await calls.readFile(where)).toString('base64')
      const names = type === 'file' ? stats.nlink : 1
      // As far as both can tell.
      all[relative] = { type, mode, mtimeMs: Math.round(stats.mtimeMs), content, names }
      if (type === 'directory') await visit(relative)
    }
  }
  await visit('')
  return all
}

describe('a folder', () => {
  it('goes in and comes out with modes, times and links, and nothing goes twice', async () => {
    const root = await manyKinds()
    await promisify(execFile)('mkfifo', [path.join(root, 'pipe')])
    const fs = await temporaryFs()
    const seen: FolderProgress[] = []
    const done = await fs.importFolder(root, { path: '/in', onProgress: (one) => seen.push(one) })
    expect(done).toMatchObject({
      files: 4,
      directories: 3,
      links: 5,
      unchanged: 0,
      bytes: 3_000_009,
    })
    expect(done.skipped).toEqual(['pipe'])
    expect(seen.at(-1)).toEqual(done)
    await nodefs.unlink(path.join(root, 'pipe'))
    const expected = await pictureOf(nodefs, root)
    expect(await pictureOf(fs.promises, '/in')).toEqual(expected)
    const none = { files: 0, directories: 0, links: 0, unchanged: 9, bytes: 0 }
    expect(await fs.importFolder(root, { path: '/in' })).toMatchObject(none)

    const out = path.join(await testFolder(), 'new', 'out')
    expect(await fs.exportFolder(out, { path: '/in' })).toMatchObject({ files: 4, links: 5 })
    expect(await pictureOf(nodefs, out)).toEqual(expected)
    expect(await fs.exportFolder(out, { path: '/in' })).toMatchObject(none)
  })

  it('goes on where it was cut off, and leaves nothing half-written', async () => {
    const root = await testFolder()
    for (let i = 0; i < 60; i++) await nodefs.writeFile(path.join(root, `f${i}`), randomBytes(5000))
    const fs = await temporaryFs()
    const ended = new AbortController()
    const cut = fs.importFolder(root, {
      signal: ended.signal,
      onProgress: ({ files }) => files >= 20 && ended.abort(),
    })
    await expect(cut).rejects.toThrow('aborted')
    const before = (await fs.promises.readdir('/')).length
    expect(before).toBeGreaterThanOrEqual(20)
    // As a process that died would have left it.
    await fs.promises.writeFile(`/.datagram-${crypto.randomUUID()}.partial`, 'half')
    const done = await fs.importFolder(root)
    expect(done).toMatchObject({ files: 60 - before, unchanged: before })
    expect(await pictureOf(fs.promises, '/')).toEqual(await pictureOf(nodefs, root))
  })

  it('is mirrored by what differs, both ways, and what a filter refuses is left alone', async () => {
    const root = await manyKinds()
    const fs = await temporaryFs()
    await fs.mirror(root, { direction: 'in' })
    await fs.promises.writeFile('/only here', 'x')
    await fs.promises.mkdir('/small dir/deep', { recursive: true })
    await nodefs.writeFile(path.join(root, 'small'), 'changed')
    await nodefs.unlink(path.join(root, 'none'))
    await nodefs.mkdir(path.join(root, 'none'))
    await nodefs.rm(path.join(root, 'a/b'), { recursive: true })
    await nodefs.writeFile(path.join(root, 'a/b'), 'a file now')
    await nodefs.chmod(path.join(root, 'a/large'), 0o600)
    const done = await fs.mirror(root, { direction: 'in' })
    expect(done).toMatchObject({ files: 2, directories: 1, removed: 2, bytes: 17 })
    const expected = await pictureOf(nodefs, root)
    expect(await pictureOf(fs.promises, '/')).toEqual(expected)

    await nodefs.writeFile(path.join(root, 'kept'), 'x')
    await nodefs.writeFile(path.join(root, 'gone'), 'x')
    await fs.promises.unlink('/absolute')
    const filter = (at: string) => at !== 'kept'
    expect(await fs.mirror(root, { direction: 'out', filter })).toMatchObject({ removed: 2 })
    await nodefs.unlink(path.join(root, 'kept'))
    expect(await pictureOf(nodefs, root)).toEqual(await pictureOf(fs.promises, '/'))
    await expect(fs.mirror(root, {} as never)).rejects.toThrow(TypeError)
  })

  it('meets what is in its way with the errors of node:fs, and names the path', async () => {
    const root = await testFolder()
    await nodefs.mkdir(path.join(root, 'a'))
    await nodefs.writeFile(path.join(root, 'b'), 'x')
    const fs = await temporaryFs()
    await fs.promises.writeFile('/a', 'x')
    await expect(fs.importFolder(root)).rejects.toThrow(code('ENOTDIR'))
    await fs.promises.unlink('/a')
    await fs.promises.rm('/b', { force: true })
    await fs.promises.mkdir('/b')
    await expect(fs.importFolder(root)).rejects.toThrow(code('EISDIR'))
    await expect(fs.importFolder(path.join(root, 'none'))).rejects.toThrow(code('ENOENT'))
    await expect(fs.importFolder(path.join(root, 'b'))).rejects.toThrow(code('ENOTDIR'))
    const bytes = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff])])
    await nodefs.writeFile(bytes, 'x')
    await fs.promises.rmdir('/b')
    await expect(fs.importFolder(root)).rejects.toThrow(code('EILSEQ'))
  })
})

describe('an export', () => {
  const hostile = ['..', '.', '', '../outside', '/etc/passwd', 'a/b', 'a\0b']
  it.each(hostile)('refuses the name %j', async (name) => {
    const stream = await streamOver(await logsOf(await temporaryStore()), fsInterface)
    const fs = stream.api
    await fs.promises.writeFile('/file', 'x')
    await stream.main.write((tx) => {
      const entry = { mode: 0o100644, home: 1, ino: 2 }
      tx.put(entryKey(1, Buffer.from(name)), encodeEntry(entry))
    })
    const home = await testFolder()
    const out = path.join(home, 'out')
    await expect(fs.exportFolder(out)).rejects.toThrow(code('FS_NAME_REFUSED'))
    expect(await nodefs.readdir(home)).toEqual(['out'])
  })

  it('ends at a directory that lies in itself', async () => {
    const stream = await streamOver(await logsOf(await temporaryStore()), fsInterface)
    await stream.api.promises.mkdir('/a')
    const { ino } = await stream.api.promises.stat('/a')
    await stream.main.write((tx) => {
      tx.put(entryKey(ino, Buffer.from('b')), encodeEntry({ mode: 0o040755, home: 1, ino }))
    })
    const exporting = stream.api.exportFolder(await testFolder())
    await expect(exporting).rejects.toThrow(code('FS_TREE_CYCLE'))
  })

  it('follows no link that is in its way', async () => {
    const fs = await temporaryFs()
    await fs.promises.mkdir('/a')
    await fs.promises.writeFile('/a/f', 'x')
    await fs.promises.writeFile('/g', 'x')
    const [out, outside] = [await testFolder(), await testFolder()]
    await nodefs.writeFile(path.join(outside, 'kept'), 'kept')
    await nodefs.symlink(outside, path.join(out, 'a'))
    await nodefs.symlink(path.join(outside, 'kept'), path.join(out, 'g'))
    await expect(fs.exportFolder(out)).rejects.toThrow(code('ENOTDIR'))
    await fs.mirror(out, { direction: 'out' })
    expect(await nodefs.readFile(path.join(out, 'a/f'), 'utf8')).toBe('x')
    expect(await nodefs.readFile(path.join(out, 'g'), 'utf8')).toBe('x')
    expect(await nodefs.readdir(outside)).toEqual(['kept'])
    expect(await nodefs.readFile(path.join(outside, 'kept'), 'utf8')).toBe('kept')
  })

  it('stays in its folder when a directory is swapped for a link meanwhile', async () => {
    const fs = await temporaryFs()
    await fs.promises.mkdir('/a/deep', { recursive: true })
    for (let i = 0; i < 40; i++) await fs.promises.writeFile(`/a/f${i}`, 'x')
    await fs.promises.writeFile('/a/deep/f', 'x')
    const [out, outside] = [await testFolder(), await testFolder()]
    let swapped: Promise<void> | undefined
    const swap = async () => {
      await nodefs.rename(path.join(out, 'a'), path.join(out, 'moved'))
      await nodefs.symlink(outside, path.join(out, 'a'))
    }
    const onProgress = ({ files }: FolderProgress) => {
      if (files >= 5) swapped ??= swap()
    }
    await fs.exportFolder(out, { onProgress }).catch(() => undefined)
    await swapped
    expect(await nodefs.readdir(outside)).toEqual([])
    expect((await nodefs.readdir(path.join(out, 'moved'))).length).toBeGreaterThanOrEqual(5)
  })

  it('takes no bit along that would run a file as its owner', async () => {
    const fs = await temporaryFs()
    await fs.promises.writeFile('/f', 'x')
    await fs.promises.chmod('/f', 0o6755)
    const out = await testFolder()
    await fs.exportFolder(out)
    expect((await nodefs.stat(path.join(out, 'f'))).mode & 0o7777).toBe(0o755)
  })
})
