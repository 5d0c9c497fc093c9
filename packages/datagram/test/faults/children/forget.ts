import { subscribe } from 'node:diagnostics_channel'
import { acknowledge, childOptions } from '@datagram/fault-harness'
import { openDatagram } from '../../../src/index.ts'
import { forgetMuch } from '../forgetting-work.ts'

// Forgets, updates, compacts; killed on the way, or to tell which steps there are.
const { folder, tellsSteps } = childOptions<{ folder: string; tellsSteps: boolean }>()
if (tellsSteps) {
  subscribe('datagram.step', (message) => {
    acknowledge((message as { step: string }).step)
  })
}
const datagram = await openDatagram(folder)
await forgetMuch(datagram)
await datagram.close()
