import path from 'node:path'
import { Duplex } from 'node:stream'
import { openStore } from '@datagram/log-core'
import { findBytes } from '@datagram/fault-harness'
import { describe, expect, it } from 'vitest'
import { claimOrigin, Container, openLink } from '@datagram/container'
import { defineInterface, openDatagram } from '../src/index.ts'
import { Datagram } from '../src/datagram.ts'
import { eventually, temporaryFolder } from './temporary-datagram.ts'

const CANARIES = {
  key: 'canary-key-5d1f0c9a7be3',
  value: 'canary-value-81cc02f64d',
  largeValue: 'canary-large-30ab99e1c7',
  streamName: 'canary-stream-77f3e0a4b2',
  title: 'canary-title-1e8d5b60fa',
  fileName: 'canary-file-c40d92b7e6.txt',
  objectId: 'canary-object-9b03d7e51c',
  blob: 'canary-blob-2fa86c0de4',
}
const CONTROL = 'control-plain-4b7e1d2a90'

const files = defineInterface({
  name: 'files',
  contract: 1,
  version: 1,
  open: (stream) => ({
    add: (name: string, body: string) =>
      stream.write((tx) => {
        tx.append(body)
        tx.put(new TextEncoder().encode(name), new Uint8Array([1]))
      }),
  }),
})

async function fill(datagram: Datagram): Promise<void> {
  const kv = await datagram.kv(CANARIES.streamName)
  await kv.set(CANARIES.key, CANARIES.value)
  await kv.set('large', CANARIES.largeValue.repeat(8000))
  await datagram.describe(CANARIES.streamName, { title: CANARIES.title })
  await (await datagram.open('files', files)).add(CANARIES.fileName, CANARIES.value)
  const objects = await datagram.objects('objects')
  const blob = await objects.putBlob(CANARIES.blob.repeat(8000))
  await objects.commit({ objectId: CANARIES.objectId, type: 'note', text: CANARIES.value, blob })
}

/** Two ends of a pipe in memory. */
function pipe(): [Duplex, Duplex] {
  const ends: Duplex[] = []
  const make = (other: () => Duplex | undefined) =>
    new Duplex({
      read: () => undefined,
      write: (chunk, _encoding, done) => {
        other()?.push(chunk)
        done()
      },
      final: (done) => {
        other()?.push(null)
        done()
      },
    })
  ends.push(
    make(() => ends[1]),
    make(() => ends[0]),
  )
  return ends as [Duplex, Duplex]
}

describe('what is stored', () => {
  it('is found nowhere in the store’s files, where a plain log is', async () => {
    const folder = await temporaryFolder()
    const datagram = await openDatagram(folder, { password: 'p' })
    await fill(datagram)
    await datagram.compact()
    await datagram.close()
    // The positive control: a plain log in the same store.
    const store = await openStore(folder, { password: 'p' })
    const plain = await store.open('control', { cipherKey: null })
    await plain.append(new TextEncoder().encode(CONTROL))
    await store.compact()
    await store.close()
    expect(await findBytes(CONTROL, { folder })).not.toEqual([])
    for (const canary of Object.values(CANARIES)) {
      expect(await findBytes(canary, { folder })).toEqual([])
    }
  })
})

describe('what is sent', () => {
  it('is found nowhere on the plain side of the connection, where a plain log is', async () => {
    const home = await temporaryFolder()
    const store = await openStore(path.join(home, 'mine'))
    // The roster is a plain log on the same wire: what is written there must be found.
    const roster = await store.open('roster', { cipherKey: null })
    const container = await Container.open(store)
    const datagram = new Datagram(store, container, {})
    await fill(datagram)
    await roster.append({ kind: 99, payload: new TextEncoder().encode(CONTROL) })

    const copyStore = await openStore(path.join(home, 'copy'))
    await claimOrigin(copyStore, await openLink(await datagram.share()), undefined)
    const copy = new Datagram(copyStore, await Container.open(copyStore), {})

    const seen: Uint8Array[] = []
    const tap = (_direction: string, bytes: Uint8Array) => void seen.push(Uint8Array.from(bytes))
    const [left, right] = pipe()
    await datagram.replicate(left, { initiator: true, tap })
    await (await copy.replicate(right, { initiator: false })).rootAgreed()
    await copy.update()
    const kv = await eventually(() => copy.kv(CANARIES.streamName).catch(() => undefined))
    expect(await kv.get(CANARIES.key)).toBe(CANARIES.value)
    await copy.close()
    await datagram.close()

    expect(await findBytes(CONTROL, { buffers: seen })).not.toEqual([])
    for (const canary of Object.values(CANARIES)) {
      expect(await findBytes(canary, { buffers: seen })).toEqual([])
    }
  })
})
