import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { faultyLink, temporaryFolder } from '@datagram/fault-harness'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Log, openStore, type Store } from '../../src/index.ts'
import { noiseMuxers, type RawCore, rawLog, rawStore } from './raw-hypercore.ts'

// What a peer that knows a log's key can do to hypercore 11.37.1 with one message, and what it comes to in
// log-core: the peer's connection.

/** A request for a hash beyond the log's end, together with a seek. */
const strayRequest = {
  id: 1,
  fork: 0,
  block: null,
  hash: { index: 1000, nodes: 0 },
  seek: { bytes: 1, padding: 0 },
  upgrade: null,
}

interface Wire {
  send(message: object): void
}
/** The channels' messages of a raw peer, by name. */
type Wires = Readonly<
  Record<'wireRequest' | 'wireRange' | 'wireBitfield' | 'wireSync' | 'wireWant', Wire>
>

describe('hypercore alone', () => {
  it('never closes its store after a request for a hash beyond the log’s end', async () => {
    // In a process of its own, which is left with a store that does not close.
    await using folder = await temporaryFolder()
    const program = `
      import Corestore from 'corestore'
      const [author, other] = ['a', 'b'].map((name) => new Corestore(process.argv[1] + '/' + name))
      const log = author.get({ name: 'log' })
      await log.append(['one', 'two', 'three'])
      const copy = other.get({ key: log.key })
      await copy.ready()
      const [left, right] = [log.replicate(true), copy.replicate(false)]
      for (const stream of [left, right]) stream.on('error', () => undefined)
      left.pipe(right).pipe(left)
      while (copy.peers.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      const asked = new Promise((resolve) => log.core.replicator.peers[0].stream.on('close', resolve))
      let invalid = 0
      log.core.replicator._oninvalidrequest = () => invalid++
      copy.peers[0].wireRequest.send(${JSON.stringify(strayRequest)})
      while (invalid === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      left.destroy()
      await asked
      const late = new Promise((resolve) => setTimeout(resolve, 2000, 'open'))
      console.log(await Promise.race([author.close().then(() => 'closed'), late]))
      process.exit(0)
    `
    const args = ['--input-type=module', '-e', program, folder.path]
    const cwd = new URL('../..', import.meta.url)
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd })
    expect(stdout.trim()).toBe('open')
  })
})

describe('a peer loses its connection, and the store closes,', () => {
  it.each<[string, (wires: Wires) => void]>([
    [
      'by a request for a hash that is not there',
      ({ wireRequest }) => wireRequest.send(strayRequest),
    ],
    [
      'by a request for blocks that are not there',
      ({ wireRequest }) =>
        wireRequest.send({
          ...strayRequest,
          hash: null,
          seek: null,
          upgrade: { start: 0, length: 4 },
        }),
    ],
    [
      'by a request for no block',
      ({ wireRequest }) =>
        wireRequest.send({
          ...strayRequest,
          hash: null,
          seek: null,
          upgrade: { start: 2, length: 0 },
        }),
    ],
    [
      'by telling of a length that no log has',
      ({ wireSync }) =>
        wireSync.send({
          fork: 0,
          length: 2 ** 50,
          remoteLength: 0,
          canUpgrade: true,
          uploading: true,
        }),
    ],
    [
      'by a range of more blocks than memory can hold',
      ({ wireRange }) => wireRange.send({ drop: false, start: 1, length: 2 ** 50 }),
    ],
    [
      'by many ranges of more than can be held',
      ({ wireRange }) => {
        for (let i = 0; i <= 2 ** 14; i++) {
          wireRange.send({ drop: false, start: i * 2 ** 16 + 1, length: 1 })
        }
      },
    ],
    [
      'by bits far beyond any log',
      ({ wireBitfield }) => wireBitfield.send({ start: 2 ** 45, bitfield: new Uint32Array([1]) }),
    ],
    [
      'by wanting what is far beyond any log',
      ({ wireWant }) => wireWant.send({ start: 2 ** 45, length: 32, any: false }),
    ],
  ])('%s', async (_how, act) => {
    const store = await ownStore()
    const log = await store.open('log', { cipherKey: null })
    await log.append(['one', 'two', 'three'].map((text) => Buffer.from(text)))
    const { muxers, wires } = await hostilePeer(log)
    act(wires)
    await muxers.destroyed
    await store.close()
  })

  it('an honest one does not, whatever it asks for meanwhile', async () => {
    const store = await ownStore()
    const log = await store.open('log', { cipherKey: null })
    await log.append(Array.from({ length: 100 }, (_, i) => Buffer.from(`${i}`)))
    await log.evict({ start: 10, end: 20 })
    const { muxers, copy } = await hostilePeer(log)
    await expect.poll(() => copy.length, { timeout: 30_000 }).toBe(100)
    for (const index of [0, 9, 20, 50, 99]) {
      expect(await copy.get(index, { timeout: 30_000 })).toBeTruthy()
    }
    await log.append(Buffer.from('late'))
    await expect.poll(() => copy.length, { timeout: 30_000 }).toBe(101)
    expect(muxers.isDestroyed()).toBe(false)
  })
})

async function ownStore(): Promise<Store> {
  const folder = await temporaryFolder()
  const store = await openStore(folder.path)
  onTestFinished(async () => {
    await store.close()
    await folder[Symbol.asyncDispose]()
  })
  return store
}

/** A stock replica of the log, connected, and what it can be made to say. */
async function hostilePeer(log: Log) {
  const folder = await temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const copy: RawCore = await rawLog(await rawStore(folder.path), { key: log.key })
  const muxers = noiseMuxers(faultyLink())
  log.attach(muxers.left)
  copy.replicate(muxers.right)
  await expect.poll(() => copy.peers.length, { timeout: 30_000 }).toBe(1)
  return { muxers, copy, wires: copy.peers[0] as unknown as Wires }
}
