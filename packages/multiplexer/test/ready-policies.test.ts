import { describe, expect, test } from 'vitest'
import type { Offer, Peer, PolicyAnswer } from '../src/index.ts'
import { policies } from '../src/index.ts'
import { connected, until } from './connected.ts'
import { replicaStream, TestContainer, temporaryStore } from './test-container.ts'

const peer: Peer = { publicKey: new Uint8Array(32), provedRoot: true, provedReading: true }
const id = new Uint8Array(32).fill(7)
const author = new Uint8Array(32).fill(9)
const offer: Offer = {
  id,
  name: 'inbox',
  type: 'chat',
  labels: ['public', 'home'],
  logs: [],
  bytes: 1000,
  author,
  origin: undefined,
}
const unknown: Offer = {
  ...offer,
  name: undefined,
  type: '',
  labels: [],
  bytes: undefined,
  author: undefined,
  origin: undefined,
}
const other = new Uint8Array(32).fill(8)

describe('a ready policy', () => {
  test.each([
    ['byType', policies.byType('kv', 'chat'), policies.byType('kv')],
    ['byName', policies.byName('inbox'), policies.byName('outbox')],
    ['byLabel', policies.byLabel('spam', 'home'), policies.byLabel('spam')],
    ['byBytes', policies.byBytes(1000), policies.byBytes(999)],
    ['byAuthor', policies.byAuthor(author), policies.byAuthor(other)],
    ['allow', policies.allow(other, id), policies.allow(other)],
    ['deny', policies.deny(other), policies.deny(other, id)],
    [
      'all',
      policies.all(policies.allow(id), policies.byType('chat')),
      policies.all(policies.allow(id), policies.byType('kv')),
    ],
    [
      'any',
      policies.any(policies.byType('kv'), policies.allow(id)),
      policies.any(policies.byType('kv')),
    ],
    ['not', policies.not(policies.byType('kv')), policies.not(policies.byType('chat'))],
  ])('%s', (_name, agrees, refuses) => {
    expect(agrees(offer, peer)).toBe(true)
    expect(refuses(offer, peer)).toBe(false)
  })

  test('says no to what it does not know', () => {
    for (const policy of [
      policies.byType('chat'),
      policies.byName('inbox'),
      policies.byLabel('home'),
      policies.byBytes(1000),
      policies.byAuthor(author),
    ]) {
      expect(policy(unknown, peer)).toBe(false)
    }
  })

  test('may be combined with one that answers later', async () => {
    const later = (yes: boolean) => (): PolicyAnswer => Promise.resolve(yes)
    const chat = policies.byType('chat')
    expect(await policies.all(chat, later(true), chat)(offer, peer)).toBe(true)
    expect(await policies.all(chat, later(true), later(false))(offer, peer)).toBe(false)
    expect(await policies.any(policies.not(chat), later(false), later(true))(offer, peer)).toBe(
      true,
    )
    expect(await policies.any(later(false), later(false))(offer, peer)).toBe(false)
    expect(await policies.not(later(true))(offer, peer)).toBe(false)
  })

  test('is refused with what is none', () => {
    expect(() => policies.byType(7 as never)).toThrow(TypeError)
    expect(() => policies.byBytes(-1)).toThrow(TypeError)
    expect(() => policies.byBytes('big' as never)).toThrow(TypeError)
    expect(() => policies.byAuthor('ada' as never)).toThrow(TypeError)
    expect(() => policies.allow(new Uint8Array(31))).toThrow(TypeError)
    expect(() => policies.deny('ada')).toThrow(expect.objectContaining({ code: 'LINK_DAMAGED' }))
    expect(() => policies.any('ada' as never)).toThrow(TypeError)
    expect(() => policies.not(undefined as never)).toThrow(TypeError)
  })
})

test('a name counts as soon as the stream is open here', async () => {
  const origin = await TestContainer.create()
  const [one, two] = [await origin.make('one'), await origin.make('two')]
  const clone = await TestContainer.clone(origin)
  const accept = policies.byName('one')
  const pair = await connected(clone, origin, { a: { accept } })
  await until(() => pair.b.connection.statistics.declinedByPeer === 2, 30_000)
  const store = await temporaryStore()
  clone.add({ ...(await replicaStream(store, one)), name: 'one' })
  clone.add({ ...(await replicaStream(store, two)), name: 'two' })
  await until(() => pair.a.connection.statistics.attached === 2, 30_000)
  expect(pair.b.connection.statistics.declinedByPeer).toBe(2)
})
