import { beforeEach, describe, expect, test } from 'vitest'
import type { Logger, MultiplexerOptions, PolicySet } from '../src/index.ts'
import { policies } from '../src/index.ts'
import { connected, type Pair, quiet, until } from './connected.ts'
import { TestContainer, type TestStream } from './test-container.ts'

const GENEROUS_MS = 30_000

let origin: TestContainer
let clone: TestContainer
let settings: TestStream
let chat: TestStream

/** Two streams of the origin that its clone holds as well. */
beforeEach(async () => {
  origin = await TestContainer.create()
  settings = await origin.make('settings', { type: 'kv', labels: ['home'] }, 'dark')
  chat = await origin.make('chat', { type: 'chat' }, 'hello')
  clone = await TestContainer.clone(origin)
})

async function meet(a: MultiplexerOptions = {}, b: MultiplexerOptions = {}): Promise<Pair> {
  const pair = await connected(clone, origin, { a, b })
  await pair.a.connection.rootAgreed()
  return pair
}

const counts = ({ a, b }: Pair) =>
  [a, b].map(({ connection }) => connection.statistics.attached) as [number, number]

async function attached(pair: Pair, count: number): Promise<void> {
  await until(() => counts(pair).every((one) => one === count), GENEROUS_MS)
}

const codeOf = (error: unknown) => (error as { code?: string } | undefined)?.code

const later =
  (yes: boolean, ms = 5) =>
  () =>
    new Promise<boolean>((resolve) => setTimeout(() => resolve(yes), ms))

describe('a chain of policies', () => {
  test('needs the yes of each, and asks no further than the first no', async () => {
    const asked: string[] = []
    const note = (name: string, yes: boolean) => () => {
      asked.push(name)
      return yes
    }
    const accept = [note('first', true), later(true), note('third', false), note('fourth', true)]
    await clone.take(settings)
    await meet({ accept })
    await until(() => asked.filter((name) => name === 'third').length >= 2, GENEROUS_MS)
    expect(asked[0]).toBe('first')
    expect(asked).not.toContain('fourth')
  })

  test('is refused where one of them is no function', async () => {
    const broken = ['kv'] as unknown as MultiplexerOptions['accept']
    await expect(meet({ accept: broken })).rejects.toThrow(TypeError)
    const pair = await meet()
    expect(() => pair.a.multiplexer.policies.use({ offer: broken as never })).toThrow(TypeError)
    expect(() => pair.a.multiplexer.policies.use(undefined as never)).toThrow(TypeError)
  })

  test('that takes too long has said no, and the logger hears of it', async () => {
    const heard: unknown[] = []
    const logger: Logger = {
      debug: () => undefined,
      warn: (_message, details) => void heard.push(codeOf(details?.['error'])),
    }
    const never = () => new Promise<boolean>(() => undefined)
    const limits = { policyTimeoutMs: 20 }
    const pair = await meet({ accept: [() => true, never], logger, limits })
    await until(() => pair.b.connection.statistics.declinedByPeer === 2, GENEROUS_MS)
    expect(heard).toEqual(['WAIT_TIMEOUT', 'WAIT_TIMEOUT'])
  })
})

describe('policies that are replaced', () => {
  const no = () => false
  const yes = () => true
  const cases: [string, 'a' | 'b', PolicySet, PolicySet][] = [
    ['what is shown', 'b', { offer: no }, { offer: yes }],
    ['what is shown, later', 'b', { offer: later(false) }, { offer: later(true) }],
    ['what is taken', 'a', { accept: no }, { accept: yes }],
    ['what is taken, later', 'a', { accept: [later(true), later(false)] }, { accept: later(true) }],
  ]

  test.each(cases)(
    'change %s on a live connection, and back',
    async (_what, side, refusing, allowing) => {
      const replica = await clone.take(settings)
      await clone.take(chat)
      const pair = await meet()
      await attached(pair, 3)
      await until(() => replica.data.length === 1, GENEROUS_MS)
      const live = pair[side].multiplexer.policies
      live.use(refusing)
      await attached(pair, 1)
      await quiet(pair)
      const before = pair.traffic.bytes
      await settings.data.append({ payload: Buffer.from('light') })
      await quiet(pair)
      expect(pair.traffic.bytes).toBe(before)
      expect(replica.data.length).toBe(1)

      live.use(allowing)
      await attached(pair, 3)
      await until(() => replica.data.length === 2, GENEROUS_MS)
    },
  )

  test('leave what they agree to untouched', async () => {
    const [one, two] = [await clone.take(settings), await clone.take(chat)]
    const pair = await meet()
    await attached(pair, 3)
    const detached: string[] = []
    pair.a.multiplexer.on('stream-detached', (_connection, id) => {
      detached.push(Buffer.compare(id, chat.id) === 0 ? 'chat' : 'another')
    })
    pair.a.multiplexer.policies.use({ accept: policies.byType('kv') })
    await attached(pair, 2)
    await settings.data.append({ payload: Buffer.from('light') })
    await until(() => one.data.length === 2, GENEROUS_MS)
    expect(detached).toEqual(['chat'])
    expect(two.data.length).toBeLessThanOrEqual(1)
  })

  test('are asked again when what they go by has changed', async () => {
    await clone.take(settings)
    let isOpen = false
    const pair = await meet({ accept: () => isOpen })
    await until(() => pair.b.connection.statistics.declinedByPeer === 2, GENEROUS_MS)
    isOpen = true
    pair.a.multiplexer.policies.refresh()
    await attached(pair, 2)
    isOpen = false
    pair.a.multiplexer.policies.refresh()
    await attached(pair, 1)
  })

  test('before the answer of the former is there make that answer void', async () => {
    await clone.take(settings)
    const answers: ((yes: boolean) => void)[] = []
    const slow = () => new Promise<boolean>((resolve) => answers.push(resolve))
    const pair = await meet({ accept: slow })
    await until(() => answers.length > 0, GENEROUS_MS)
    pair.a.multiplexer.policies.use({ accept: policies.byType('kv') })
    await attached(pair, 2)
    for (const answer of answers) answer(false)
    await quiet(pair)
    await attached(pair, 2)
  })

  test('do not touch what a user has decided by hand', async () => {
    await clone.take(settings)
    await clone.take(chat)
    const pair = await meet({ accept: policies.byType('kv') })
    await attached(pair, 2)
    pair.a.connection.accept(chat.id)
    pair.a.connection.withdraw(settings.id)
    await until(() => pair.a.connection.offers.length === 1, GENEROUS_MS)
    await attached(pair, 2)
    pair.a.multiplexer.policies.use({ accept: () => true })
    pair.a.multiplexer.policies.use({ accept: () => false })
    await quiet(pair)
    await attached(pair, 2)
    expect(pair.a.connection.offers.map(({ type }) => type)).toEqual(['kv'])
  })

  test('follow labels that change while the stream is replicated', async () => {
    await clone.take(settings)
    const pair = await meet({ accept: policies.not(policies.byLabel('spam')) })
    await attached(pair, 2)
    origin.change({ ...settings, labels: ['home', 'spam'] })
    await attached(pair, 1)
    origin.change({ ...settings, labels: ['home'] })
    await attached(pair, 2)
  })
})
