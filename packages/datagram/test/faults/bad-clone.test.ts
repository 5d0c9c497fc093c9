import fs from 'node:fs/promises'
import { temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { type CloneOptions, cloneDatagram, type Datagram, openDatagram } from '../../src/index.ts'
import { contentsOf } from './contents.ts'
import { stubbornAnswers, stubbornPeer } from './stubborn-peers.ts'

const code = (expected: string) => ({ code: expected })
const nobody = { host: '127.0.0.1', port: 1 }

/** A datagram with two streams that listens. */
async function listening(folder: string) {
  const datagram = await openDatagram(folder)
  for (const name of ['a', 'b']) await (await datagram.kv(name)).set('key', `value of ${name}`)
  const server = await datagram.listen({ host: '127.0.0.1', port: 0 })
  return { datagram, connect: [server.address()], link: await datagram.share() }
}

async function namesIn(datagram: Datagram): Promise<string[]> {
  return Object.keys(await contentsOf(datagram))
}

describe('a clone from nobody or from a stubborn peer', () => {
  it.each(Object.keys(stubbornAnswers))(
    'that %s ends with a code, and leaves no folder',
    async (how) => {
      await using folder = await temporaryFolder()
      await using mine = (await listening(folder.join('mine'))).datagram
      await using peer = await stubbornPeer(stubbornAnswers[how] as () => undefined)
      const start = Date.now()
      for (const link of [await mine.share(), await mine.share('a')]) {
        await expect(
          cloneDatagram(link, folder.join('copy'), { connect: [peer], timeoutMs: 1000 }),
        ).rejects.toMatchObject(
          code(
            expect.stringMatching(/^(WAIT_TIMEOUT|HANDSHAKE_FAILED|PEER_CLOSED|CONNECTION_LOST)$/),
          ),
        )
      }
      expect(Date.now() - start).toBeLessThan(5000)
      expect(await fs.readdir(folder.path)).toEqual(['mine'])
    },
  )

  it('does not keep it from cloning from somebody else', async () => {
    await using folder = await temporaryFolder()
    const { datagram, connect, link } = await listening(folder.join('mine'))
    await using mine = datagram
    await using silent = await stubbornPeer(() => undefined)
    const start = Date.now()
    const options = { connect: [silent, nobody, ...connect] }
    await using copy = await cloneDatagram(link, folder.join('copy'), options)
    expect(Date.now() - start).toBeLessThan(3000)
    expect(await contentsOf(copy)).toEqual(await contentsOf(mine))
  })
})

describe('a clone with bad options', () => {
  it('is refused before anything is made', async () => {
    await using folder = await temporaryFolder()
    const { datagram, connect, link } = await listening(folder.join('mine'))
    await using _ = datagram
    const refused: readonly (readonly [unknown, unknown])[] = [
      [{ connect: [] }, code('CLONE_NO_PEER')],
      [{}, code('CLONE_NO_PEER')],
      [{ connect: [nobody] }, code('CONNECTION_REFUSED')],
      [{ connect: [nobody, nobody] }, code('CLONE_NO_PEER')],
      [{ connect: [{ host: '127.0.0.1', port: 99_999 }] }, code('ADDRESS_INVALID')],
      [{ connect, streams: ['a', ''] }, code('STREAM_NAME_INVALID')],
      [{ connect, streams: ['nowhere'] }, code('STREAM_NOT_FOUND')],
      [{ connect, signal: AbortSignal.abort(new Error('no')) }, { message: 'no' }],
      ...[5, ['127.0.0.1:80'], [null]].map((one) => [{ connect: one }, TypeError] as const),
      ...['a', [5], 5].map((streams) => [{ connect, streams }, TypeError] as const),
      ...['', 5].map((password) => [{ connect, password }, TypeError] as const),
    ]
    for (const [options, expected] of refused) {
      const cloning = cloneDatagram(link, folder.join('copy'), options as CloneOptions)
      if (expected === TypeError) await expect(cloning).rejects.toThrow(TypeError)
      else await expect(cloning).rejects.toMatchObject(expected as object)
      expect(await fs.readdir(folder.path), JSON.stringify(options)).toEqual(['mine'])
    }
  })

  it('into the folder of a good clone leaves that as it was', async () => {
    await using folder = await temporaryFolder()
    const { datagram, connect, link } = await listening(folder.join('mine'))
    await using mine = datagram
    const copy = folder.join('copy')
    await (await cloneDatagram(link, copy, { connect, password: 'p' })).close()
    const attempts: readonly (readonly [string, CloneOptions, string])[] = [
      [link, { connect: [nobody], password: 'p' }, 'CONNECTION_REFUSED'],
      [link, { connect: [nobody], password: 'p', streams: ['b'] }, 'CONNECTION_REFUSED'],
      [link, { connect, password: 'p', streams: ['typo'] }, 'STREAM_NOT_FOUND'],
      [link, { connect, password: 'wrong' }, 'PASSWORD_WRONG'],
      [link, { connect }, 'PASSWORD_REQUIRED'],
      [await mine.share('a'), { connect, password: 'p' }, 'FOLDER_IN_USE'],
      [await mine.share({ access: 'blind' }), { connect, password: 'p' }, 'LINK_IS_BLIND'],
    ]
    for (const [other, options, expected] of attempts) {
      await expect(cloneDatagram(other, copy, options)).rejects.toMatchObject(code(expected))
      await using offline = await openDatagram(copy, { password: 'p' })
      expect(await namesIn(offline), JSON.stringify(options)).toEqual(['a', 'b'])
    }
  })

  it('into the author’s own folder, and while somebody has it open, is refused', async () => {
    await using folder = await temporaryFolder()
    const { datagram, connect, link } = await listening(folder.join('mine'))
    await using mine = datagram
    await (await openDatagram(folder.join('own'))).close()
    for (const [place, expected] of [
      ['mine', 'STORE_LOCKED'],
      ['own', 'FOLDER_IN_USE'],
    ] as const) {
      await expect(cloneDatagram(link, folder.join(place), { connect })).rejects.toMatchObject(
        code(expected),
      )
    }
    const both = await Promise.allSettled(
      [0, 1].map(() => cloneDatagram(link, folder.join('copy'), { connect })),
    )
    const made = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const reasons = both.flatMap((one) =>
      one.status === 'rejected' ? [one.reason as unknown] : [],
    )
    expect(reasons).toMatchObject([code('STORE_LOCKED')])
    for (const one of made) {
      expect(await contentsOf(one)).toEqual(await contentsOf(mine))
      await one.close()
    }
  })
})
