import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { smallDisk } from '../src/index.ts'

describe('a small disk', () => {
  it('is full when it is full, and has room again', async () => {
    await using disk = await smallDisk(1024 * 1024)
    await writeFile(disk.join('kept'), 'x'.repeat(1000))
    await disk.fill()
    await expect(writeFile(disk.join('more'), 'x'.repeat(5000))).rejects.toMatchObject({
      code: 'ENOSPC',
    })
    await disk.fill(16_384)
    await writeFile(disk.join('small'), 'x'.repeat(8000))
    await expect(writeFile(disk.join('more'), 'x'.repeat(50_000))).rejects.toMatchObject({
      code: 'ENOSPC',
    })
    await disk.makeRoom()
    await writeFile(disk.join('more'), 'x'.repeat(50_000))
    expect(await readFile(disk.join('kept'), 'utf8')).toHaveLength(1000)
  })

  it('can be made read-only', async () => {
    await using disk = await smallDisk(1024 * 1024)
    await disk.setReadOnly(true)
    await expect(writeFile(disk.join('file'), 'x')).rejects.toMatchObject({ code: 'EROFS' })
    await disk.setReadOnly(false)
    await writeFile(disk.join('file'), 'x')
  })
})
