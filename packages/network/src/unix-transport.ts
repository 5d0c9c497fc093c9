import fs from 'node:fs/promises'
import { dirname } from 'node:path'
import { isDatagramError } from '@datagram/errors'
import type { PathAddress } from './address.ts'
import { dialSocket } from './socket-dial.ts'
import { networkError } from './network-errors.ts'
import { SocketListener } from './socket-listener.ts'
import { removeStaleSocket } from './stale-socket.ts'
import type { Transport } from './transport.ts'

/** Connections between processes of one machine, over a Unix domain socket. */
export const unixTransport: Transport<PathAddress> = {
  name: 'unix',
  handles: (address): address is PathAddress =>
    typeof address === 'object' && address !== null && 'path' in address,
  async listen({ path }, onConnection, options) {
    await assertFolder(path)
    try {
      return await SocketListener.listen({ path }, onConnection, options)
    } catch (error) {
      if (!isDatagramError(error, 'ADDRESS_IN_USE') || !(await removeStaleSocket(path))) throw error
      return SocketListener.listen({ path }, onConnection, options)
    }
  },
  dial: ({ path }, options) => dialSocket({ path }, options),
}

// Node reports a missing folder as missing rights.
async function assertFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = dirname(path)
  const stat = await fs.stat(folder).catch((error: unknown) => error)
  if (!(stat instanceof Error)) return
  throw networkError(
    'ADDRESS_INVALID',
    `cannot listen at ${path}: create the folder ${folder} first`,
    {
      cause: stat,
      details: { path },
    },
  )
}
