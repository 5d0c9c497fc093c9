import type { Duplex } from 'node:stream'
import { type Address, assertAddress } from './address.ts'
import type { DialOptions, Listener, ListenOptions, OnConnection } from './transport.ts'
import { transportOf } from './transports.ts'

/**
 * Listens at a TCP address, a path or a WebSocket's URL and calls back for each connection.
 *
 * Throws `ADDRESS_IN_USE`, `ADDRESS_INVALID`, `ADDRESS_FORBIDDEN`, `ADDRESS_NOT_FOUND`,
 * `LISTENER_FAILED`. The socket file that a killed process left at a path is replaced.
 */
export async function listen(
  address: Address,
  onConnection: OnConnection,
  options?: ListenOptions,
): Promise<Listener> {
  assertAddress(address, 'listen')
  return transportOf(address).listen(address, onConnection, options)
}

/**
 * Connects to somebody who listens at `address`; `timeoutMs` defaults to 10,000.
 *
 * Throws `CONNECTION_REFUSED`, `CONNECTION_TIMEOUT`, `CONNECTION_FAILED`, `ADDRESS_INVALID`,
 * `ADDRESS_FORBIDDEN`, `ADDRESS_NOT_FOUND`, or the signal's reason.
 */
export async function dial(address: Address, options?: DialOptions): Promise<Duplex> {
  assertAddress(address, 'dial')
  return transportOf(address).dial(address, options)
}
