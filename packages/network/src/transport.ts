import type { Duplex } from 'node:stream'
import type { WaitOptions } from '@datagram/log-core'
import type { Address } from './address.ts'

/**
 * One way to make connections. A connection is a plain duplex stream of bytes; encrypting it and
 * telling who is at the other end is the multiplexer's work, so a transport has nothing to secure.
 */
export interface Transport<A = Address> {
  /** Short name for messages and statistics: `tcp`, `unix`, `websocket`. */
  readonly name: string
  /** Whether an address is of this transport's kind. */
  handles(address: unknown): address is A
  /** Listens at `address`; resolves when others can dial it. */
  listen(address: A, onConnection: OnConnection, options?: ListenOptions): Promise<Listener<A>>
  /** Connects to somebody who listens; resolves when the connection stands. */
  dial(address: A, options?: DialOptions): Promise<Duplex>
}

/**
 * Takes a connection that somebody has dialled. If it throws or rejects, that connection is destroyed
 * with the error and the listener goes on.
 */
export type OnConnection = (connection: Duplex) => void | Promise<void>

export interface ListenOptions {
  /**
   * Most connections at one time, default 256. More are closed as soon as they are made. A connection
   * costs a file descriptor, of which a process has 1,024 on many systems, and up to a few MiB of
   * buffers while it is busy; 256 leave the store three quarters of the descriptors.
   */
  readonly connectionsMax?: number
}

/** Default `timeoutMs` of a dial. */
export const DIAL_TIMEOUT_MS = 10_000

/** Default `timeoutMs`: 10,000, over which `CONNECTION_TIMEOUT` is thrown. */
export interface DialOptions extends WaitOptions {}

/** Somebody who listens. */
export interface Listener<A = Address> extends AsyncDisposable {
  /**
   * Where to dial it. A listener on all addresses (`0.0.0.0`, `::`) names the loopback address, since
   * nobody can dial "all". Throws `LISTENER_CLOSED` after close.
   */
  address(): A
  /** Connections that are open now. */
  readonly connectionCount: number
  /** Connections that were closed at once because `connectionsMax` was reached. */
  readonly refusedCount: number
  /** Stops listening and destroys every connection that came in here; idempotent. */
  close(): Promise<void>
}
