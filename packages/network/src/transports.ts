import type { Address } from './address.ts'
import { tcpTransport } from './tcp-transport.ts'
import type { Transport } from './transport.ts'
import { unixTransport } from './unix-transport.ts'
import { webSocketTransport } from './web-socket-transport.ts'

const transports = [tcpTransport, unixTransport, webSocketTransport] as readonly Transport[]

/** The transport of an address that `assertAddress` has let pass. */
export function transportOf(address: Address): Transport {
  return transports.find((one) => one.handles(address)) as Transport
}
