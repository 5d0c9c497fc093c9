// Opens a corestore and holds it.
import { acknowledge, childOptions } from '@datagram/fault-harness'
import { createRequire } from 'node:module'

const Corestore = createRequire(import.meta.url)('corestore') as {
  new (folder: string): { ready(): Promise<void> }
}
await new Corestore(childOptions<{ folder: string }>().folder).ready()
acknowledge('open')
setInterval(() => undefined, 1000)
