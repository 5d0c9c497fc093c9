// Opens a corestore and reads the length of its log.
import { createRequire } from 'node:module'
import { acknowledge, childOptions } from '@datagram/fault-harness'

const require = createRequire(import.meta.url)
const Corestore = require('corestore') as {
  new (storage: object): { get(options: object): { ready(): Promise<void>; length: number } }
}
const HypercoreStorage = require('hypercore-storage') as {
  new (folder: string, settings: object): object
}

const { folder, settings } = childOptions<{ folder: string; settings: object }>()
const core = new Corestore(new HypercoreStorage(folder, settings)).get({ name: 'log' })
acknowledge('opening')
await core.ready()
acknowledge(core.length)
process.exit(0)
