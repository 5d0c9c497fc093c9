import { createRequire } from 'node:module'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import type { DatagramFs } from '../../src/index.ts'
import { temporaryFs } from '../temporary-fs.ts'

/** tar-fs ships no types: as far as it is used here. */
interface TarFs {
  pack(folder: string, options: { readonly fs: DatagramFs }): NodeJS.ReadableStream
  extract(folder: string, options: { readonly fs: DatagramFs }): NodeJS.WritableStream
}

const require = createRequire(import.meta.url)
const tar = require('tar-fs') as TarFs

describe('tar-fs', () => {
  it('packs a folder and extracts it again', { timeout: 60_000 }, async () => {
    const fs = await temporaryFs()
    const { promises } = fs
    const large = Buffer.alloc(3_000_000, 'large')
    await promises.mkdir('/a/b/empty', { recursive: true })
    await promises.writeFile('/a/b/ü.txt', 'hello')
    await promises.writeFile('/a/large', large)
    await promises.writeFile('/a/run', '', { mode: 0o755 })
    await promises.utimes('/a/run', 1_600_000_000, 1_600_000_000)
    await promises.symlink('run', '/a/link')
    await pipeline(tar.pack('/a', { fs }), tar.extract('/copy', { fs }))
    const names = await promises.readdir('/copy', { recursive: true })
    expect(names.sort()).toEqual((await promises.readdir('/a', { recursive: true })).sort())
    expect(await promises.readFile('/copy/b/ü.txt', 'utf8')).toBe('hello')
    expect((await promises.readFile('/copy/large')).equals(large)).toBe(true)
    expect(await promises.readlink('/copy/link')).toBe('run')
    const { mode, mtimeMs } = await promises.stat('/copy/run')
    expect([mode & 0o777, mtimeMs]).toEqual([0o755, 1_600_000_000_000])
  })
})
