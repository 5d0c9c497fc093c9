import b4a from 'b4a'
import jsQr from 'jsqr'
import { create } from 'qrcode'
import { describe, expect, it } from 'vitest'
import { makeBlindLink, makeReadLink, parseLink, qrText } from '../src/link.ts'
import type { LinkKind } from '../src/link-format.ts'

const key = b4a.alloc(32, 1)
const other = b4a.alloc(32, 2)
// Pixels to a module, and white modules around the code: what makes one readable.
const SCALE = 4
const MARGIN = 4

describe.each<LinkKind>(['container', 'stream'])('a QR code of a link to a %s', (kind) => {
  it.each<[string, () => Promise<string> | string, RegExp]>([
    ['to read', () => makeReadLink(kind, key, other, undefined), /can read (every|one) stream/],
    [
      'with a password',
      () => makeReadLink(kind, key, other, 'secret'),
      /if they know its password/,
    ],
    ['to host', () => makeBlindLink(kind, key, other), /keep and serve .* read none of it/],
  ])('%s is small, and is read back as the same link', async (_what, make, gives) => {
    const link = await make()
    const code = create(qrText(link))
    expect(code.segments.map(({ mode }) => mode.id)).toEqual(['Alphanumeric'])
    expect(code.modules.size).toBeLessThan(create(link).modules.size)
    const read = readCode(code.modules)
    expect(read).toBe(qrText(link))
    expect(parseLink(read ?? '')).toEqual(parseLink(link))
    expect(parseLink(link).gives).toMatch(gives)
  })
})

it('is not made of what is no link', () => {
  expect(() => qrText('https://example.org')).toThrow(
    expect.objectContaining({ code: 'LINK_DAMAGED' }),
  )
})

/** What a camera reads of a code: its picture, black on white. */
function readCode({ size, data }: { size: number; data: Uint8Array }): string | undefined {
  const width = (size + 2 * MARGIN) * SCALE
  const picture = new Uint8ClampedArray(width * width * 4).fill(255)
  for (let y = 0; y < size * SCALE; y++) {
    for (let x = 0; x < size * SCALE; x++) {
      if (!data[Math.floor(y / SCALE) * size + Math.floor(x / SCALE)]) continue
      const pixel = (y + MARGIN * SCALE) * width + x + MARGIN * SCALE
      picture.fill(0, pixel * 4, pixel * 4 + 3)
    }
  }
  return jsQr.default(picture, width, width)?.data
}
