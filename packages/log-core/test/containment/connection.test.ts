import { setTimeout as sleep } from 'node:timers/promises'
import { faultyLink, tapPlain, temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore, type ReadableLog, type Store } from '../../src/index.ts'
import {
  noiseMuxers,
  outcome,
  RawHypercore,
  type RawMuxer,
  rawLog,
  rawStore,
} from './raw-hypercore.ts'

// DESIGN §5: a wrong capability on a log's channel destroys the whole connection; `detachFrom(mux)`
// leaves the channel open; `get` waits for ever by default; Protomux takes unlimited channels.

const PROTOCOL = 'hypercore/alpha'

async function folder(): Promise<string> {
  const temporary = await temporaryFolder()
  onTestFinished(() => temporary[Symbol.asyncDispose]())
  return temporary.path
}

/** A raw log with some blocks, and a replica of it in another store, not connected. */
async function rawPair(blocks: readonly string[] = ['one', 'two', 'three']) {
  const author = await rawLog(await rawStore(await folder()))
  await author.append(blocks)
  const replica = await rawLog(await rawStore(await folder()), { key: author.key })
  return { author, replica }
}

describe('a wrong capability on a log’s channel', () => {
  /** Opens a log's channel as somebody does who knows its discovery key, but not its key. */
  function knockWithoutKey(muxer: RawMuxer, discoveryKey: Uint8Array): void {
    const handshake = {
      preencode: (state: { end: number }) => {
        state.end += 33
      },
      // Flags, then 32 bytes that prove nothing (hypercore/lib/messages.js, `wire.handshake`).
      encode: (state: { start: number; buffer: Uint8Array }) => {
        state.buffer.fill(0, state.start, state.start + 33)
        state.start += 33
      },
      decode: () => null,
    }
    const channel = muxer.createChannel({
      protocol: PROTOCOL,
      id: discoveryKey,
      handshake,
      messages: [],
    })
    channel.open({})
  }

  it('destroys the whole connection, with all other channels on it', async () => {
    const { author } = await rawPair()
    const muxers = noiseMuxers(faultyLink())
    const other = { protocol: 'other', handshake: null, messages: [] }
    const channels = [muxers.left, muxers.right].map((muxer) => muxer.createChannel(other))
    for (const channel of channels) channel.open()
    expect(await channels[0]!.fullyOpened()).toBe(true)
    author.replicate(muxers.left)
    knockWithoutKey(muxers.right, author.discoveryKey)
    await muxers.destroyed
    await sleep(5)
    expect(channels.map(({ closed }) => closed)).toEqual([true, true])
  })

  it('costs nobody anything on a log that log-core has not attached', async () => {
    const store = await ownStore()
    const log = await store.open('log')
    await log.append(Buffer.from('block'))
    const muxers = noiseMuxers(faultyLink())
    await muxers.opened
    knockWithoutKey(muxers.right, log.discoveryKey)
    await sleep(50)
    expect(muxers.isDestroyed()).toBe(false)
    // The same muxer still serves a log to whoever has its key.
    const replica = await (await ownStore()).openRemote(log.key, { cipherKey: null })
    const second = noiseMuxers(faultyLink())
    log.attach(second.left)
    replica.attach(second.right)
    await grownTo(replica, 1)
  })
})

describe('detachFrom of hypercore', () => {
  it('leaves the channel open: the log goes on replicating', async () => {
    const { author, replica } = await rawPair()
    const muxers = noiseMuxers(faultyLink())
    author.core.replicator.attachTo(muxers.left)
    replica.core.replicator.attachTo(muxers.right)
    expect(await replica.get(0, { timeout: 3000 })).toEqual(Buffer.from('one'))
    author.core.replicator.detachFrom(muxers.left)
    expect(author.core.replicator.attached(muxers.left)).toBe(false)
    expect(author.peers).toHaveLength(1)
    await author.append('four')
    expect(await replica.get(1, { timeout: 3000 })).toEqual(Buffer.from('two'))
    expect(await replica.get(3, { timeout: 3000 })).toEqual(Buffer.from('four'))
  })
})

describe('detach of log-core', () => {
  async function detached(
    when: 'when it runs' | 'before the handshake' | 'before the other side attached',
  ) {
    const store = await ownStore()
    const log = await store.open('log')
    await log.append(Buffer.from('before'))
    const link = faultyLink()
    const muxers = noiseMuxers(link)
    const tap = tapPlain(muxers.left.stream as never)
    const replica = await (await ownStore()).openRemote(log.key)
    if (when === 'when it runs') {
      const attachment = log.attach(muxers.left)
      replica.attach(muxers.right)
      await grownTo(replica, 1)
      await attachment.detach()
    } else if (when === 'before the handshake') {
      const attachment = log.attach(muxers.left)
      await attachment.detach()
      replica.attach(muxers.right)
    } else {
      await muxers.opened
      const attachment = log.attach(muxers.left)
      await sleep(20)
      await attachment.detach()
      replica.attach(muxers.right)
    }
    await sleep(100)
    tap.clear()
    const length = replica.length
    await log.append(Buffer.from('after'))
    await sleep(100)
    return { muxers, tap, gained: replica.length - length, log, replica }
  }

  it.each(['when it runs', 'before the handshake', 'before the other side attached'] as const)(
    'ends replication and keeps the connection, %s',
    async (when) => {
      const { muxers, tap, gained, replica } = await detached(when)
      expect(gained).toBe(0)
      expect(tap.sent.map(({ byteLength }) => byteLength)).toEqual([])
      expect(muxers.isDestroyed()).toBe(false)
      await expect(replica.get(0)).rejects.toMatchObject({
        code: expect.stringMatching(/^BLOCK_/) as string,
      })
    },
  )

  it('can be undone by attaching again on the same connection', async () => {
    const { muxers, log, replica } = await detached('when it runs')
    log.attach(muxers.left)
    replica.attach(muxers.right)
    await grownTo(replica, 2)
    expect(muxers.isDestroyed()).toBe(false)
  })
})

describe('a wait for a block that nobody has', () => {
  it('never ends in hypercore: get, download, and the contiguous length stands at the hole', async () => {
    const { author, replica } = await rawPair()
    // Clearing the first block of a log harms no neighbour, so that this is about the hole alone.
    await author.clear(0)
    const muxers = noiseMuxers(faultyLink())
    author.replicate(muxers.left)
    replica.replicate(muxers.right)
    expect(await replica.get(2, { timeout: 3000 })).toEqual(Buffer.from('three'))
    const download = replica.download({ start: 0, end: 3 })
    const [get, done] = await Promise.all([
      outcome(replica.get(0), 1500),
      outcome(download.done(), 1500),
    ])
    expect([get, done]).toEqual(['waiting', 'waiting'])
    // All else is here by now, which the contiguous length does not tell.
    expect(await replica.get(1, { wait: false })).toEqual(Buffer.from('two'))
    expect([replica.length, replica.contiguousLength]).toEqual([3, 0])
    expect(muxers.isDestroyed()).toBe(false)
    download.destroy()
    const alone = await rawLog(await rawStore(await folder()), { key: author.key })
    expect(await outcome(alone.get(0), 500)).toBe('waiting')
  })

  it('ends in log-core, within about a second, with a code', async () => {
    const store = await ownStore()
    const log = await store.open('log', { cipherKey: null })
    await log.append(['one', 'two', 'three'].map((text) => ({ payload: Buffer.from(text) })))
    await log.evict({ start: 1, end: 2 })
    const replica = await (await ownStore()).openRemote(log.key, { cipherKey: null })
    const muxers = noiseMuxers(faultyLink())
    log.attach(muxers.left)
    replica.attach(muxers.right)
    await grownTo(replica, 3)
    const start = performance.now()
    const unavailable = { error: { code: 'BLOCK_UNAVAILABLE' } }
    expect(await outcome(replica.get(1), 3000)).toMatchObject(unavailable)
    expect(await outcome(replica.download(), 3000)).toMatchObject(unavailable)
    expect(await outcome(replica.getBlocks([0, 1, 2]), 3000)).toMatchObject(unavailable)
    expect(performance.now() - start).toBeLessThan(5000)
    expect(await outcome(replica.get(1, { timeoutMs: 100 }), 1000)).toMatchObject({
      error: { code: expect.stringMatching(/^(WAIT_TIMEOUT|BLOCK_UNAVAILABLE)$/) as string },
    })
    // What can be had is had.
    expect(Buffer.from(await replica.get(2)).toString()).toBe('three')
  })

  it('is never left alone by a connection that falls silent', async () => {
    const store = await ownStore()
    const log = await store.open('log', { cipherKey: null })
    await log.append(Buffer.from('one'))
    const replica = await (await ownStore()).openRemote(log.key, { cipherKey: null })
    const link = faultyLink({ cutStyle: 'silence' })
    const muxers = noiseMuxers(link)
    log.attach(muxers.left)
    replica.attach(muxers.right)
    await grownTo(replica, 1)
    link.cut()
    expect(await outcome(replica.get(0, { timeoutMs: 300 }), 3000)).toMatchObject({
      error: { code: 'WAIT_TIMEOUT' },
    })
    const aborting = new AbortController()
    const waiting = replica.get(0, { signal: aborting.signal })
    aborting.abort(new Error('the user left'))
    expect(await outcome(waiting, 1000)).toMatchObject({ error: { message: 'the user left' } })
  })
})

describe('a peer that drops a block', () => {
  it('is taken by hypercore to have nothing from there on; log-core knows better', async () => {
    const { author, replica } = await rawPair(['one', 'two', 'three', 'four'])
    const muxers = noiseMuxers(faultyLink())
    author.replicate(muxers.left)
    replica.replicate(muxers.right)
    await replica.get(3, { timeout: 3000 })
    const has = (index: number) => replica.peers[0]?._remoteHasBlock(index)
    expect([0, 1, 2].map(has)).toEqual([true, true, true])
    await author.clear(0)
    await expect.poll(() => has(0)).toBe(false)
    expect([1, 2].map(has)).toEqual([false, false])

    const log = await (await ownStore()).open('log', { cipherKey: null })
    await log.append(['one', 'two', 'three'].map((text) => Buffer.from(text)))
    const copy = await (await ownStore()).openRemote(log.key, { cipherKey: null })
    const others = noiseMuxers(faultyLink())
    log.attach(others.left)
    copy.attach(others.right)
    await grownTo(copy, 3)
    await log.evict({ start: 0, end: 1 })
    const reachable = () => copy.reachable({ start: 0, end: 3 })
    await expect.poll(reachable).toEqual([{ start: 1, end: 3 }])
  })
})

describe('Protomux', () => {
  it('takes channels without limit, and keeps what it knows of each', async () => {
    // Contained above log-core, where connections are made: it counts a peer's channels.
    const { left, right } = noiseMuxers(faultyLink())
    const COUNT = 20_000
    const channels = Array.from({ length: COUNT }, (_, i) => {
      const id = Buffer.alloc(32)
      id.writeUInt32LE(i)
      const channel = left.createChannel({
        protocol: 'anything',
        id,
        handshake: null,
        messages: [],
      })
      channel.open()
      return channel
    })
    let paired = 0
    right.pair({ protocol: 'anything' }, (id) => {
      right.createChannel({ protocol: 'anything', id, handshake: null, messages: [] }).open()
      paired++
    })
    while (paired < COUNT) await sleep(5)
    expect(channels.filter(({ closed }) => closed)).toHaveLength(0)
    expect(left.stream.destroyed).toBe(false)
  })
})

describe('purge', () => {
  it('is broken in hypercore', async () => {
    const core = new RawHypercore(await folder())
    await core.append('one')
    await expect(core.purge()).rejects.toBeInstanceOf(TypeError)
    await core.close()
  })

  it('is possible through the storage: a log and all of its blocks go', async () => {
    const store = await rawStore(await folder())
    const core = await rawLog(store)
    await core.append('one')
    const { discoveryKey } = core
    const pointers = core.state.storage.core
    await core.close()
    await store.storage.deleteCore(pointers)
    expect(await store.storage.hasCore(discoveryKey)).toBe(false)
  })
})

async function ownStore(): Promise<Store> {
  const store = await openStore(await folder())
  onTestFinished(() => store.close())
  return store
}

async function grownTo(log: ReadableLog, length: number): Promise<void> {
  for (; log.length < length; await sleep(2)) await log.update()
}
