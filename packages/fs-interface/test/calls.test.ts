import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { temporaryFs } from './temporary-fs.ts'

describe('the callback twins', () => {
  it('give what the promises do, and their errors', async () => {
    const fs = await temporaryFs()
    await promisify(fs.mkdir)('/a')
    await promisify(fs.writeFile)('/a/b', 'hello')
    expect(await promisify(fs.readFile)('/a/b', 'utf8')).toBe('hello')
    expect(await promisify(fs.exists)('/a/b')).toBe(true)
    expect(await promisify(fs.exists)('/a/c')).toBe(false)
    expect(await promisify(fs.realpath.native)('/a/../a/b')).toBe('/a/b')
    await expect(promisify(fs.stat)('/none')).rejects.toMatchObject({
      code: 'ENOENT',
      errno: -2,
      syscall: 'stat',
      path: '/none',
      message: "ENOENT: no such file or directory, stat '/none'",
    })
  })

  it('know open files by number', async () => {
    const fs = await temporaryFs()
    const fd = await promisify(fs.open)('/f', 'w+')
    const { bytesWritten } = await promisify(fs.write)(fd, Buffer.from('hello'), 0, 5, 0)
    expect(bytesWritten).toBe(5)
    const { bytesRead, buffer } = await promisify(fs.read)(fd, Buffer.alloc(3), 0, 3, 1)
    expect([bytesRead, buffer.toString()]).toEqual([3, 'ell'])
    expect((await promisify(fs.fstat)(fd)).size).toBe(5)
    await promisify(fs.ftruncate)(fd, 2)
    await promisify(fs.fsync)(fd)
    await promisify(fs.close)(fd)
    await expect(promisify(fs.close)(fd)).rejects.toMatchObject({ code: 'EBADF' })
  })

  it('throw at once for what is no path and where there is no callback', async () => {
    const fs = await temporaryFs()
    const invalid = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' })
    expect(() => fs.stat(7 as never as string, () => undefined)).not.toThrow()
    expect(() => fs.stat({} as never, () => undefined)).toThrow(invalid)
    expect(() => fs.stat('/a', undefined as never)).toThrow(invalid)
    expect(() => fs.stat('a\0b', () => undefined)).toThrow(TypeError)
  })

  it('have no synchronous ones, which name their twins', async () => {
    const fs = await temporaryFs()
    expect(() => fs.readFileSync('/a')).toThrow(/promises\.readFile/)
    expect(() => fs.existsSync('/a')).toThrow(expect.objectContaining({ code: 'FS_SYNC_ABSENT' }))
  })
})

describe('streams', () => {
  it('write and read files, whole and in part', async () => {
    const fs = await temporaryFs()
    const bytes = Buffer.alloc(1_000_000, 'abcdefg')
    const writing = fs.createWriteStream('/f')
    for (let at = 0; at < bytes.length; at += 10_000) {
      if (!writing.write(bytes.subarray(at, at + 10_000))) await once(writing, 'drain')
    }
    writing.end()
    await once(writing, 'close')
    expect(await fs.promises.readFile('/f')).toEqual(bytes)
    const parts: Buffer[] = []
    const range = { start: 300_000, end: 700_000, highWaterMark: 999 }
    for await (const part of fs.createReadStream('/f', range)) parts.push(part as Buffer)
    expect(Math.max(...parts.map(({ length }) => length))).toBe(999)
    expect(Buffer.concat(parts)).toEqual(bytes.subarray(300_000, 700_001))
    await pipeline(fs.createReadStream('/f'), fs.createWriteStream('/g', { flags: 'a' }))
    expect((await fs.promises.stat('/g')).size).toBe(bytes.length)
  })

  it('begin in the middle of a file, and fail as those of Node', async () => {
    const fs = await temporaryFs()
    await fs.promises.writeFile('/f', '0123456789')
    const writing = fs.createWriteStream('/f', { flags: 'r+', start: 3 })
    writing.end('xyz')
    await once(writing, 'close')
    expect(await fs.promises.readFile('/f', 'utf8')).toBe('012xyz6789')
    const [error] = await once(fs.createReadStream('/none'), 'error')
    expect(error).toMatchObject({ code: 'ENOENT', syscall: 'open' })
  })
})

describe('a file handle', () => {
  it('reads lines, streams and ranges, and is closed by its streams', async () => {
    const { promises } = await temporaryFs()
    await promises.writeFile('/f', 'one\ntwo\nthree\n')
    await using file = await promises.open('/f')
    const lines: string[] = []
    for await (const line of file.readLines({ autoClose: false, start: 0 })) lines.push(line)
    expect(lines).toEqual(['one', 'two', 'three'])
    const streamed = await new Response(file.readableWebStream() as never).text()
    expect(streamed).toBe('one\ntwo\nthree\n')
    const { bytesRead, buffers } = await file.readv([Buffer.alloc(3), Buffer.alloc(4)], 4)
    expect([bytesRead, Buffer.concat(buffers as Buffer[]).toString()]).toEqual([7, 'two\nthr'])
    const reading = file.createReadStream({ start: 4, end: 6, encoding: 'utf8' })
    expect(await reading.toArray()).toEqual(['two'])
    await expect(file.stat()).rejects.toMatchObject({ code: 'EBADF' })
  })

  it('writes at its place and appends, sees what others write, and outlives its name', async () => {
    const { promises } = await temporaryFs()
    const file = await promises.open('/f', 'w+')
    await file.write('hello')
    await file.writev([Buffer.from(' '), Buffer.from('world')])
    const other = await promises.open('/f', 'a+')
    await other.write('!', 0)
    await promises.unlink('/f')
    expect(await promises.readdir('/')).toEqual([])
    const { buffer, bytesRead } = await file.read({ position: 0 })
    expect(buffer.toString('utf8', 0, bytesRead)).toBe('hello world!')
    expect((await file.stat()).nlink).toBe(0)
    const stats = await file.stat({ bigint: true })
    expect(stats.mtimeNs / 1_000_000n).toBe(stats.mtimeMs)
    await other.close()
    await file.truncate(5)
    expect(await file.readFile('utf8')).toBe('')
    await file.close()
    await file.close()
  })
})

describe('paths', () => {
  it('are strings, bytes and URLs of any valid name', async () => {
    const { promises } = await temporaryFs()
    for (const name of [
      'ü',
      'u\u0308',
      '日本',
      ' ',
      '-',
      '\n',
      '…',
      '😀'.repeat(60),
      'x'.repeat(255),
    ]) {
      await promises.writeFile(`/${name}`, name)
      expect(await promises.readFile(Buffer.from(`/${name}`), 'utf8')).toBe(name)
      expect(await promises.readFile(pathToFileURL(`/${name}`), 'utf8')).toBe(name)
    }
    expect(await promises.readdir('/')).toHaveLength(9)
    const tooLong = { code: 'ENAMETOOLONG', syscall: 'open' }
    await expect(promises.writeFile(`/${'x'.repeat(256)}`, '')).rejects.toMatchObject(tooLong)
    await expect(promises.writeFile('/a/'.repeat(2000), '')).rejects.toMatchObject(tooLong)
    const notText = Buffer.from([0x2f, 0xff])
    await expect(promises.readFile(notText)).rejects.toMatchObject({ code: 'EILSEQ' })
  })

  it('are listed by name, type and depth', async () => {
    const { promises } = await temporaryFs()
    await promises.mkdir('/a/b', { recursive: true })
    await promises.writeFile('/a/b/c', '')
    await promises.symlink('b', '/a/link')
    expect(await promises.readdir('/', { recursive: true })).toEqual([
      'a',
      'a/b',
      'a/link',
      'a/b/c',
    ])
    const typed = await promises.readdir('/a', { withFileTypes: true })
    expect(typed.map((one) => [one.name, one.isDirectory(), one.isSymbolicLink()])).toEqual([
      ['b', true, false],
      ['link', false, true],
    ])
    const names: string[] = []
    for await (const { name, parentPath } of await promises.opendir('/a')) {
      names.push(`${parentPath}/${name}`)
    }
    expect(names).toEqual(['/a/b', '/a/link'])
    expect(await promises.readdir('/a', 'buffer')).toEqual([Buffer.from('b'), Buffer.from('link')])
    const made = await promises.mkdtemp('/a/tmp-')
    expect(made).toMatch(/^\/a\/tmp-\w{6}$/)
    await promises.rm('/a', { recursive: true })
    expect(await promises.readdir('/')).toEqual([])
  })
})
