import { acknowledge, childOptions } from '@datagram/fault-harness'
import { openStore } from '@datagram/log-core'
import { openIndex } from '../../src/open-index.ts'
import { frameOperations, replay, SIZES } from './journal.ts'

const { folder, frames } = childOptions<{ folder: string; frames: number }>()
const store = await openStore(folder)
const data = await store.open('data')
const index = await openIndex(await store.open('index'), SIZES)
await replay(data, index)
for (let i = 0; i < frames; i++) {
  await index.ready()
  const number = await data.append(Uint8Array.of(1))
  const { stamp } = await data.getBlock(number)
  index.apply(frameOperations(number), { position: number + 1, stamp })
  acknowledge(number)
}
