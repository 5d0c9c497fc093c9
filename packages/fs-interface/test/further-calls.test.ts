import nodefs from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFs } from './temporary-fs.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })

describe('a drop-in for node:fs', () => {
  it('has everything that node:fs has, and its promises', async () => {
    const fs = await temporaryFs()
    // Node's own name for its own tests, and former names of the streams.
    const internal = [
      '_toUnixTimestamp',
      'FileReadStream',
      'FileWriteStream',
      'lchmod',
      'lchmodSync',
    ]
    const missing = Object.keys(nodefs).filter((name) => !(name in fs) && !internal.includes(name))
    expect(missing).toEqual([])
    expect(Object.keys(nodefs.promises).filter((name) => !(name in fs.promises))).toEqual([])
    const [ours, theirs] = [await fs.promises.open('/f', 'w'), await nodefs.promises.open('/')]
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(theirs) as object)
    await Promise.all([ours.close(), theirs.close()])
    expect(methods.filter((name) => !(name in ours) && name !== 'getAsyncId')).toEqual([])
  })

  it('has synchronous calls that each throw and name a twin that there is', async () => {
    const fs = await temporaryFs()
    for (const name of Object.keys(nodefs).filter((one) => one.endsWith('Sync'))) {
      let message = ''
      try {
        ;(fs as unknown as Record<string, () => void>)[name]?.()
      } catch (error) {
        expect(error, name).toEqual(code('FS_SYNC_ABSENT'))
        message = (error as Error).message
      }
      const [, twin = ''] = /use promises\.(.*)$/.exec(message) ?? []
      const isThere = twin in fs.promises || twin.startsWith('FileHandle.')
      expect(isThere, `${name}: ${twin}`).toBe(true)
    }
  })
})

describe('glob', () => {
  it('finds what patterns name', async () => {
    const fs = await temporaryFs()
    await fs.promises.mkdir('/src/deep/er', { recursive: true })
    const names = [
      '/src/a.ts',
      '/src/b.js',
      '/src/deep/c.ts',
      '/src/deep/er/d.ts',
      '/src/.hidden.ts',
    ]
    for (const name of names) await fs.promises.writeFile(name, '')
    const found = async (
      pattern: string | readonly string[],
      options?: Parameters<typeof fs.promises.glob>[1] & { readonly withFileTypes?: false },
    ) => {
      const all: string[] = []
      for await (const name of fs.promises.glob(pattern, options)) all.push(name)
      return all
    }
    expect(await found('src/*.ts')).toEqual(['src/a.ts'])
    expect(await found('**/*.ts')).toEqual(['src/a.ts', 'src/deep/c.ts', 'src/deep/er/d.ts'])
    expect(await found('/src/*.{js,ts}')).toEqual(['/src/a.ts', '/src/b.js'])
    expect(await found(['*.js', 'deep/*'], { cwd: '/src' })).toEqual([
      'b.js',
      'deep/c.ts',
      'deep/er',
    ])
    expect(await found('**/*.ts', { exclude: ['src/deep'] })).toEqual(['src/a.ts'])
    const exclude = (name: unknown) => name === 'src/deep/er'
    expect(await found('**/*.ts', { exclude })).toEqual(['src/a.ts', 'src/deep/c.ts'])
    expect(await found('none/*')).toEqual([])
    for await (const one of fs.promises.glob('src/d*', { withFileTypes: true })) {
      expect([one.name, one.isDirectory()]).toEqual(['deep', true])
    }
    await expect(found(7 as never)).rejects.toThrow(code('ERR_INVALID_ARG_TYPE'))
  })
})

describe('a file as a blob', () => {
  it('is read when it is asked for, whole and in part, until the file changes', async () => {
    const fs = await temporaryFs()
    const text = 'hello, world '.repeat(200_000)
    await fs.promises.writeFile('/f', text)
    const blob = await fs.openAsBlob('/f', { type: 'text/plain' })
    expect([blob.size, blob.type]).toEqual([text.length, 'text/plain'])
    expect(await blob.text()).toBe(text)
    expect(await blob.slice(7, 12).text()).toBe('world')
    expect(await blob.slice(-6).slice(0, 5).text()).toBe('world')
    expect((await blob.slice(13).arrayBuffer()).byteLength).toBe(text.length - 13)
    expect(await new Response(blob.slice(0, 5).stream() as ReadableStream).text()).toBe('hello')
    await fs.promises.appendFile('/f', 'more')
    await expect(blob.text()).rejects.toThrow('could not be read')
    await expect(fs.openAsBlob('/none')).rejects.toThrow(code('ENOENT'))
    await expect(fs.openAsBlob('/')).rejects.toThrow(code('EISDIR'))
  })
})

describe('watchFile', () => {
  it('tells how a file was and is, and ends', async () => {
    const fs = await temporaryFs()
    const seen: string[] = []
    const listener = (now: nodefs.Stats, before: nodefs.Stats) => {
      seen.push(`${before.size} ${now.size}`)
    }
    const watcher = fs.watchFile('/f', { interval: 5, persistent: false }, listener)
    onTestFinished(() => fs.unwatchFile('/f'))
    const soon = { timeout: 30_000 }
    await expect.poll(() => seen, soon).toEqual(['0 0'])
    await fs.promises.writeFile('/f', 'abc')
    await expect.poll(() => seen, soon).toEqual(['0 0', '0 3'])
    const stopped = new Promise((resolve) => watcher.once('stop', resolve))
    fs.unwatchFile('/f', listener)
    await stopped
    expect(() => fs.watchFile('/f', undefined as never)).toThrow(code('ERR_INVALID_ARG_TYPE'))
  })
})
