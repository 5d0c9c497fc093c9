import type { Duplex } from 'node:stream'
import { isDatagramError } from '@datagram/errors'
import { bounded } from '@datagram/log-core'
import type { WebSocketAddress } from './address.ts'
import { dialTimedOut } from './socket-dial.ts'
import { dialError } from './system-errors.ts'
import { DIAL_TIMEOUT_MS, type DialOptions, type Transport } from './transport.ts'
import { webSocketDuplex, webSocketOptions } from './web-socket-duplex.ts'
import { WebSocketListener } from './web-socket-listener.ts'

/** Connections through whatever lets WebSockets pass. The library is loaded when it is first used. */
export const webSocketTransport: Transport<WebSocketAddress> = {
  name: 'websocket',
  handles: (address): address is WebSocketAddress =>
    typeof address === 'object' && address !== null && 'url' in address,
  listen: ({ url }, onConnection, options) =>
    WebSocketListener.listen({ url }, onConnection, options),
  dial: ({ url }, options) => dialWebSocket({ url }, options),
}

async function dialWebSocket(
  address: WebSocketAddress,
  { signal, timeoutMs = DIAL_TIMEOUT_MS }: DialOptions = {},
): Promise<Duplex> {
  signal?.throwIfAborted()
  const { WebSocket } = await import('ws')
  const socket = new WebSocket(address.url, webSocketOptions)
  // Before it is open: what the other side says at once must not be lost.
  const duplex = webSocketDuplex(socket)
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', (cause) => reject(dialError(address, cause)))
  })
  try {
    await bounded(connected, 'connecting', { signal, timeoutMs })
  } catch (error) {
    duplex.destroy()
    throw isDatagramError(error, 'WAIT_TIMEOUT') ? dialTimedOut(address, timeoutMs, error) : error
  }
  return duplex
}
