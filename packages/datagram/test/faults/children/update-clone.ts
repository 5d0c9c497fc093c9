import { childOptions } from '@datagram/fault-harness'
import { type Address, cloneDatagram } from '../../../src/index.ts'

// Brings a clone to the newest state; killed on the way.
const { folder, link, connect } = childOptions<{
  folder: string
  link: string
  connect: readonly Address[]
}>()
const copy = await cloneDatagram(link, folder, { connect })
await copy.update()
await copy.close()
