import { isDatagramError } from '@datagram/errors'
import b4a from 'b4a'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../../../test-vectors/container.json' with { type: 'json' }
import { makeBlindLink, makeReadLink, openBlindLink, openLink, parseLink } from '../src/link.ts'
import { formatLink, type LinkContent } from '../src/link-format.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })
const key = b4a.alloc(32, 1)
const streamKey = b4a.alloc(32, 2)

describe('a link', () => {
  it('says what it is, and opens', async () => {
    const link = await makeReadLink('container', key, streamKey, undefined)
    expect(parseLink(link)).toEqual({
      version: 1,
      kind: 'container',
      access: 'read',
      key,
      needsPassword: false,
      gives: 'Whoever has this link can read every stream of a datagram, now and later.',
    })
    expect(await openLink(link)).toEqual({ kind: 'container', key, streamKey })
    expect(await openLink(` ${link.toUpperCase()}\n`)).toEqual(await openLink(link))
  })

  it('opens with its password only', async () => {
    const link = await makeReadLink('stream', key, streamKey, 'secret')
    expect(parseLink(link)).toMatchObject({ kind: 'stream', needsPassword: true })
    const opened = await openLink(link, 'secret')
    expect(b4a.equals(opened.streamKey, streamKey)).toBe(true)
    await expect(openLink(link, 'other')).rejects.toEqual(code('LINK_PASSWORD_WRONG'))
    await expect(openLink(link)).rejects.toEqual(code('LINK_PASSWORD_REQUIRED'))
  })

  it('lets a host host and not read', async () => {
    const otherKey = b4a.alloc(32, 3)
    const link = makeBlindLink('container', key, otherKey)
    expect(parseLink(link)).toMatchObject({ access: 'blind', key, needsPassword: false })
    expect(openBlindLink(link)).toEqual({ kind: 'container', key, otherKey })
    await expect(openLink(link)).rejects.toEqual(code('LINK_IS_BLIND'))
    expect(openBlindLink(makeBlindLink('stream', key, otherKey)).kind).toBe('stream')
    const read = await makeReadLink('container', key, streamKey, undefined)
    expect(() => openBlindLink(read)).toThrow(code('LINK_NOT_BLIND'))
    const sealed = await makeReadLink('container', key, streamKey, 'secret')
    expect(() => openBlindLink(sealed)).toThrow(code('LINK_NOT_BLIND'))
  })

  it('is refused after any one character was changed, cut or added', async () => {
    const link = await makeReadLink('container', key, streamKey, undefined)
    const start = 'datagram://'.length
    for (let i = start; i < link.length; i++) {
      const other = link[i] === 'y' ? 'b' : 'y'
      const bad = link.slice(0, i) + other + link.slice(i + 1)
      expect(() => parseLink(bad)).toThrow(code('LINK_DAMAGED'))
      expect(() => parseLink(link.slice(0, i))).toThrow(code('LINK_DAMAGED'))
    }
    for (const bad of [
      '',
      'http://x',
      `${link}y`,
      'datagram://',
      `datagram://${'y'.repeat(9999)}`,
    ]) {
      expect(() => parseLink(bad)).toThrow(code('LINK_DAMAGED'))
    }
    // @ts-expect-error a link is a string
    expect(() => parseLink(undefined)).toThrow(TypeError)
  })

  it('throws nothing but coded errors for 100,000 texts', () => {
    const alphabet = 'ybndrfg8ejkmcpqxot1uwisza345h769'
    const body = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 160 })
    fc.assert(
      fc.property(fc.oneof(body, fc.string()), (text) => {
        try {
          parseLink(`datagram://${text}`)
        } catch (error) {
          if (!isDatagramError(error)) throw error
        }
      }),
      { numRuns: 100_000 },
    )
  })
})

describe('the known answers', () => {
  it.each(vectors.links)('hold for $about', async ({ text, kind, access, key: hex, ...rest }) => {
    const content = {
      kind,
      access,
      key: b4a.from(hex, 'hex'),
      secret: b4a.from(rest.secret, 'hex'),
      ...(rest.rosterKey && { rosterKey: b4a.from(rest.rosterKey, 'hex') }),
    } as LinkContent
    expect(formatLink(content)).toBe(text)
    const version = rest.rosterKey ? 2 : 1
    expect(parseLink(text)).toMatchObject({ version, kind, access, key: content.key })
    if (access === 'blind') expect(openBlindLink(text).rosterKey).toEqual(content.rosterKey)
  })

  it('hold for a link with a password', async () => {
    const { text, password, streamKey: hex } = vectors.sealedLink
    expect(b4a.toString((await openLink(text, password)).streamKey, 'hex')).toBe(hex)
  })

  it('tell a link of another version', () => {
    expect(() => parseLink(vectors.newerLink.text)).toThrow(code('LINK_VERSION_UNKNOWN'))
  })
})
