import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import type { DatagramFs } from '../../src/index.ts'
import { temporaryFs } from '../temporary-fs.ts'

/** fs-extra ships no types: as far as it is used here. */
interface FsExtra {
  copy(from: string, to: string, options?: object): Promise<void>
  move(from: string, to: string, options?: object): Promise<void>
  remove(path: string): Promise<void>
  emptyDir(path: string): Promise<void>
  ensureDir(path: string): Promise<void>
  ensureFile(path: string): Promise<void>
  ensureLink(from: string, to: string): Promise<void>
  ensureSymlink(from: string, to: string): Promise<void>
  outputFile(path: string, data: string): Promise<void>
  outputJson(path: string, data: unknown, options?: object): Promise<void>
  readJson(path: string): Promise<unknown>
  pathExists(path: string): Promise<boolean>
}

/** fs-extra takes its `fs` from graceful-fs alone: that module is ours while it loads. */
function fsExtraOn(fs: DatagramFs): FsExtra {
  const require = createRequire(import.meta.url)
  const inner = createRequire(require.resolve('fs-extra'))
  const at = inner.resolve('graceful-fs')
  const before = require.cache[at]
  const isOfIt = (file: string) => /node_modules\/(fs-extra|jsonfile)\//.test(file)
  const forget = () => {
    for (const file of Object.keys(require.cache)) if (isOfIt(file)) delete require.cache[file]
  }
  forget()
  require.cache[at] = { exports: fs, loaded: true, id: at, filename: at } as NodeJS.Module
  try {
    return inner('fs-extra') as FsExtra
  } finally {
    forget()
    if (before === undefined) delete require.cache[at]
    else require.cache[at] = before
  }
}

describe('fs-extra', () => {
  it('copies, moves, removes and writes JSON', { timeout: 60_000 }, async () => {
    const fs = await temporaryFs()
    const extra = fsExtraOn(fs)
    const { promises } = fs
    await extra.outputFile('/a/b/c.txt', 'hello')
    await extra.outputJson('/a/d/e.json', { ü: [1, 2] }, { spaces: 2 })
    expect(await extra.readJson('/a/d/e.json')).toEqual({ ü: [1, 2] })
    await extra.ensureSymlink('/a/b/c.txt', '/a/link')
    await extra.ensureLink('/a/b/c.txt', '/a/twin')
    expect((await promises.stat('/a/twin')).nlink).toBe(2)
    await extra.copy('/a', '/copy', { preserveTimestamps: true })
    expect((await promises.readdir('/copy', { recursive: true })).sort()).toEqual(
      (await promises.readdir('/a', { recursive: true })).sort(),
    )
    expect(await promises.readFile('/copy/link', 'utf8')).toBe('hello')
    await extra.move('/copy', '/deep/er/moved')
    expect(await extra.pathExists('/copy')).toBe(false)
    await expect(extra.move('/a/b', '/deep/er/moved')).rejects.toThrow('dest already exists')
    await extra.move('/a/b', '/deep/er/moved', { overwrite: true })
    expect(await promises.readdir('/deep/er/moved')).toEqual(['c.txt'])
    await extra.ensureDir('/x/y/z')
    await extra.ensureFile('/x/y/f')
    await extra.emptyDir('/x')
    expect(await promises.readdir('/x')).toEqual([])
    for (const path of ['/a', '/deep', '/x', '/none']) await extra.remove(path)
    expect(await promises.readdir('/')).toEqual([])
  })
})
