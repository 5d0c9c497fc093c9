import { once } from 'node:events'
import net from 'node:net'

/** A bare connection: what is sent and received are bytes. */
export class Wire {
  readonly socket: net.Socket
  received = ''
  closed = false

  private constructor(socket: net.Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.closed = true
    })
  }

  static async open(port: number): Promise<Wire> {
    const socket = net.connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Wire(socket)
  }

  send(text: string): void {
    this.socket.write(Buffer.from(text, 'latin1'))
  }

  /** Sends, and gives what was received once that ends in `ending`. */
  async ask(text: string, ending: string): Promise<string> {
    this.received = ''
    this.send(text)
    await this.until(() => this.received.endsWith(ending), `${JSON.stringify(ending)} came`)
    return this.received
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    for (const end = Date.now() + 20_000; Date.now() < end; ) {
      if (condition()) return
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    throw new Error(`it took too long until ${what}; received ${JSON.stringify(this.received)}`)
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}
