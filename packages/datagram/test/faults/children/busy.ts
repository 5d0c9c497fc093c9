// Does everything at once with a datagram and with clones of it, closes all of it at a random moment, and
// says how each of the calls ended. It does not end itself: when all is closed, nothing must keep it alive.
import { setTimeout as sleep } from 'node:timers/promises'
import { acknowledge, childOptions, Random, temporaryFolder } from '@datagram/fault-harness'
import { cloneDatagram, type Datagram, isDatagramError, openDatagram } from '../../../src/index.ts'

export interface BusyOptions {
  readonly seed: number
}

/** What it says in the end. */
export interface BusyReport {
  readonly calls: number
  readonly closedAfterMs: number
  /** Calls that failed with something else than a code, and what it was. */
  readonly uncoded: readonly string[]
  /** Calls that were still waiting some seconds after all was closed. */
  readonly waiting: readonly string[]
}

const SETTLE_MS = 5000
const { seed } = childOptions<BusyOptions>()
const random = new Random(seed)
const uncoded: string[] = []
const waiting = new Map<number, string>()
const opened: Datagram[] = []
let calls = 0
let stopped = false

async function call(what: string, act: () => Promise<unknown>): Promise<void> {
  const number = calls++
  waiting.set(number, what)
  try {
    await act()
  } catch (error) {
    if (!isDatagramError(error))
      uncoded.push(`${what}: ${error instanceof Error ? error.stack : error}`)
  }
  waiting.delete(number)
}

async function again(what: string, act: (count: number) => Promise<unknown>): Promise<void> {
  for (let count = 0; !stopped; count++) {
    await call(what, () => act(count))
    await sleep(1)
  }
}

async function opens(opening: Promise<Datagram>): Promise<Datagram> {
  const datagram = await opening
  opened.push(datagram)
  return datagram
}

process.on('unhandledRejection', (error) => uncoded.push(`unhandled: ${(error as Error).stack}`))
const folder = await temporaryFolder()
const mine = await opens(openDatagram(folder.join('mine')))
const small = await mine.kv('small')
const large = await mine.kv('large', { valueEncoding: 'binary' })
await small.set('first', 'value')
for (let i = 0; i < 6; i++) await large.set(`key ${i}`, random.bytes(150_000))
const connect = [(await mine.listen({ host: '127.0.0.1', port: 0 })).address()]
const [whole, one] = await Promise.all([mine.share(), mine.share('large')])

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items) if (stopped) return
}

const running = [
  again('set', (i) => small.set(`key ${i}`, 'value')),
  again('batch', (i) =>
    small.batch(['a', 'b'].map((key) => ({ type: 'set', key, value: `${i}` }))),
  ),
  again('large set', () => large.set('large', new Uint8Array(200_000))),
  again('get', () => small.get('first')),
  again('entries', () => drain(small.entries())),
  again('new stream', (i) => mine.kv(`new ${i}`)),
  again('describe', (i) => mine.describe('small', { title: `title ${i}` })),
  again('streams', () => drain(mine.streams())),
  again('share', () => mine.share('small')),
  again('compact', () => mine.compact()),
  again('usage', () => mine.usage()),
  again('listen', () => mine.listen({ host: '127.0.0.1', port: 0 })),
  call('clone', async () => {
    const copy = await opens(cloneDatagram(whole, folder.join('whole'), { connect }))
    await again('update of a clone', () => copy.update())
  }),
  call('clone sparsely', async () => {
    const copy = await opens(cloneDatagram(whole, folder.join('sparse'), { connect, sparse: true }))
    const kv = await copy.kv('large', { valueEncoding: 'binary' })
    await again('get from a clone', (i) => kv.get(`key ${i % 6}`))
  }),
  call('clone one', async () => {
    const copy = await opens(cloneDatagram(one, folder.join('one'), { connect }))
    await again('update of one', () => copy.update())
  }),
]

await sleep(random.between(0, 1200))
const start = performance.now()
const closing = random.shuffled(opened).map((datagram) => datagram.close())
await sleep(random.between(0, 100))
stopped = true
await Promise.all(closing)
const closedAfterMs = Math.round(performance.now() - start)
const isSettled = new AbortController()
await Promise.race([
  Promise.all(running).then(() => isSettled.abort()),
  sleep(SETTLE_MS, undefined, { signal: isSettled.signal }).catch(() => undefined),
])
// What was only being opened is there by now.
await Promise.all(opened.map((datagram) => datagram.close()))
await folder[Symbol.asyncDispose]()
const report: BusyReport = { calls, closedAfterMs, uncoded, waiting: [...waiting.values()] }
acknowledge(report)
