import { childOptions } from '@datagram/fault-harness'
import { openDatagram } from '../../../src/index.ts'

// Forgets something in a stream that was keyed anew; killed on the way.
const { folder } = childOptions<{ folder: string }>()
const datagram = await openDatagram(folder)
await (await datagram.kv('map')).forget('secret')
await datagram.close()
