import { once } from 'node:events'
import net from 'node:net'
import { Random } from '@datagram/fault-harness'

/** A server on the loopback that speaks no Datagram. */
export interface StubbornPeer extends AsyncDisposable {
  readonly host: '127.0.0.1'
  readonly port: number
}

/** How a server that speaks no Datagram answers. */
export const stubbornAnswers: Readonly<Record<string, (socket: net.Socket) => void>> = {
  'says nothing': () => undefined,
  'hangs up': (socket) => socket.destroy(),
  'speaks HTTP': (socket) => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
  'sends back what it gets': (socket) => socket.pipe(socket),
  'sends noise': (socket) => {
    const random = new Random(1)
    const timer = setInterval(() => socket.write(random.bytes(1000)), 5)
    socket.on('close', () => clearInterval(timer))
  },
}

/** Starts one; `answer` gets every connection. */
export async function stubbornPeer(answer: (socket: net.Socket) => void): Promise<StubbornPeer> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    // The other side leaves as it likes.
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    answer(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: '127.0.0.1',
    port: (server.address() as net.AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      if (server.listening) await once(server, 'close')
    },
  }
}
