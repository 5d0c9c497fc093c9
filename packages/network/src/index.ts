export {
  type Address,
  assertAddress,
  formatAddress,
  type PathAddress,
  type TcpAddress,
  type WebSocketAddress,
} from './address.ts'
export { dial, listen } from './network.ts'
export type { NetworkErrorCode } from './network-errors.ts'
export { Backoff, type BackoffOptions } from './backoff.ts'
export { joinSwarm, type OnPeer, type Swarm, type SwarmOptions } from './swarm.ts'
export { tcpTransport } from './tcp-transport.ts'
export type {
  DialOptions,
  Listener,
  ListenOptions,
  OnConnection,
  Transport,
} from './transport.ts'
export { unixTransport } from './unix-transport.ts'
export { webSocketTransport } from './web-socket-transport.ts'
