import { describe, expect, it } from 'vitest'
import { openServer } from './open-server.ts'
import { Wire } from './wire.ts'

describe('the protocol', () => {
  it('answers inline commands, arrays, and pieces of them as they come', async () => {
    await using opened = await openServer()
    using wire = await Wire.open(opened.port)
    expect(await wire.ask('SET a "x y"\r\n', '\n')).toBe('+OK\r\n')
    expect(await wire.ask('*2\r\n$3\r\nGET\r\n$1\r\na\r\n', 'y\r\n')).toBe('$3\r\nx y\r\n')
    wire.received = ''
    for (const byte of '*2\r\n$3\r\nGET\r\n$1\r\na\r\n') wire.send(byte)
    await wire.until(() => wire.received.endsWith('x y\r\n'), 'the answer came')
    const pipeline = 'INCR n\r\n'.repeat(100)
    const answers = await wire.ask(pipeline, ':100\r\n')
    expect(answers.split('\r\n')).toHaveLength(101)
  })

  it('speaks RESP3 after HELLO 3', async () => {
    await using opened = await openServer()
    using wire = await Wire.open(opened.port)
    expect(await wire.ask('HELLO 3\r\n', '*0\r\n')).toMatch(/^%7\r\n/)
    await wire.ask('HSET h f v\r\n', '\n')
    expect(await wire.ask('HGETALL h\r\n', 'v\r\n')).toBe('%1\r\n$1\r\nf\r\n$1\r\nv\r\n')
    expect(await wire.ask('GET none\r\n', '\n')).toBe('_\r\n')
    await wire.ask('ZADD z 1.5 a\r\n', '\n')
    expect(await wire.ask('ZSCORE z a\r\n', '\n')).toBe(',1.5\r\n')
    expect(await wire.ask('SMEMBERS none\r\n', '\n')).toBe('~0\r\n')
  })

  it.each([
    ['*a\r\n', 'invalid multibulk length'],
    ['*1048577\r\n', 'invalid multibulk length'],
    ['*1\r\n$-5\r\n', 'invalid bulk length'],
    ['*1\r\n$2000000000\r\n', 'invalid bulk length'],
    ['*1\r\nfoo\r\n', "expected '$', got 'f'"],
    ['set "a\r\n', 'unbalanced quotes in request'],
    ['set """a""" b\r\n', 'unbalanced quotes in request'],
    ['x'.repeat(70_000), 'too big inline request'],
  ])('closes a client that breaks it, and no other (%#)', async (sent, text) => {
    await using opened = await openServer()
    using good = await Wire.open(opened.port)
    using bad = await Wire.open(opened.port)
    bad.send(sent)
    await bad.until(() => bad.closed, 'the connection was closed')
    expect(bad.received).toBe(`-ERR Protocol error: ${text}\r\n`)
    expect(await good.ask('PING\r\n', '\n')).toBe('+PONG\r\n')
  })

  it('asks for the password, and bounds who has not given it', async () => {
    await using opened = await openServer({ password: 'secret' })
    using wire = await Wire.open(opened.port)
    expect(await wire.ask('GET a\r\n', '\n')).toBe('-NOAUTH Authentication required.\r\n')
    expect(await wire.ask('AUTH wrong\r\n', '\n')).toMatch(/^-WRONGPASS/)
    expect(await wire.ask('AUTH secret\r\n', '\n')).toBe('+OK\r\n')
    expect(await wire.ask('GET a\r\n', '\n')).toBe('$-1\r\n')
    using greedy = await Wire.open(opened.port)
    greedy.send('*100\r\n')
    await greedy.until(() => greedy.closed, 'the connection was closed')
    expect(greedy.received).toMatch(/unauthenticated multibulk length/)
  })

  it("tells of its commands' errors as Redis does", async () => {
    await using opened = await openServer()
    using wire = await Wire.open(opened.port)
    await wire.ask('LPUSH l a\r\n', '\n')
    const errors: readonly (readonly [string, string])[] = [
      ['GET', "-ERR wrong number of arguments for 'get' command\r\n"],
      ['NONE a', "-ERR unknown command 'NONE', with args beginning with: 'a' \r\n"],
      ['INCR l', '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n'],
      ['SET a b EX x', '-ERR value is not an integer or out of range\r\n'],
      ['SET a b XY', '-ERR syntax error\r\n'],
      ['EXEC', '-ERR EXEC without MULTI\r\n'],
      ['SELECT 16', '-ERR DB index is out of range\r\n'],
    ]
    for (const [sent, answer] of errors) {
      expect(await wire.ask(`${sent}\r\n`, '\n')).toBe(answer)
    }
  })

  it('holds commands back while CLIENT PAUSE says so', async () => {
    await using opened = await openServer()
    using pauser = await Wire.open(opened.port)
    using writer = await Wire.open(opened.port)
    expect(await pauser.ask('CLIENT PAUSE 100000 WRITE\r\n', '\n')).toBe('+OK\r\n')
    expect(await writer.ask('GET a\r\n', '\n')).toBe('$-1\r\n')
    writer.received = ''
    writer.send('SET a 1\r\nGET a\r\n')
    const clients = () => pauser.ask('INFO clients\r\n*1\r\n$4\r\nPING\r\n', 'PONG\r\n')
    await expect.poll(clients, { timeout: 30_000 }).toContain('blocked_clients:1\r')
    expect(writer.received).toBe('')
    expect(await pauser.ask('CLIENT UNPAUSE\r\n', '\n')).toBe('+OK\r\n')
    await writer.until(() => writer.received === '+OK\r\n$1\r\n1\r\n', 'what was held is answered')
    expect(await pauser.ask('CLIENT PAUSE x\r\n', '\n')).toMatch(/^-ERR timeout is not an integer/)
    expect(await pauser.ask('CLIENT PAUSE 50\r\n', '\n')).toBe('+OK\r\n')
    expect(await writer.ask('GET a\r\n', '1\r\n')).toBe('$1\r\n1\r\n')
  })
})
