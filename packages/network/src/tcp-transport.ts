import type { TcpAddress } from './address.ts'
import { dialSocket } from './socket-dial.ts'
import { SocketListener } from './socket-listener.ts'
import type { Transport } from './transport.ts'

/** Connections over TCP, to any machine that can be reached. */
export const tcpTransport: Transport<TcpAddress> = {
  name: 'tcp',
  handles: (address): address is TcpAddress =>
    typeof address === 'object' && address !== null && 'port' in address,
  listen: (address, onConnection, options) =>
    SocketListener.listen({ host: address.host, port: address.port }, onConnection, options),
  dial: (address, options) => dialSocket({ host: address.host, port: address.port }, options),
}
