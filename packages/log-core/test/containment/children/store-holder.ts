// Opens a store, appends a block, and holds the store.
import { acknowledge, childOptions } from '@datagram/fault-harness'
import { openStore } from '../../../src/index.ts'

const { folder, password } = childOptions<{ folder: string; password: string }>()
const store = await openStore(folder, { password })
await (await store.open('log')).append(Buffer.from('block'))
acknowledge('open')
setInterval(() => undefined, 1000)
