import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import b4a from 'b4a'
import { describe, expect, it } from 'vitest'
import { type AionPoint, encodeAionPoint } from '../src/aion-point.ts'
import { exportTree } from '../src/export-tree.ts'
import type { Objects } from '../src/index.ts'
import { idOf, idOfContent, namedHashOf } from '../src/named-hash.ts'
import type { TreeFs } from '../src/tree-fs.ts'
import { code, listed, temporaryObjects, testFolder } from './temporary-objects.ts'

const MIB = 1024 * 1024

/** Every path below a folder, with the hash of what is a file. */
async function filesBelow(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const entry of await fs.readdir(folder, { recursive: true, withFileTypes: true })) {
    const at = path.join(entry.parentPath, entry.name)
    const hash = entry.isFile() ? namedHashOf(idOfContent(await fs.readFile(at))) : 'no file'
    found.set(path.relative(folder, at), hash)
  }
  return found
}

/** Copies files of the packages that this repository is built with, in their directories. */
async function copyRealFiles(root: string, count: number): Promise<void> {
  const from = fileURLToPath(new URL('../../../node_modules/.pnpm', import.meta.url))
  let copied = 0
  for await (const at of plainFiles(from)) {
    const to = path.join(root, path.relative(from, at))
    await fs.mkdir(path.dirname(to), { recursive: true })
    await fs.copyFile(at, to)
    if (++copied === count) return
  }
  throw new Error(`there are only ${copied} files`)
}

async function* plainFiles(folder: string): AsyncGenerator<string, void, undefined> {
  const entries = await fs.readdir(folder, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const at = path.join(folder, entry.name)
    if (entry.isDirectory()) yield* plainFiles(at)
    // Programs of 100 MB are among them.
    else if (entry.isFile() && (await fs.stat(at)).size < 2 * MIB) yield at
  }
}

async function smallTree(): Promise<string> {
  const root = path.join(await testFolder(), 'root')
  await fs.mkdir(path.join(root, 'inner/empty'), { recursive: true })
  await fs.writeFile(path.join(root, 'hello.txt'), 'Hello World!')
  await fs.writeFile(path.join(root, 'empty'), '')
  await fs.writeFile(path.join(root, 'inner', 'big.bin'), randomBytes(2 * MIB + 1))
  await fs.writeFile(path.join(root, 'inner', 'ü 😀'), 'ü')
  return root
}

const put = (objects: Objects, point: AionPoint) => objects.putBlob(encodeAionPoint(point))

describe('a tree of files', () => {
  it('goes in and comes out byte for byte, under one hash in every store', async () => {
    const root = await smallTree()
    const [mine, theirs] = [await temporaryObjects(), await temporaryObjects()]
    const namedHash = await mine.importTree(root)
    const folder = await testFolder()
    const out = await mine.exportTree(namedHash, folder)
    expect(out).toBe(path.join(folder, 'root'))
    expect(await filesBelow(out)).toEqual(await filesBelow(root))
    expect(await fs.readdir(folder)).toEqual(['root'])
    expect(await theirs.importTree(out)).toBe(namedHash)
    expect(await theirs.importTree(out, { name: 'other' })).not.toBe(namedHash)
    await fs.writeFile(path.join(out, 'hello.txt'), 'Hello, World!')
    expect(await theirs.importTree(out)).not.toBe(namedHash)
  })

  it('of 2,000 real files is the same in two stores, and stored once', {
    timeout: 240_000,
  }, async () => {
    const root = path.join(await testFolder(), 'real')
    await copyRealFiles(root, 2000)
    const files = await filesBelow(root)
    const [mine, theirs] = [await temporaryObjects(), await temporaryObjects()]
    const namedHash = await mine.importTree(root)
    const before = await listed(mine.contents())
    expect(await mine.importTree(root)).toBe(namedHash)
    expect(await listed(mine.contents())).toEqual(before)
    await theirs.pull(mine)
    const out = await theirs.exportTree(namedHash, await testFolder())
    expect(await filesBelow(out)).toEqual(files)
    expect(await theirs.importTree(out)).toBe(namedHash)
    expect(await listed(theirs.contents())).toHaveLength(before.length)
  })

  it('can be one file; a link on the way in is what it leads to, below it is only a name', async () => {
    const root = await smallTree()
    const objects = await temporaryObjects()
    const file = await objects.importTree(path.join(root, 'hello.txt'))
    const folder = await testFolder()
    expect(await fs.readFile(await objects.exportTree(file, folder), 'utf8')).toBe('Hello World!')
    await fs.symlink('/etc', path.join(root, 'lnk'))
    await fs.symlink('..', path.join(root, 'inner', 'up'))
    await fs.symlink(root, path.join(folder, 'root'))
    const progress: object[] = []
    const tree = await objects.importTree(path.join(folder, 'root'), {
      onProgress: (step) => progress.push(step),
    })
    expect(tree).toBe(await objects.importTree(root))
    expect(progress.at(-1)).toMatchObject({ files: 4, directories: 3, indefinite: 2 })
    const out = await objects.exportTree(tree, await testFolder())
    const names = [...(await filesBelow(out)).keys()].sort()
    const expected = ['empty', 'hello.txt', 'inner', 'inner/big.bin', 'inner/empty', 'inner/ü 😀']
    expect(names).toEqual(expected)
  })
})

describe('an export', () => {
  it('writes over nothing, and follows no link that stands in its way', async () => {
    const objects = await temporaryObjects()
    const tree = await objects.importTree(await smallTree())
    const [folder, outside] = [await testFolder(), await testFolder()]
    await fs.symlink(outside, path.join(folder, 'root'))
    const exporting = objects.exportTree(tree, folder)
    await expect(exporting).rejects.toMatchObject(code('TREE_TARGET_EXISTS'))
    expect(await fs.readdir(outside)).toEqual([])
    expect(await fs.readdir(folder)).toEqual(['root'])
  })

  it('refuses every name that leads elsewhere, wherever it stands, and leaves nothing', async () => {
    const objects = await temporaryObjects()
    const [folder, outside] = [await testFolder(), await testFolder()]
    const names = ['..', '.', '../x', `${outside}/x`, 'a/b', 'a\\b', 'a\0b', 'aux', 'COM1.txt', '']
    for (const name of names) {
      const evil = await put(objects, { aionType: 'directory', name, items: [] })
      const inner = await put(objects, { aionType: 'directory', name: 'inner', items: [evil] })
      const root = await put(objects, { aionType: 'directory', name: 'root', items: [inner] })
      for (const namedHash of [evil, root]) {
        const exporting = objects.exportTree(namedHash, folder)
        await expect(exporting).rejects.toMatchObject(code('TREE_NAME_REFUSED'))
      }
    }
    expect(await fs.readdir(folder)).toEqual([])
    expect(await fs.readdir(outside)).toEqual([])
  })

  it('refuses what contradicts itself or is not all here, and leaves nothing', async () => {
    const objects = await temporaryObjects()
    const folder = await testFolder()
    const content = await objects.putBlob('content')
    const absent = namedHashOf(idOfContent(b4a.from('absent')))
    const file = { aionType: 'file', name: 'f', size: 7, hash: content } as const
    const item = await put(objects, { ...file, parts: [content] })
    const other = await put(objects, { ...file, name: 'g', parts: [content] })
    const directory = { aionType: 'directory', name: 'd' } as const
    const cases: readonly (readonly [AionPoint, string])[] = [
      [{ ...file, parts: [content, content] }, 'AION_POINT_MALFORMED'],
      [{ ...file, size: 8, parts: [content] }, 'AION_POINT_MALFORMED'],
      [{ ...file, hash: absent, parts: [content] }, 'AION_POINT_MALFORMED'],
      [{ ...file, parts: [absent] }, 'BLOB_NOT_FOUND'],
      [{ ...directory, items: [item, item] }, 'AION_POINT_MALFORMED'],
      [{ ...directory, items: [other, item, absent] }, 'BLOB_NOT_FOUND'],
      [{ ...directory, items: [content] }, 'AION_POINT_MALFORMED'],
    ]
    for (const [point, expected] of cases) {
      const exporting = objects.exportTree(await put(objects, point), folder)
      await expect(exporting).rejects.toMatchObject(code(expected))
    }
    await expect(objects.exportTree(absent, folder)).rejects.toMatchObject(code('BLOB_NOT_FOUND'))
    expect(await fs.readdir(folder)).toEqual([])
  })

  it('refuses a directory that lies in itself', async () => {
    // No content can name its own hash: only a reader that verifies nothing gives one.
    const [a, b] = ['a', 'b'].map((text) => namedHashOf(idOfContent(b4a.from(text)))) as [
      string,
      string,
    ]
    const points = new Map<string, AionPoint>([
      [a, { aionType: 'directory', name: 'a', items: [b] }],
      [b, { aionType: 'directory', name: 'b', items: [a] }],
    ])
    const reader = {
      get: async (id: Uint8Array) => encodeAionPoint(points.get(namedHashOf(id)) as AionPoint),
    }
    const folder = await testFolder()
    await expect(exportTree(reader, a, folder)).rejects.toMatchObject(code('TREE_CYCLE'))
    expect(await fs.readdir(folder)).toEqual([])
    expect(idOf(a)).not.toEqual(idOf(b))
  })
})

describe('an import', () => {
  it('refuses names that nobody else could take out again', async () => {
    const objects = await temporaryObjects()
    for (const name of ['aux', 'NUL.txt', 'a\\b']) {
      const root = await smallTree()
      await fs.writeFile(path.join(root, 'inner', name), '')
      const importing = objects.importTree(root)
      await expect(importing).rejects.toMatchObject(code('TREE_NAME_REFUSED'))
    }
    const root = await smallTree()
    await fs.writeFile(Buffer.concat([Buffer.from(`${root}/x`), Buffer.from([0xff])]), '')
    await expect(objects.importTree(root)).rejects.toMatchObject(code('TREE_NAME_REFUSED'))
    await expect(objects.importTree('/')).rejects.toMatchObject(code('TREE_NAME_REFUSED'))
    const absent = objects.importTree(path.join(root, 'absent'))
    await expect(absent).rejects.toMatchObject(code('ENOENT'))
  })

  it('takes what is neither file nor directory for what it is', async () => {
    const root = await smallTree()
    const server = net.createServer().listen(path.join(root, 'socket'))
    await once(server, 'listening')
    const objects = await temporaryObjects()
    const out = await objects.exportTree(await objects.importTree(root), await testFolder())
    expect(await fs.readdir(out)).not.toContain('socket')
    server.close()
    await once(server, 'close')
  })

  it.each(['grows', 'shrinks', 'goes', 'becomes a link'])(
    'of a folder in which a file %s meanwhile is refused, and none of that file is stored',
    async (how) => {
      const root = await smallTree()
      const victim = path.join(root, 'inner', 'ü 😀')
      const change = async () => {
        if (how === 'grows') await fs.appendFile(victim, 'more')
        else if (how === 'shrinks') await fs.truncate(victim, 0)
        else await fs.rm(victim)
        if (how === 'becomes a link') await fs.symlink('/etc/passwd', victim)
      }
      const objects = await temporaryObjects()
      const meddling: TreeFs = {
        ...(fs as TreeFs),
        async open(at, flags, mode) {
          if (at !== victim) return fs.open(at, flags, mode)
          if (how === 'goes' || how === 'becomes a link') await change()
          const file = await fs.open(at, flags, mode)
          let isFirst = true
          return {
            stat: async () => {
              const stats = await file.stat()
              if (isFirst) await change()
              isFirst = false
              return stats
            },
            read: (...args) => file.read(...args),
            writeFile: (data) => file.writeFile(data),
            close: () => file.close(),
          }
        },
      }
      const importing = objects.importTree(root, { fs: meddling })
      await expect(importing).rejects.toMatchObject(code('TREE_CHANGED'))
      expect(await objects.hasBlob(namedHashOf(idOfContent(b4a.from('ü'))))).toBe(false)
    },
  )

  it('of a folder to which something comes meanwhile is refused', async () => {
    const root = await smallTree()
    const objects = await temporaryObjects()
    const meddling: TreeFs = {
      ...(fs as TreeFs),
      async readdir(at, options) {
        const found = await fs.readdir(at, options)
        if (at.endsWith('inner')) await fs.writeFile(path.join(at, 'new'), '')
        return found
      },
    }
    const importing = objects.importTree(root, { fs: meddling })
    await expect(importing).rejects.toMatchObject(code('TREE_CHANGED'))
  })

  it('of a directory that lies in itself is refused', async () => {
    const root = await smallTree()
    const objects = await temporaryObjects()
    const looping: TreeFs = { ...(fs as TreeFs), lstat: () => fs.stat(root) }
    const importing = objects.importTree(root, { fs: looping })
    await expect(importing).rejects.toMatchObject(code('TREE_CYCLE'))
  })

  it('that is aborted ends', async () => {
    const root = await smallTree()
    const objects = await temporaryObjects()
    const stop = new AbortController()
    const onProgress = () => stop.abort(new Error('enough'))
    const importing = objects.importTree(root, { signal: stop.signal, onProgress })
    await expect(importing).rejects.toThrow('enough')
  })
})
