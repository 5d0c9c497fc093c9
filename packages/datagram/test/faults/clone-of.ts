import { expect } from 'vitest'
import { cloneDatagram, type Datagram } from '../../src/index.ts'
import { contentsOf } from './contents.ts'

/** Clones a datagram over TCP into `folder`, and expects all of it to be there. */
export async function expectSameAsClone(datagram: Datagram, folder: string): Promise<void> {
  const server = await datagram.listen({ host: '127.0.0.1', port: 0 })
  await using clone = await cloneDatagram(await datagram.share(), folder, {
    connect: [server.address()],
  })
  await server.close()
  expect(await contentsOf(clone)).toEqual(await contentsOf(datagram))
}
