export {
  type Address,
  assertAddress,
  formatAddress,
  type PathAddress,
  type TcpAddress,
} from './address.ts'
export { dial, listen } from './network.ts'
export type { NetworkErrorCode } from './network-errors.ts'
export { tcpTransport } from './tcp-transport.ts'
export type {
  DialOptions,
  Listener,
  ListenOptions,
  OnConnection,
  Transport,
} from './transport.ts'
export { unixTransport } from './unix-transport.ts'
