import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { DeliveryShuffle, faultyLink, faultyProxy, Random } from '../src/index.ts'

// Not `for await`: that would destroy the stream, and with it the direction that is still open.
async function readAll(stream: Duplex): Promise<Buffer> {
  const pieces = collect(stream)
  await once(stream, 'end')
  return Buffer.concat(pieces)
}

/** Resolves with the error's code, or undefined, once the stream is closed. */
function closed(stream: Duplex): Promise<string | undefined> {
  let code: string | undefined
  stream.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code
  })
  return new Promise((resolve) => stream.once('close', () => resolve(code)))
}

function collect(stream: Duplex): Uint8Array[] {
  const pieces: Uint8Array[] = []
  stream.on('data', (piece: Uint8Array) => pieces.push(piece))
  return pieces
}

describe('a faulty link without faults', () => {
  it('carries bytes both ways, to their end', async () => {
    const { a, b, traffic } = faultyLink()
    const bytes = new Random(1).bytes(300_000)
    const [atB, atA] = [readAll(b), readAll(a)]
    a.end(bytes)
    b.write('x')
    b.end('y')
    expect((await atB).equals(bytes)).toBe(true)
    expect((await atA).toString()).toBe('xy')
    expect(traffic).toMatchObject({ bytesToA: 2, bytesToB: 300_000, bytes: 300_002 })
  })

  it('does not mind a writer that uses its buffer again', async () => {
    const { a, b } = faultyLink({ delayMs: 5 })
    const atB = readAll(b)
    const buffer = Buffer.from('first')
    a.write(buffer)
    buffer.fill('x')
    a.end()
    expect((await atB).toString()).toBe('first')
  })

  it('tells the other end when one is destroyed', async () => {
    const gone = faultyLink()
    const atB = readAll(gone.b)
    gone.a.destroy()
    expect((await atB).byteLength).toBe(0)
    const reset = faultyLink()
    const code = closed(reset.b)
    reset.a.on('error', () => undefined)
    reset.a.destroy(new Error('the process died'))
    expect(await code).toBe('ECONNRESET')
    const late = faultyLink()
    const lateCode = closed(late.b)
    late.a.destroy()
    await once(late.a, 'close')
    late.b.write('is anybody there?')
    expect(await lateCode).toBe('ECONNRESET')
  })
})

describe('a slow link', () => {
  it('delays, and keeps the order in spite of jitter', async () => {
    const { a, b } = faultyLink({ delayMs: 30, jitterMs: 20, pieceBytesMax: 50 })
    const atB = readAll(b)
    const bytes = new Random(2).bytes(2000)
    const start = performance.now()
    for (let i = 0; i < 20; i++) a.write(bytes.subarray(i * 100, i * 100 + 100))
    a.end()
    expect((await atB).equals(bytes)).toBe(true)
    expect(performance.now() - start).toBeGreaterThanOrEqual(29)
  })

  it('carries no more than its bandwidth, and makes the sender wait', async () => {
    const { a, b } = faultyLink({ bytesPerSecond: 1_000_000, bufferBytes: 20_000 })
    const atB = readAll(b)
    const start = performance.now()
    for (let i = 0; i < 15; i++) {
      if (!a.write(Buffer.alloc(10_000))) await once(a, 'drain')
    }
    expect(performance.now() - start).toBeGreaterThan(60)
    a.end()
    expect((await atB).byteLength).toBe(150_000)
    expect(performance.now() - start).toBeGreaterThanOrEqual(149)
  })

  it('waits for a reader that does not read', async () => {
    const { a, b } = faultyLink({ bufferBytes: 50_000 })
    let accepted = 0
    for (let i = 0; i < 100; i++) a.write(Buffer.alloc(10_000), () => accepted++)
    await sleep(50)
    expect(accepted).toBeLessThan(30)
    expect((await Promise.all([readAll(b), a.end()]))[0].byteLength).toBe(1_000_000)
  })

  it('counts round trips by what was said after what was heard', async () => {
    const { a, b, traffic } = faultyLink({ delayMs: 10 })
    b.on('data', (piece: Buffer) => b.write(piece))
    const answers = collect(a)
    const answer = async (questions: number) => {
      answers.length = 0
      for (let i = 0; i < questions; i++) a.write(`question ${i}`)
      while (answers.length < questions) await once(a, 'data')
    }
    await answer(1)
    expect(traffic.roundTrips).toBe(1)
    traffic.reset()
    await answer(8)
    expect(traffic.roundTrips).toBe(1)
    traffic.reset()
    for (let i = 0; i < 3; i++) await answer(1)
    expect(traffic).toMatchObject({ roundTrips: 3, flights: 6, bytesToA: 30, bytesToB: 30 })
  })

  it('lets messages of different links overtake one another, from one seed', async () => {
    const arrivals = async (seed: number) => {
      const reorder = new DeliveryShuffle(new Random(seed))
      const order: string[] = []
      const links = ['x', 'y', 'z'].map((name) => {
        const link = faultyLink({ reorder })
        link.b.on('data', (piece: Buffer) => order.push(`${name}${piece}`))
        for (let i = 0; i < 5; i++) link.a.write(String(i))
        return link
      })
      while (order.length < 15) await sleep(1)
      for (const { a } of links) a.destroy()
      return order
    }
    const order = await arrivals(11)
    expect(order).toEqual(await arrivals(11))
    expect(order).not.toEqual(await arrivals(12))
    for (const name of ['x', 'y', 'z']) {
      expect(order.filter((one) => one.startsWith(name))).toEqual(
        [0, 1, 2, 3, 4].map((i) => `${name}${i}`),
      )
    }
    expect(order).not.toEqual([...order].sort())
  })
})

describe('a link that is cut', () => {
  it('ends at the chosen byte', async () => {
    const link = faultyLink({ cutAfterBytes: 1234, pieceBytesMax: 100 })
    const codes = [closed(link.a), closed(link.b)]
    const pieces = collect(link.b)
    link.a.write(Buffer.alloc(5000, 1))
    expect(await Promise.all(codes)).toEqual(['ECONNRESET', 'ECONNRESET'])
    expect(Buffer.concat(pieces).byteLength).toBe(1234)
    expect(link.isCut).toBe(true)
    expect(link.traffic.bytes).toBe(1234)
  })

  it('ends at a random byte, the same for the same seed', async () => {
    const cutAt = async (seed: number) => {
      const link = faultyLink({ seed, cutAtRandom: { from: 100, to: 4000 } })
      const codes = [closed(link.a), closed(link.b)]
      const pieces = collect(link.b)
      link.a.write(Buffer.alloc(5000, 1))
      await Promise.all(codes)
      return Buffer.concat(pieces).byteLength
    }
    const at = await cutAt(5)
    expect(at).toBeGreaterThanOrEqual(100)
    expect(at).toBeLessThan(4000)
    expect(await cutAt(5)).toBe(at)
    expect(await cutAt(6)).not.toBe(at)
  })

  it('may end without an error, or fall silent', async () => {
    const ended = faultyLink({ cutAfterBytes: 10, cutStyle: 'end' })
    const atB = readAll(ended.b)
    ended.a.on('data', () => undefined).write(Buffer.alloc(50, 1))
    expect((await atB).byteLength).toBe(10)
    const silent = faultyLink({ cutAfterBytes: 10, cutStyle: 'silence' })
    const pieces = collect(silent.b)
    silent.a.write(Buffer.alloc(50, 1))
    await sleep(20)
    expect(Buffer.concat(pieces).byteLength).toBe(10)
    expect([silent.a.destroyed, silent.b.destroyed]).toEqual([false, false])
    silent.a.destroy()
    silent.b.destroy()
  })
})

describe('a faulty proxy', () => {
  it('passes connections on, and cuts so many of them', async () => {
    const bytes = new Random(3).bytes(100_000)
    const server = createServer((socket: Socket) => {
      socket.on('error', () => undefined)
      socket.end(bytes)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await using proxy = await faultyProxy(
      { port },
      { seed: 7, cutAtRandom: { from: 1, to: 90_000 }, cutsMax: 3 },
    )
    const outcomes: string[] = []
    for (let i = 0; i < 5; i++) {
      const socket = connect(proxy.port, proxy.host)
      const pieces = collect(socket)
      const code = await closed(socket)
      const received = Buffer.concat(pieces)
      expect(received.equals(bytes.subarray(0, received.byteLength))).toBe(true)
      outcomes.push(
        received.byteLength === bytes.byteLength && code === undefined ? 'whole' : 'cut',
      )
    }
    expect(outcomes).toEqual(['cut', 'cut', 'cut', 'whole', 'whole'])
    expect(proxy).toMatchObject({ connections: 5, cuts: 3 })
    expect(proxy.bytes).toBeGreaterThanOrEqual(200_000)
    server.close()
  })

  it('cuts what is open when told to, and ends a connection to nobody', async () => {
    const server = createServer((socket: Socket) => socket.on('error', () => undefined)).listen(
      0,
      '127.0.0.1',
    )
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await using proxy = await faultyProxy({ port })
    const socket = connect(proxy.port, proxy.host)
    const code = closed(socket)
    await once(server, 'connection')
    proxy.cutAll()
    expect(await code).toBe('ECONNRESET')
    server.close()
    await once(server, 'close')
    const refused = connect(proxy.port, proxy.host)
    expect(await closed(refused)).toBe('ECONNRESET')
  })
})
