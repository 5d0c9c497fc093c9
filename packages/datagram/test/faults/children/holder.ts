// Opens a datagram and holds it until it is killed.
import { acknowledge, childOptions } from '@datagram/fault-harness'
import { openDatagram } from '../../../src/index.ts'

await openDatagram(childOptions<string>())
acknowledge('open')
setInterval(() => undefined, 1000)
