import { acknowledge, childOptions } from '@datagram/fault-harness'
import { openStore } from '@datagram/log-core'
import b4a from 'b4a'
import { defineInterface, type InterfaceStream, openStream } from '../src/index.ts'

// Appends objects and counts them in an entry, in one transaction each, until it is killed.
const { folder } = childOptions<{ folder: string }>()
const plain = defineInterface({
  name: 'plain',
  contract: 1,
  version: 1,
  open: (stream: InterfaceStream) => ({ stream }),
})
const store = await openStore(folder)
const data = await store.open('stream/data', { cipherKey: b4a.alloc(32, 1) })
const index = await store.open('stream/index', { cipherKey: b4a.alloc(32, 2) })
const { main } = await openStream({ name: 's', data, index, definition: plain })

const append = async () => {
  const count = await main.write(async (tx) => {
    const before = Number(b4a.toString((await tx.get(b4a.from('count'))) ?? b4a.from('0')))
    tx.append(new Uint8Array(before % 11 === 10 ? 600_000 : before % 300).fill(before))
    tx.put(b4a.from('count'), b4a.from(String(before + 1)))
    return before + 1
  })
  acknowledge(count)
}

for (;;) await Promise.all([append(), append(), append()])
