import { mkdir, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { findBytes, type PlainStream, Random, tapPlain, temporaryFolder } from '../src/index.ts'

const canary = 'canary-3f9Kq2Zx81'

describe('findBytes', () => {
  it('finds every form, at every alignment', async () => {
    const random = new Random(1)
    for (let before = 0; before < 6; before++) {
      const plain = Buffer.concat([random.bytes(before), Buffer.from(canary), random.bytes(7)])
      const forms: Record<string, Buffer> = {
        bytes: plain,
        utf16le: Buffer.from(plain.toString('latin1'), 'utf16le'),
        utf16be: Buffer.from(plain.toString('latin1'), 'utf16le').swap16(),
        hex: Buffer.from(plain.toString('hex')),
        HEX: Buffer.from(plain.toString('hex').toUpperCase()),
        base64: Buffer.from(plain.toString('base64')),
        base64url: Buffer.from(plain.toString('base64url')),
      }
      for (const [form, bytes] of Object.entries(forms)) {
        const found = await findBytes(canary, { buffers: [random.bytes(100), bytes] })
        expect(
          found.map((one) => one.form.replace(/\+\d$/, '')),
          form,
        ).toContain(form)
      }
    }
  })

  it('finds what begins in one buffer and ends in the next, with its offset', async () => {
    const bytes = Buffer.from(canary)
    const buffers = [Buffer.alloc(10), bytes.subarray(0, 5), bytes.subarray(5)]
    expect(await findBytes(canary, { buffers })).toEqual([
      { where: 'buffers', offset: 10, form: 'bytes' },
    ])
  })

  it('finds bytes alone, where it is told that nothing else is written', async () => {
    const bytes = Buffer.from(canary)
    const buffers = [bytes, Buffer.from(bytes.toString('hex'))]
    expect(await findBytes(bytes, { buffers, asTheyAre: true })).toEqual([
      { where: 'buffers', offset: 0, form: 'bytes' },
    ])
    expect(await findBytes(bytes, { buffers })).toHaveLength(2)
  })

  it('finds nothing where there is nothing', async () => {
    const buffers = [new Random(2).bytes(200_000), Buffer.from(canary.slice(0, -1))]
    expect(await findBytes(canary, { buffers })).toEqual([])
    await expect(findBytes('short', { buffers })).rejects.toThrow(TypeError)
  })

  it('searches all files of a folder and their names', async () => {
    await using folder = await temporaryFolder()
    await mkdir(folder.join('a', `b-${canary}`), { recursive: true })
    const large = Buffer.alloc(9 * 1024 * 1024)
    // Across the edge of the window that files are read in, and beyond it.
    large.write(canary, 8 * 1024 * 1024 - 4)
    large.write(canary, 8 * 1024 * 1024 + 5000)
    await writeFile(folder.join('a', 'large'), large)
    await writeFile(folder.join('a', 'empty'), '')
    const found = await findBytes(Buffer.from(canary), { folder: folder.path })
    expect(found).toEqual(
      expect.arrayContaining([
        { where: folder.join('a', `b-${canary}`), offset: -1, form: 'bytes' },
        { where: folder.join('a', 'large'), offset: 8 * 1024 * 1024 - 4, form: 'bytes' },
        { where: folder.join('a', 'large'), offset: 8 * 1024 * 1024 + 5000, form: 'bytes' },
      ]),
    )
    expect(found).toHaveLength(3)
    expect(await findBytes(canary, { files: [folder.join('a', 'large')] })).toHaveLength(2)
  })
})

describe('tapPlain', () => {
  /** Encrypts in place, as secret-stream does, and hands received bytes to `push`. */
  class InPlaceCipher implements PlainStream {
    readonly pushed: (Uint8Array | null)[] = []
    write(data: Uint8Array): boolean {
      data.fill(0xee)
      return true
    }
    push(data: Uint8Array | null): boolean {
      this.pushed.push(data)
      return false
    }
  }

  it('keeps the plain bytes of both directions, and passes everything on', () => {
    const stream = new InPlaceCipher()
    const tap = tapPlain(stream)
    const message = Buffer.from('hello')
    expect(stream.write(message)).toBe(true)
    expect(message.toString('hex')).toBe('ee'.repeat(5))
    expect(stream.push(Buffer.from('world!'))).toBe(false)
    stream.push(null)
    expect(tap.sent.map(String)).toEqual([String(Uint8Array.from(Buffer.from('hello')))])
    expect(Buffer.concat(tap.messages()).toString()).toBe('helloworld!')
    expect([tap.bytesSent, tap.bytesReceived]).toEqual([5, 6])
    expect(stream.pushed).toHaveLength(2)
    tap.clear()
    expect(tap.messages()).toEqual([])
    tap.stop()
    stream.write(Buffer.from('more'))
    expect(tap.sent).toHaveLength(0)
  })
})
