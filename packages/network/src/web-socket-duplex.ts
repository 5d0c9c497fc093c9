import { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'

/** Options of both sides: no compression, since what is sent is sealed; pieces up to what Noise can frame. */
export const webSocketOptions = { perMessageDeflate: false, maxPayload: 32 * 1024 * 1024 } as const

// Bytes that may wait for a slow reader before writing pauses.
const BUFFERED_BYTES_MAX = 4 * 1024 * 1024
const OPEN = 1
const FAREWELL_MS = 1000
// In the numbers of RFC 6455: the connection went, and nobody had said goodbye.
const CLOSED_WITHOUT_A_WORD = 1006

/** A WebSocket as a duplex stream of bytes. Its messages have no meaning of their own. */
export function webSocketDuplex(socket: WebSocket): Duplex {
  socket.binaryType = 'nodebuffer'
  const duplex: Duplex = new Duplex({
    allowHalfOpen: false,
    read: () => socket.resume(),
    write: (chunk: Uint8Array, _encoding, done) => {
      if (socket.readyState !== OPEN) return done(new Error('the WebSocket is closed'))
      const isFull = socket.bufferedAmount > BUFFERED_BYTES_MAX
      socket.send(chunk, (error) => {
        if (isFull || error) done(error ?? null)
      })
      if (!isFull) done()
      return undefined
    },
    final: (done) => {
      socket.close()
      done()
    },
    destroy: (error, done) => {
      // A goodbye, as a socket's end is one; the other side may be too far gone to answer.
      socket.close()
      setTimeout(() => socket.terminate(), FAREWELL_MS).unref()
      done(error)
    },
  })
  socket.on('message', (data: Buffer) => {
    if (!duplex.push(data)) socket.pause()
  })
  socket.on('close', (code) => {
    if (duplex.destroyed) return
    if (code === CLOSED_WITHOUT_A_WORD) duplex.destroy(new Error('the WebSocket was cut'))
    else duplex.push(null)
  })
  socket.on('error', (error) => duplex.destroy(error))
  // An error without a listener ends the process, as in `tuneSocket`.
  duplex.on('error', () => undefined)
  return duplex
}
