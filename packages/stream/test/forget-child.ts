import { childOptions } from '@datagram/fault-harness'
import { openStore } from '@datagram/log-core'
import { defineInterface, type InterfaceStream, openStream } from '../src/index.ts'

// Forgets a key, and then takes what was dropped off the disk; killed on the way.
const plain = defineInterface({
  name: 'plain',
  contract: 1,
  version: 1,
  open: (stream: InterfaceStream) => ({ stream }),
})
const { folder } = childOptions<{ folder: string }>()
const store = await openStore(folder)
const data = await store.open('stream/data', { cipherKey: new Uint8Array(32).fill(1) })
const index = await store.open('stream/index', { cipherKey: new Uint8Array(32).fill(2) })
const stream = await openStream({ name: 'stream', data, index, definition: plain })
await stream.main.forget(new TextEncoder().encode('secret'))
await store.compact()
await stream.close()
await store.close()
