// Clones a datagram into a folder, and says how far it is and when it is done.
import { acknowledge, childOptions } from '@datagram/fault-harness'
import { cloneDatagram } from '../../../src/index.ts'

export interface ClonerOptions {
  readonly folder: string
  readonly link: string
  readonly port: number
}

const { folder, link, port } = childOptions<ClonerOptions>()
const datagram = await cloneDatagram(link, folder, {
  connect: [{ host: '127.0.0.1', port }],
  onProgress: ({ blocksDone }) => acknowledge({ blocksDone }),
})
acknowledge({ cloned: true })
await datagram.close()
