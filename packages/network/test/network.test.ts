import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import type { Duplex } from 'node:stream'
import { isDatagramError } from '@datagram/errors'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Address, dial, formatAddress, type Listener, listen } from '../src/index.ts'

async function temporaryFolder(): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-network-'))
  onTestFinished(() => fs.rm(folder, { recursive: true, force: true }))
  return folder
}

async function echoListener(address: Address): Promise<Listener> {
  const listener = await listen(address, (connection) => {
    connection.pipe(connection)
  })
  onTestFinished(() => listener.close())
  return listener
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isDatagramError(error))
    throw new Error('it did not reject with a coded error', { cause: error })
  expect(error.message).toMatch(/[;:]/)
  return error.code
}

async function echoed(connection: Duplex, text: string): Promise<string> {
  connection.write(text)
  const [chunk] = (await once(connection, 'data')) as [Buffer]
  return chunk.toString()
}

describe.each([
  ['TCP', async (): Promise<Address> => ({ host: '127.0.0.1', port: 0 })],
  ['a WebSocket', async (): Promise<Address> => ({ url: 'ws://127.0.0.1:0/datagram' })],
  ['a path', async (): Promise<Address> => ({ path: path.join(await temporaryFolder(), 's') })],
])('over %s', (_name, freshAddress) => {
  test('bytes go both ways, and the address of the listener can be dialled', async () => {
    const listener = await echoListener(await freshAddress())
    const connection = await dial(listener.address())
    expect(await echoed(connection, 'hello')).toBe('hello')
    expect(listener.connectionCount).toBe(1)
    connection.destroy()
  })

  test('an address in use is refused with a code and its cause', async () => {
    const listener = await echoListener(await freshAddress())
    const again = listen(listener.address(), () => undefined)
    await expect(again).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      cause: { code: 'EADDRINUSE' },
      details: listener.address(),
    })
  })

  test('closing destroys the connections, refuses new ones, and may be said twice', async () => {
    const listener = await echoListener(await freshAddress())
    const address = listener.address()
    const connection = await dial(address)
    await echoed(connection, 'x')
    const closed = once(connection, 'close')
    await Promise.all([listener.close(), listener.close()])
    await closed
    expect(() => listener.address()).toThrow(expect.objectContaining({ code: 'LISTENER_CLOSED' }))
    expect(await codeOf(dial(address))).toBe('CONNECTION_REFUSED')
  })

  test('over connectionsMax a connection is closed at once, and those that are there go on', async () => {
    const listener = await listen(await freshAddress(), (one) => void one.pipe(one), {
      connectionsMax: 2,
    })
    onTestFinished(() => listener.close())
    const first = await dial(listener.address())
    const second = await dial(listener.address())
    expect(await echoed(second, 'b')).toBe('b')
    const third = await dial(listener.address())
    third.resume()
    await once(third, 'close')
    expect(listener.refusedCount).toBe(1)
    expect(await echoed(first, 'a')).toBe('a')
    first.destroy()
    second.destroy()
  })

  test('a handler that throws or rejects costs its own connection only', async () => {
    let calls = 0
    const listener = await listen(await freshAddress(), (one) => {
      calls++
      if (calls === 1) throw new Error('thrown')
      if (calls === 2) return Promise.reject(new Error('rejected'))
      one.pipe(one)
      return undefined
    })
    onTestFinished(() => listener.close())
    for (let i = 0; i < 2; i++) {
      const one = await dial(listener.address())
      one.resume()
      await once(one, 'close')
    }
    const connection = await dial(listener.address())
    expect(await echoed(connection, 'still here')).toBe('still here')
    connection.destroy()
  })
})

describe('dial', () => {
  test('nobody there: CONNECTION_REFUSED', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 }, () => undefined)
    const address = listener.address()
    await listener.close()
    expect(await codeOf(dial(address))).toBe('CONNECTION_REFUSED')
    expect(await codeOf(dial({ path: path.join(await temporaryFolder(), 'none') }))).toBe(
      'CONNECTION_REFUSED',
    )
  })

  test('no answer: CONNECTION_TIMEOUT, and an aborted signal ends the wait', async () => {
    const address = await silentListener()
    // The system takes a few connections on the listener's behalf; then its queue is full.
    const codes = new Set<string | undefined>()
    for (let i = 0; i < 8 && !codes.has('CONNECTION_TIMEOUT'); i++) {
      const dialling = dial(address, { timeoutMs: 200 })
      codes.add(
        await dialling.then(
          (one) => void one.destroy(),
          (error) => error.code,
        ),
      )
    }
    expect([...codes].sort()).toEqual(['CONNECTION_TIMEOUT', undefined])
    const controller = new AbortController()
    const dialling = dial(address, { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 20)
    await expect(dialling).rejects.toThrow('enough')
  })

  test('an aborted signal ends it, before and during', async () => {
    const reason = new Error('enough')
    await expect(
      dial({ host: '192.0.2.1', port: 9 }, { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason)
    const controller = new AbortController()
    const dialling = dial({ host: '127.0.0.1', port: 1 }, { signal: controller.signal })
    controller.abort(reason)
    await expect(dialling).rejects.toBe(reason)
  })

  test('a name that nobody has: ADDRESS_NOT_FOUND', async () => {
    expect(await codeOf(dial({ host: 'nobody.invalid', port: 9 }))).toBe('ADDRESS_NOT_FOUND')
  })
})

describe('addresses', () => {
  test.each(['0.0.0.0', '::'])('a listener on %s names the loopback address', async (host) => {
    const listener = await listen({ host, port: 0 }, (one) => void one.pipe(one)).catch((error) => {
      // A machine without IPv6 has no such address; there is then nothing to be named.
      if (host === '::' && error.code === 'ADDRESS_INVALID') return undefined
      throw error
    })
    const address = listener?.address() ?? { host: '::1', port: 1 }
    expect(address).toMatchObject({ host: host === '::' ? '::1' : '127.0.0.1' })
    if (listener === undefined) return
    onTestFinished(() => listener.close())
    const connection = await dial(address)
    expect(await echoed(connection, 'hi')).toBe('hi')
    connection.destroy()
  })

  test.each([
    [undefined],
    [null],
    ['127.0.0.1:80'],
    [{}],
    [{ host: '127.0.0.1' }],
    [{ port: 80 }],
    [{ path: 5 }],
    [{ path: '/tmp/x', port: 80, host: 'localhost' }],
    [{ host: '127.0.0.1', port: '80' }],
    [{ url: 5 }],
    [{ url: 'ws://127.0.0.1:1', port: 1 }],
  ])('%j is a TypeError', async (address) => {
    await expect(dial(address as never)).rejects.toThrow(TypeError)
    await expect(listen(address as never, () => undefined)).rejects.toThrow(TypeError)
  })

  test.each([
    [{ host: '127.0.0.1', port: -1 }],
    [{ host: '127.0.0.1', port: 65_536 }],
    [{ host: '127.0.0.1', port: 1.5 }],
    [{ host: '127.0.0.1', port: Number.NaN }],
    [{ host: '', port: 80 }],
    [{ path: '' }],
    [{ url: '' }],
    [{ url: 'http://127.0.0.1:1' }],
    [{ url: 'ws://127.0.0.1:1/#x' }],
    [{ path: 'a\0b' }],
    [{ path: `/tmp/${'x'.repeat(300)}` }],
  ])('%j is ADDRESS_INVALID', async (address) => {
    expect(await codeOf(dial(address))).toBe('ADDRESS_INVALID')
    expect(await codeOf(listen(address, () => undefined))).toBe('ADDRESS_INVALID')
  })

  test('port 0 is for listening only', async () => {
    expect(await codeOf(dial({ host: '127.0.0.1', port: 0 }))).toBe('ADDRESS_INVALID')
  })

  test('an address of another machine, or a folder that is not there: ADDRESS_INVALID', async () => {
    expect(await codeOf(listen({ host: '192.0.2.1', port: 0 }, () => undefined))).toBe(
      'ADDRESS_INVALID',
    )
    const nowhere = path.join(await temporaryFolder(), 'no', 'such')
    expect(await codeOf(listen({ path: nowhere }, () => undefined))).toBe('ADDRESS_INVALID')
  })

  test('are written as people write them', () => {
    expect(formatAddress({ url: 'ws://127.0.0.1:80/x' })).toBe('ws://127.0.0.1:80/x')
    expect(formatAddress({ host: '127.0.0.1', port: 80 })).toBe('127.0.0.1:80')
    expect(formatAddress({ host: '::1', port: 80 })).toBe('[::1]:80')
    expect(formatAddress({ path: '/tmp/s' })).toBe('/tmp/s')
  })

  test.each([0, -1, 1.5, Number.NaN])(
    'connectionsMax %d is a TypeError',
    async (connectionsMax) => {
      const listening = listen({ host: '127.0.0.1', port: 0 }, () => undefined, { connectionsMax })
      await expect(listening).rejects.toThrow(TypeError)
    },
  )
})

describe('a WebSocket', () => {
  test('carries large pieces both ways, and ends when one side does', async () => {
    const listener = await echoListener({ url: 'ws://127.0.0.1:0' })
    const connection = await dial(listener.address())
    const sent = Buffer.alloc(5_000_000, 7)
    connection.write(sent)
    let received = 0
    for await (const chunk of connection) {
      received += (chunk as Buffer).byteLength
      if (received === sent.byteLength) break
    }
    expect(received).toBe(sent.byteLength)
  })

  test('that is cut ends with an error, not as if it were closed', async () => {
    const listener = await echoListener({ url: 'ws://127.0.0.1:0' })
    const { port } = new URL((listener.address() as { url: string }).url)
    const sockets: net.Socket[] = []
    const between = net.createServer((socket) => {
      sockets.push(socket)
      socket.pipe(net.connect(Number(port), '127.0.0.1')).pipe(socket)
    })
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void between.close())
    const through = (between.address() as net.AddressInfo).port
    const connection = await dial({ url: `ws://127.0.0.1:${through}` })
    connection.resume()
    const failed = once(connection, 'error')
    for (const socket of sockets) socket.destroy()
    await failed
  })

  test('on another path, or where no WebSocket is, is refused', async () => {
    const listener = await echoListener({ url: 'ws://127.0.0.1:0/here' })
    const { url } = listener.address() as { url: string }
    expect(await codeOf(dial({ url: url.replace('here', 'there') }))).toBe('CONNECTION_FAILED')
    expect(await codeOf(listen({ url: 'wss://127.0.0.1:0' }, () => undefined))).toBe(
      'ADDRESS_INVALID',
    )
  })
})

describe('a path', () => {
  test('with the socket of a killed process is listened at again', async () => {
    const file = path.join(await temporaryFolder(), 's')
    await leaveStaleSocket(file)
    expect((await fs.lstat(file)).isSocket()).toBe(true)
    const listener = await echoListener({ path: file })
    const connection = await dial(listener.address())
    expect(await echoed(connection, 'again')).toBe('again')
    connection.destroy()
  })

  test('with a plain file is refused, and the file stays', async () => {
    const file = path.join(await temporaryFolder(), 'precious')
    await fs.writeFile(file, 'keep me')
    expect(await codeOf(listen({ path: file }, () => undefined))).toBe('ADDRESS_IN_USE')
    expect(await fs.readFile(file, 'utf8')).toBe('keep me')
  })
})

// What a killed process leaves: the file of a socket to which nobody listens any more. A hard link
// keeps the file when the server, closing, removes it.
async function leaveStaleSocket(file: string): Promise<void> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(file, resolve))
  await fs.link(file, `${file}-kept`)
  await new Promise((resolve) => server.close(resolve))
  await fs.rename(`${file}-kept`, file)
}

// A process that listens and then never looks who is there.
async function silentListener(): Promise<Address> {
  const program = `require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, function () {
    require('node:fs').writeSync(1, String(this.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return { host: '127.0.0.1', port: Number(port.toString()) }
}
