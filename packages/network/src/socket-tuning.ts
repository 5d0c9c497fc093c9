import type net from 'node:net'

// When nothing is said for so long, the system asks whether the other machine is still there.
const KEEP_ALIVE_AFTER_MS = 30_000

/** Sets what every connection has: small messages leave at once, and dead peers are noticed. */
export function tuneSocket(socket: net.Socket): void {
  socket.setNoDelay(true)
  socket.setKeepAlive(true, KEEP_ALIVE_AFTER_MS)
  // An error without a listener ends the process. Whoever has the connection hears of it too, since
  // every listener is called and `close` follows.
  socket.on('error', () => undefined)
}
