import net from 'node:net'
import type { Duplex } from 'node:stream'
import { isDatagramError } from '@datagram/errors'
import { bounded } from '@datagram/log-core'
import { type Address, formatAddress, type PathAddress, type TcpAddress } from './address.ts'
import { networkError } from './network-errors.ts'
import { tuneSocket } from './socket-tuning.ts'
import { dialError } from './system-errors.ts'
import { DIAL_TIMEOUT_MS, type DialOptions } from './transport.ts'

/** Connects with node:net, to a TCP address or a path. */
export async function dialSocket(
  address: TcpAddress | PathAddress,
  { signal, timeoutMs = DIAL_TIMEOUT_MS }: DialOptions = {},
): Promise<Duplex> {
  signal?.throwIfAborted()
  const socket = net.connect({ ...address })
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', (cause) => reject(dialError(address, cause)))
  })
  tuneSocket(socket)
  try {
    await bounded(connected, 'connecting', { signal, timeoutMs })
  } catch (error) {
    socket.destroy()
    throw isDatagramError(error, 'WAIT_TIMEOUT') ? dialTimedOut(address, timeoutMs, error) : error
  }
  return socket
}

/** The error of somebody who did not answer in time. */
export function dialTimedOut(address: Address, timeoutMs: number, cause: Error): Error {
  return networkError(
    'CONNECTION_TIMEOUT',
    `${formatAddress(address)} did not answer within ${timeoutMs} ms; check the address and the firewalls, or give a larger timeoutMs`,
    { cause, details: { ...address, timeoutMs } },
  )
}
