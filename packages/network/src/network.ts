import type { Duplex } from 'node:stream'
import { type Address, assertAddress, isPathAddress } from './address.ts'
import { tcpTransport } from './tcp-transport.ts'
import type { DialOptions, Listener, ListenOptions, OnConnection } from './transport.ts'
import { unixTransport } from './unix-transport.ts'

/**
 * Listens at a TCP address or a path and calls back for each connection.
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
  return isPathAddress(address)
    ? unixTransport.listen(address, onConnection, options)
    : tcpTransport.listen(address, onConnection, options)
}

/**
 * Connects to somebody who listens at `address`; `timeoutMs` defaults to 10,000.
 *
 * Throws `CONNECTION_REFUSED`, `CONNECTION_TIMEOUT`, `CONNECTION_FAILED`, `ADDRESS_INVALID`,
 * `ADDRESS_FORBIDDEN`, `ADDRESS_NOT_FOUND`, or the signal's reason.
 */
export async function dial(address: Address, options?: DialOptions): Promise<Duplex> {
  assertAddress(address, 'dial')
  return isPathAddress(address)
    ? unixTransport.dial(address, options)
    : tcpTransport.dial(address, options)
}
